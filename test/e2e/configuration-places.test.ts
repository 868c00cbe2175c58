/** Where an agent takes its settings and tunnels from: places of files, several files, the environment, and what `start` chooses. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { AgentProcess, type LogEntry } from "../support/agent-process.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { runProgram } from "../support/run-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { visit } from "../support/visit.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);

let edge: EdgeProcess;
let upstream: Bun.Server<undefined>;
beforeAll(async () => {
  upstream = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("here I am") });
  edge = await EdgeProcess.start();
});
afterAll(async () => {
  await Promise.all([edge[Symbol.asyncDispose](), upstream.stop(true)]);
});

const server = (): string => `127.0.0.1:${edge.ports.https}`;

/** The way to the edge, as lines of a file of version 2. */
const reach = (): string => `version: 2\nauthtoken: ${EDGE_TOKEN}\nserver_addr: "${server()}"\nroot_cas: ca.pem\n`;

/** Tunnels under these names, as the end of a file of version 2. */
const tunnels = (...names: readonly string[]): string =>
  ["tunnels:", ...names.map((name) => `  ${name}: { proto: http, addr: ${upstream.port}, subdomain: ${name} }`)].join(
    "\n",
  );

interface Machine {
  readonly files: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

function start(argv: readonly string[], { files, env = {} }: Machine): Promise<AgentProcess> {
  return AgentProcess.start(["start", ...argv], { files: { ...files, "ca.pem": edge.caPem }, env });
}

/** The public names of the tunnels that are online, once there are so many. */
async function labelsOf(agent: AgentProcess, count: number): Promise<readonly string[]> {
  const labels: string[] = [];
  await agent.log.find((line) => {
    const { msg, url = "" } = JSON.parse(line) as LogEntry; // our own log
    if (msg === "started tunnel") labels.push(new URL(url).hostname.replace(`.${EDGE_DOMAIN}`, ""));
    return labels.length === count ? true : undefined;
  });
  return labels.toSorted();
}

async function expectServed(label: string): Promise<void> {
  const { status, body } = await visit(`${label}.${EDGE_DOMAIN}`, { port: edge.ports.https, caPem: edge.caPem });
  expect([status, body.toString()]).toEqual([200, "here I am"]);
}

describe("an agent finds its file", () => {
  const OWN = ".config/ginnel/ginnel.yml";
  const NGROK_3 = ".config/ngrok/ngrok.yml";
  const NGROK_2 = ".ngrok2/ngrok.yml";

  test.each([
    ["of ginnel before those of ngrok", [NGROK_2, NGROK_3, OWN], {}, OWN],
    ["of ngrok 3 before that of ngrok 2", [NGROK_2, NGROK_3], {}, NGROK_3],
    ["of ngrok 2", [NGROK_2], {}, NGROK_2],
    ["below XDG_CONFIG_HOME", [OWN, "xdg/ngrok/ngrok.yml"], { XDG_CONFIG_HOME: "xdg" }, "xdg/ngrok/ngrok.yml"],
    ["that NGROK_CONFIG names", [OWN, "a.yml", "b.yml"], { NGROK_CONFIG: "a.yml", GINNEL_CONFIG: "b.yml" }, "a.yml"],
    ["that GINNEL_CONFIG names", [OWN, "b.yml"], { GINNEL_CONFIG: "b.yml" }, "b.yml"],
  ])("%s", async (_, paths, variables, expected) => {
    using home = new TemporaryFolder();
    const files = paths.map((path, at) => [path, `${reach()}${tunnels(`place-${at}`)}`] as const);
    await Promise.all(files.map(([path, text]) => Bun.write(home.file(path), text)));
    const named = Object.entries(variables).map(([name, path]) => [name, home.file(path)]);
    await using agent = await start(["--all"], { files: {}, env: { HOME: home.path, ...Object.fromEntries(named) } });
    const label = `place-${paths.indexOf(expected)}`;
    expect(await labelsOf(agent, 1)).toEqual([label]);
    expect((await agent.logged("open config file"))["path"]).toBe(home.file(expected));
    await expectServed(label);
    expect(agent.stderr.lines).toEqual([]);
  });
});

describe("start", () => {
  const files = (): Machine["files"] => ({ "ginnel.yml": reach() + tunnels("one", "two", "three") });
  const CONFIG = "--config=ginnel.yml";

  test.each([
    ["names", ["three", "one", CONFIG], ["one", "three"]],
    ["names before and behind flags", ["two", CONFIG, "one"], ["one", "two"]],
    ["a name twice", ["two", "two", CONFIG], ["two"]],
    ["--all", ["--all", CONFIG], ["one", "three", "two"]],
  ])("starts what it is told by %s, and nothing else", async (_, argv, expected) => {
    await using agent = await start(argv, { files: files() });
    expect(await labelsOf(agent, expected.length)).toEqual(expected);
    for (const label of expected) await expectServed(label);
    expect(await agent.end()).toBe(0);
    await agent.log.ended;
    expect(agent.log.lines.filter((line) => line.includes('"started tunnel"'))).toHaveLength(expected.length);
  });

  test("--none holds a session without tunnels, until it is told to stop", async () => {
    await using agent = await start(["--none", CONFIG], { files: files() });
    await agent.logged("client session established");
    expect(await agent.end()).toBe(0);
    await agent.log.ended;
    expect(agent.log.lines.filter((line) => line.includes('"started tunnel"'))).toEqual([]);
    expect(agent.stderr.lines).toEqual([]);
  });

  test.each([
    ["nothing", "start", "Name the tunnels to start, or give --all or --none."],
    ["a name and --all", "start one --all", "only one of them"],
    ["--all and --none", "start --all --none", "only one of them"],
    ["--all without a tunnel", "start --all", "There is no tunnel to start"],
    ["an unknown name", "start four", "Tunnel 'four' is not defined"],
  ])("refuses %s", async (choice, line, words) => {
    using home = new TemporaryFolder();
    const isEmpty = choice.endsWith("without a tunnel");
    await Bun.write(home.file("ginnel.yml"), isEmpty ? reach() : reach() + tunnels("one"));
    const { code, stdout, stderr } = await runProgram(`${line} ${CONFIG}`, { home: home.path });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(words);
  });

  test("joins the tunnels and settings of several files, the later one over the earlier", async () => {
    const machine = {
      files: {
        "master.yml": reach().replace(EDGE_TOKEN, "outdated") + tunnels("shared", "master"),
        "project.yml": `authtoken: ${EDGE_TOKEN}\ntunnels:\n  shared: { proto: http, addr: ${upstream.port}, subdomain: newer, bind_tls: true }`,
        "last.yml": `version: 3\nagent: {}\nendpoints:\n  - { name: last, url: https://last.${EDGE_DOMAIN}, upstream: { url: ${upstream.port} } }`,
      },
    };
    await using agent = await start(["--all", "--config=master.yml,project.yml", "--config", "last.yml"], machine);
    expect(await labelsOf(agent, 3)).toEqual(["last", "master", "newer"]);
    for (const label of ["last", "master", "newer"]) await expectServed(label);
    const opened = agent.log.lines
      .map((line) => JSON.parse(line) as LogEntry)
      .filter(({ msg }) => msg === "open config file"); // our own log
    expect(opened.map(({ path }) => path)).toEqual(["master.yml", "project.yml", "last.yml"]);
  });
});

describe("settings", () => {
  const WRONG = "wrong-token";
  const RIGHT = EDGE_TOKEN;

  test.each([
    ["the file alone", RIGHT, {}, []],
    ["NGROK_AUTHTOKEN over the file", WRONG, { NGROK_AUTHTOKEN: RIGHT }, []],
    ["GINNEL_AUTHTOKEN over NGROK_AUTHTOKEN", WRONG, { NGROK_AUTHTOKEN: WRONG, GINNEL_AUTHTOKEN: RIGHT }, []],
    ["--authtoken over the environment", WRONG, { GINNEL_AUTHTOKEN: WRONG }, [`--authtoken=${RIGHT}`]],
  ])("take the authtoken of %s", async (_, token, env, flags) => {
    const files = { "ginnel.yml": reach().replace(EDGE_TOKEN, token) + tunnels("web") };
    await using agent = await start(["web", "--config=ginnel.yml", ...flags], { files, env });
    expect(await labelsOf(agent, 1)).toEqual(["web"]);
  });

  test.each(["NGROK", "GINNEL"])("may all come from variables: %s_…", async (prefix) => {
    const env = {
      [`${prefix}_AUTHTOKEN`]: EDGE_TOKEN,
      [`${prefix}_SERVER_ADDR`]: server(),
      [`${prefix}_ROOT_CAS`]: "ca.pem",
    };
    await using agent = await AgentProcess.start(["http", String(upstream.port)], {
      env,
      files: { "ca.pem": edge.caPem },
    });
    const { hostname } = new URL(await agent.url());
    await expectServed(hostname.replace(`.${EDGE_DOMAIN}`, ""));
  });

  test.each([
    ["ginnel", "config add-authtoken"],
    ["ngrok", "authtoken"],
  ])("that %s %s and the like have saved let the next agent in", async (name, command) => {
    using home = new TemporaryFolder();
    await Bun.write(home.file("ca.pem"), edge.caPem);
    for (const line of [`${command} ${EDGE_TOKEN}`, `config add-server-addr ${server()}`]) {
      const { code, stderr } = await runProgram(line, { home: home.path, name });
      expect([code, stderr]).toEqual([0, ""]);
    }
    const path = home.file(".config/ginnel/ginnel.yml");
    expect(readFileSync(path, "utf8")).toContain(EDGE_TOKEN);
    expect((await runProgram("config check", { home: home.path, name })).stdout).toBe(
      `Valid configuration file at ${path}\n`,
    );
    await using agent = await AgentProcess.start(["http", String(upstream.port), "--root-cas", home.file("ca.pem")], {
      env: { HOME: home.path },
    });
    expect(await agent.url()).toContain(`.${EDGE_DOMAIN}:`);
  });
});
