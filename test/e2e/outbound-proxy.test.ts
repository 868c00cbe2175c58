/** The agent's way to its edge through a proxy: from the file and from the environment, with and without credentials. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import type { Listening } from "../../src/net/tcp-listen.ts";
import { portOf } from "../support/agent-of-edge.ts";
import { AgentProcess, type LogEntry } from "../support/agent-process.ts";
import { byteRelay } from "../support/byte-relay.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { type RunningProxy, startDante, startTinyproxy } from "../support/forward-proxies.ts";
import { httpNameProxy, socksNameProxy } from "../support/name-proxy.ts";
import { echo, RawUpstream } from "../support/raw-upstream.ts";
import { RecordingListener } from "../support/recording-listener.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);
const FAILED = "failed to reconnect session";

let edge: EdgeProcess;
let upstream: RawUpstream;
let tinyproxy: RunningProxy;
let withLogin: RunningProxy;
let dante: RunningProxy;
beforeAll(async () => {
  upstream = new RawUpstream();
  [edge, tinyproxy, withLogin, dante] = await Promise.all([
    EdgeProcess.start(),
    startTinyproxy(),
    startTinyproxy("me pass-word"),
    startDante(),
  ]);
});
afterAll(async () => {
  await Promise.all([edge, tinyproxy, withLogin, dante].map((program) => program[Symbol.asyncDispose]()));
  upstream[Symbol.dispose]();
});

interface Way {
  /** Lines of the configuration file. */
  readonly file: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A `tcp` agent that finds its way in the file and the environment alone. */
function start({ file, env = {} }: Way): Promise<AgentProcess> {
  return AgentProcess.start(["tcp", String(upstream.port), "--config=agent.yml"], {
    env,
    files: { "agent.yml": file.join("\n"), "ca.pem": edge.caPem },
  });
}

const version2 = (proxy: string, server = `127.0.0.1:${edge.ports.https}`): string[] => [
  'version: "2"',
  `authtoken: ${EDGE_TOKEN}`,
  `server_addr: "${server}"`,
  "root_cas: ca.pem",
  ...(proxy === "" ? [] : [`proxy_url: ${proxy}`]),
];

const byName = (): string => `${EDGE_DOMAIN}:${edge.ports.https}`;

/** A visitor is served. */
async function expectServed(agent: AgentProcess): Promise<void> {
  const visitor = await dialTcp({ host: "127.0.0.1", port: portOf(await agent.url()) }, { timeoutMs: 5_000 });
  const heard = new RecordingListener(visitor);
  visitor.write(Buffer.from("ping"));
  echo(await upstream.next());
  await heard.until(() => heard.text === "ping");
  visitor.end();
}

async function expectFailure(agent: AgentProcess, err: string): Promise<void> {
  const first = await agent.logged(FAILED);
  expect([first["err"], first["lvl"]]).toEqual([expect.stringContaining(err), "eror"]);
  // It goes on trying, and says so each time.
  const isAnother = (line: string): true | undefined => {
    const { msg, id } = JSON.parse(line) as LogEntry; // our own log
    return msg === FAILED && id !== first["id"] ? true : undefined;
  };
  expect(await agent.log.find(isAnother)).toBe(true);
}

describe("a proxy of the configuration", () => {
  /** In front of the proxy, to know that it was used. */
  let relay: Listening;
  let passedBytes = 0;
  const through = (proxy: RunningProxy): string => {
    passedBytes = 0;
    relay = byteRelay(proxy.port, (bytes, far) => {
      passedBytes += bytes.length;
      far.write(bytes);
    });
    return `127.0.0.1:${relay.port}`;
  };

  const version1 = (line: string): string[] => [
    `authtoken: ${EDGE_TOKEN}`,
    `server_addr: "127.0.0.1:${edge.ports.https}"`,
    "root_cas: ca.pem",
    line,
  ];
  const version3 = (line: string): string[] => [
    "version: 3",
    "agent:",
    `  authtoken: ${EDGE_TOKEN}`,
    `  connect_url: "127.0.0.1:${edge.ports.https}"`,
    "  connect_cas: ca.pem",
    `  ${line}`,
  ];

  test.each([
    ["http_proxy of version 1", () => version1(`http_proxy: "http://${through(tinyproxy)}"`)],
    ["socks5_proxy of version 1", () => version1(`socks5_proxy: "socks5://${through(dante)}"`)],
    ["proxy_url of version 2", () => version2(`http://${through(tinyproxy)}`)],
    ["proxy_url of version 2 with credentials", () => version2(`http://me:pass-word@${through(withLogin)}`)],
    ["proxy_url of version 2 for SOCKS", () => version2(`socks5://${through(dante)}`)],
    ["proxy_url of version 3", () => version3(`proxy_url: "http://${through(tinyproxy)}"`)],
  ])("is used: %s", async (_, file) => {
    await using agent = await start({ file: file() });
    using _relay = relay;
    await expectServed(agent);
    expect(passedBytes).toBeGreaterThan(0);
    expect(agent.stderr.lines).toEqual([]);
  });

  test.each([
    ["a wrong password", "me:made-up-secret@", "refused the credentials of its URL"],
    ["no credentials", "", "wants credentials (407): add user:password@ to its URL"],
  ])("that gets %s is named in the log, without the password, and tried again", async (_, credentials, reason) => {
    await using agent = await start({ file: version2(`http://${credentials}127.0.0.1:${withLogin.port}`) });
    await expectFailure(agent, `proxy http://127.0.0.1:${withLogin.port}: ${reason}`);
    expect(agent.log.lines.join("\n")).not.toContain("made-up-secret");
    expect(agent.stderr.lines).toEqual([]);
  });

  test("that is not there is named in the log", async () => {
    const gone = new RawUpstream();
    const place = `127.0.0.1:${gone.port}`;
    gone[Symbol.dispose]();
    await using agent = await start({ file: version2(`socks5://${place}`) });
    await expectFailure(agent, `proxy socks5://${place}: dial tcp ${place}: connect: connection refused`);
  });

  test("that cannot reach the edge says why", async () => {
    const gone = new RawUpstream();
    const server = `127.0.0.1:${gone.port}`;
    gone[Symbol.dispose]();
    await using agent = await start({ file: version2(`socks5://127.0.0.1:${dante.port}`, server) });
    await expectFailure(agent, "found the connection refused");
  });

  test("that is no proxy URL ends the agent", async () => {
    await using agent = await start({ file: version2("ftp://127.0.0.1:1") });
    expect(await agent.child.exited).toBe(1);
    await agent.stderr.ended;
    expect(agent.stderr.lines.join("\n")).toContain('the scheme "ftp" is not known');
  });
});

