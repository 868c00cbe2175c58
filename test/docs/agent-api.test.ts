/** The examples of docs/agent-api.md, run in a shell against the program, one after the other as a reader would. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { AgentProcess } from "../support/agent-process.ts";
import { visit } from "../support/visit.ts";
import { blocksOf, readPage } from "./page.ts";

const START_MS = 60_000;
const DOCUMENTED = { api: "http://127.0.0.1:4040", port: "8080" };

interface Example {
  readonly command: string;
  /** What is printed; empty for nothing. */
  readonly printed: string;
}

const examples: readonly Example[] = blocksOf(await readPage("docs/agent-api.md"))
  .filter(({ language, mark }) => language === "console" && mark === "api")
  .flatMap(({ text }) => text.split(/^\$ /m).slice(1))
  .map((part) => {
    const [command = "", ...printed] = part.split("\n");
    return { command, printed: printed.join("\n").trim() };
  });

const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("yes") });
let agent: AgentProcess;
let base: string;
/** Of the first captured request, once there is one. */
let id = "";

beforeAll(async () => {
  agent = await AgentProcess.start(["start", "--none"]);
  base = `http://${(await agent.logged("starting web service"))["addr"]}`;
  await agent.logged("client session established");
}, START_MS);

afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await upstream.stop(true);
});

test("the examples of the agent API are there", () => {
  expect(examples.length).toBeGreaterThan(10);
});

test.each(examples.map(({ command, printed }) => [command, printed] as const))(
  "the examples of the agent API print what stands there: %s",
  async (command, printed) => {
    const output = await shell(here(command));
    if (printed === "") expect(output).toBe("");
    else expect(JSON.parse(output)).toEqual(patternOf(JSON.parse(here(printed))));
    if (id === "") await visitOnce();
  },
);

/** In place of the addresses that the page names. */
function here(text: string): string {
  return text.replaceAll(DOCUMENTED.api, base).replaceAll(DOCUMENTED.port, String(upstream.port));
}

async function shell(command: string): Promise<string> {
  const child = Bun.spawn(["sh", "-c", command], {
    env: { PATH: process.env["PATH"], HOME: agent.folder.path, ID: id },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  return await child.stdout.text();
}

/** The visitor that the page tells of. */
async function visitOnce(): Promise<void> {
  const url = new URL(await agent.url("web (http)"));
  const request = { path: "/hello?a=1", method: "POST", headers: { "Content-Length": "4" }, body: Buffer.from("text") };
  expect((await visit(url.hostname, { port: Number(url.port), ...request })).status).toBe(200);
  const list = await (await fetch(`${base}/api/requests/http`)).text();
  [, id = ""] = /"id":"(airt_\w+)"/.exec(list) ?? [];
  expect(id).not.toBe("");
}

/** What is printed may have further members. `…` is anything; numbers are measurements, but for those that have a meaning. */
function patternOf(example: unknown, key = ""): unknown {
  if (Array.isArray(example)) return example.map((item: unknown) => patternOf(item, key));
  if (typeof example === "object" && example !== null) {
    const members = Object.entries(example).map(([name, value]) => [name, patternOf(value, name)]);
    return expect.objectContaining(Object.fromEntries(members));
  }
  if (typeof example === "number" && /^(duration|rate\d+|p\d\d)$/.test(key)) return expect.any(Number);
  if (typeof example !== "string" || !example.includes("…")) return example;
  const parts = example.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return expect.stringMatching(new RegExp(`^${parts.join("[^]+")}$`));
}
