/** `ginnel api` against an edge as it comes: its own authority, its API below its own name, the key of the first start. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { AgentProcess } from "../support/agent-process.ts";
import { jsonIn } from "../support/api-command.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { type NameProxy, socksNameProxy } from "../support/name-proxy.ts";
import { runProgram } from "../support/run-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);

let edge: EdgeProcess;
let names: NameProxy;
let folder: TemporaryFolder;
beforeAll(async () => {
  edge = await EdgeProcess.start();
  names = socksNameProxy();
  folder = new TemporaryFolder();
  await Bun.write(folder.file("ca.pem"), edge.caPem);
  await Bun.write(folder.file("g.yml"), config(edge.apiKey));
});
afterAll(async () => {
  names[Symbol.dispose]();
  folder[Symbol.dispose]();
  await edge[Symbol.asyncDispose]();
});

function config(apiKey: string): string {
  const lines = [`server_addr: ${EDGE_DOMAIN}:${edge.ports.https}`, "root_cas: ca.pem", `api_key: ${apiKey}`];
  return ["version: 2", `proxy_url: socks5://127.0.0.1:${names.port}`, ...lines, ""].join("\n");
}

/** The status line and the document of `api` with these words. */
async function api(line: string): Promise<readonly [string, ReturnType<typeof jsonIn>]> {
  const { stdout, stderr } = await runProgram(`--config=g.yml api ${line}`, { home: folder.path });
  return [stderr, jsonIn(stdout)];
}

test("ginnel api finds the API of the edge by the edge's own address, and is let in with the first key", async () => {
  const [status, account] = await api("account get");
  expect([status, account?.["id"]]).toEqual(["200 OK\n", expect.stringMatching(/^acct?_/)]);
  expect(names.asked).toContain(`api.${EDGE_DOMAIN}:${edge.ports.https}`);
});

test("ginnel api reserves a name, and finds the endpoint of the agent that binds it by a filter", async () => {
  const host = `mine.${EDGE_DOMAIN}`;
  expect(await api(`reserved-domains create --domain ${host}`)).toEqual([
    "201 Created\n",
    expect.objectContaining({ domain: host }),
  ]);
  const argv = ["http", "--url", `https://${host}`, "1", "--config=agent.yml"];
  const files = {
    "agent.yml": `version: 2\nauthtoken: ${EDGE_TOKEN}\nserver_addr: 127.0.0.1:${edge.ports.https}\nroot_cas: ca.pem\n`,
    "ca.pem": edge.caPem,
  };
  await using agent = await AgentProcess.start(argv, { files });
  await agent.url();
  const [status, page] = await api(`endpoints list --filter=obj.host=="${host}"&&"public"in\tobj.bindings`);
  expect([status, page?.["endpoints"]]).toEqual(["200 OK\n", [expect.objectContaining({ host, type: "ephemeral" })]]);
  expect((await api(`endpoints list --filter=obj.host!="${host}"`))[1]?.["endpoints"]).toEqual([]);
});

test("ginnel api is refused with the key of another edge", async () => {
  const key = edge.apiKey.replace(/^./, (letter) => (letter === "0" ? "1" : "0"));
  const [status, refusal] = await api(`account get --api-key ${key}`);
  expect([status, refusal?.["status_code"]]).toEqual(["401 Unauthorized\n", 401]);
});