describe("a proxy of the environment", () => {
  test.each([
    ["http_proxy", (port: number) => `http://127.0.0.1:${port}`, ""],
    ["https_proxy", (port: number) => `http://me:pass-word@127.0.0.1:${port}`, "me:pass-word@"],
    ["HTTPS_PROXY", (port: number) => `127.0.0.1:${port}`, ""],
  ])("is asked for the edge by its name: %s", async (variable, url, credentials) => {
    using proxy = httpNameProxy();
    await using agent = await start({ file: version2("", byName()), env: { [variable]: url(proxy.port) } });
    await expectServed(agent);
    expect(proxy.asked).toEqual([`${credentials}${byName()}`]);
  });

  test.each([
    ["with a login", "me:pass-word@"],
    ["without", ""],
  ])("may speak SOCKS 5 %s: all_proxy", async (_, credentials) => {
    using proxy = socksNameProxy();
    const env = { all_proxy: `socks5://${credentials}127.0.0.1:${proxy.port}` };
    await using agent = await start({ file: version2("", byName()), env });
    await expectServed(agent);
    expect(proxy.asked).toEqual([`${credentials}${byName()}`]);
  });

  test("is asked for port 443 of an edge that is named without one", async () => {
    using proxy = httpNameProxy();
    const env = { http_proxy: `http://127.0.0.1:${proxy.port}` };
    await using agent = await start({ file: version2("", EDGE_DOMAIN), env });
    await agent.logged(FAILED);
    expect(proxy.asked[0]).toBe(`${EDGE_DOMAIN}:443`);
  });

  test("counts less than one of the configuration", async () => {
    using inFile = httpNameProxy();
    using inEnvironment = httpNameProxy();
    const file = version2(`http://127.0.0.1:${inFile.port}`, byName());
    await using agent = await start({ file, env: { https_proxy: `http://127.0.0.1:${inEnvironment.port}` } });
    await expectServed(agent);
    expect([inFile.asked, inEnvironment.asked]).toEqual([[byName()], []]);
  });

  test("is not asked for an edge that NO_PROXY names", async () => {
    using proxy = httpNameProxy();
    const env = {
      http_proxy: `http://127.0.0.1:${proxy.port}`,
      NO_PROXY: `other.example,.${EDGE_DOMAIN},${EDGE_DOMAIN}`,
    };
    // Nobody answers there, so that no name server in the world is asked.
    const file = [...version2("", byName()), "dns_resolver_ips: [127.0.0.1]"];
    await using agent = await start({ file, env });
    await expectFailure(agent, `lookup ${EDGE_DOMAIN}`);
    expect(proxy.asked).toEqual([]);
  });

  test("is not asked for an edge on this machine", async () => {
    using proxy = httpNameProxy();
    await using agent = await start({ file: version2(""), env: { http_proxy: `http://127.0.0.1:${proxy.port}` } });
    await expectServed(agent);
    expect(proxy.asked).toEqual([]);
  });

  test("that is no URL ends the agent, which names the variable", async () => {
    await using agent = await start({ file: version2("", byName()), env: { http_proxy: "ftp://127.0.0.1:1" } });
    expect(await agent.child.exited).toBe(1);
    await agent.stderr.ended;
    expect(agent.stderr.lines[0]).toStartWith("ERROR:  environment variable http_proxy: ");
  });
});
