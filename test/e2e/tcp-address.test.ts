/** Public addresses of TCP tunnels: random ones, asked ones, and those that an edge refuses. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import { agentOf, portOf } from "../support/agent-of-edge.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { EDGE_DOMAIN, EdgeProcess, TCP_PORTS } from "../support/edge-process.ts";
import { echo, RawUpstream } from "../support/raw-upstream.ts";
import { RecordingListener } from "../support/recording-listener.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);

let edge: EdgeProcess;
let upstream: RawUpstream;
beforeAll(async () => {
  upstream = new RawUpstream();
  edge = await EdgeProcess.start();
});
afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  upstream[Symbol.dispose]();
});

/** The `at`th port of the edge's range. */
const publicPort = (at: number): number => edge.ports.tcp + at;

async function isServed(port: number): Promise<boolean> {
  const visitor = await dialTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 });
  const heard = new RecordingListener(visitor);
  visitor.write(Buffer.from("ping"));
  echo(await upstream.next());
  await heard.until(() => heard.bytesHeard === 4 || heard.isClosed);
  visitor.end();
  return heard.text === "ping";
}

/** How an agent ends that must not start: exit code, and the text on stderr without what every line begins with. */
async function refusal(...flags: readonly string[]): Promise<readonly [number, string]> {
  await using agent = await agentOf(edge, ["tcp", String(upstream.port), ...flags]);
  const code = await agent.child.exited;
  await agent.stderr.ended;
  expect(agent.stderr.lines.every((line) => line.startsWith("ERROR:  "))).toBe(true);
  return [code, agent.stderr.lines.map((line) => line.slice(8)).join("\n")];
}

const codeLines = (code: string): string => `\n${code}\nhttps://ngrok.com/docs/errors/${code.toLowerCase()}\n`;

describe("an asked port", () => {
  test.each([
    ["--remote-addr with host and port", (port: number) => `--remote-addr=${EDGE_DOMAIN}:${port}`],
    ["--remote-addr with a port alone", (port: number) => `--remote-addr=${port}`],
    ["--url", (port: number) => `--url=tcp://${EDGE_DOMAIN}:${port}`],
    ["-remote-addr of old", (port: number) => `-remote-addr=${EDGE_DOMAIN}:${port}`],
  ])("is given to %s", async (_, flag) => {
    await using agent = await agentOf(edge, ["tcp", String(upstream.port), flag(publicPort(2))]);
    expect(await agent.url()).toBe(`tcp://${EDGE_DOMAIN}:${publicPort(2)}`);
    expect(await isServed(publicPort(2))).toBe(true);
  });

  test("keeps the host for TCP that it was asked by", async () => {
    const address = `1.tcp.${EDGE_DOMAIN}:${publicPort(2)}`;
    await using agent = await agentOf(edge, ["tcp", String(upstream.port), `--remote-addr=${address}`]);
    expect(await agent.url()).toBe(`tcp://${address}`);
    expect(await isServed(publicPort(2))).toBe(true);
  });

  test("is given to the next agent once the first has stopped", async () => {
    const flag = `--remote-addr=${EDGE_DOMAIN}:${publicPort(1)}`;
    await using first = await agentOf(edge, ["tcp", String(upstream.port), flag]);
    await first.url();
    expect(await first.end()).toBe(0);
    await using second = await agentOf(edge, ["tcp", String(upstream.port), flag]);
    expect(portOf(await second.url())).toBe(publicPort(1));
  });

  test("is refused with 334 while another agent has it", async () => {
    const flag = `--remote-addr=${EDGE_DOMAIN}:${publicPort(0)}`;
    await using first = await agentOf(edge, ["tcp", String(upstream.port), flag]);
    const url = await first.url();
    const [code, text] = await refusal(flag);
    expect(code).toBe(1);
    expect(text).toContain(`The endpoint ${url} is already online`);
    expect(text).toEndWith(codeLines("ERR_NGROK_334"));
    expect(await isServed(publicPort(0))).toBe(true);
  });

  test("is refused with 334 while another program has it", async () => {
    using other = listenTcp({ hostname: "127.0.0.1", port: publicPort(3) }, () => {});
    const [code, text] = await refusal(`--remote-addr=${EDGE_DOMAIN}:${other.port}`);
    expect(code).toBe(1);
    expect(text).toContain("another program at the edge listens on its port.\n");
    expect(text).not.toContain("already");
    expect(text).toEndWith(codeLines("ERR_NGROK_334"));
  });

  test.each([
    ["outside of the range", () => `${EDGE_DOMAIN}:${publicPort(TCP_PORTS)}`],
    ["of another host", () => `tcp.example.org:${publicPort(0)}`],
    ["of a name below the domain", () => `app.${EDGE_DOMAIN}:${publicPort(0)}`],
  ])("%s is refused with 307, which names the ports there are", async (_, address) => {
    const range = `${publicPort(0)}-${publicPort(TCP_PORTS - 1)}`;
    const text = `The TCP address ${address()} is not reserved for this account, or not one of this edge, which has the ports ${range}.\n`;
    expect(await refusal(`--remote-addr=${address()}`)).toEqual([1, text + codeLines("ERR_NGROK_307")]);
  });

  test.each(["nonsense", `${EDGE_DOMAIN}:0`])("cannot be %s", async (address) => {
    const [code, text] = await refusal(`--remote-addr=${address}`);
    expect(code).toBe(1);
    expect(text).toStartWith(`command line: field remote_addr: cannot ask for the public address "${address}"`);
  });
});

test("random ports differ, until there is none left", async () => {
  const agents = await Promise.all(
    Array.from({ length: TCP_PORTS }, () => agentOf(edge, ["tcp", String(upstream.port)])),
  );
  try {
    const ports = await Promise.all(agents.map(async (agent) => portOf(await agent.url())));
    expect(ports.toSorted((a, b) => a - b)).toEqual(Array.from({ length: TCP_PORTS }, (_, at) => publicPort(at)));
    const [code, text] = await refusal();
    expect([code, text]).toEqual([1, expect.stringContaining(`${publicPort(0)}-${publicPort(TCP_PORTS - 1)}`)]);
  } finally {
    await Promise.all(agents.map((agent) => agent[Symbol.asyncDispose]()));
  }
});

test("random ports are those that no other program has, until it lets go of its own", async () => {
  using others = new DisposableStack();
  for (let at = 1; at < TCP_PORTS; at += 1)
    others.use(listenTcp({ hostname: "127.0.0.1", port: publicPort(at) }, () => {}));
  await using first = await agentOf(edge, ["tcp", String(upstream.port)]);
  expect(portOf(await first.url())).toBe(publicPort(0));
  const [code, text] = await refusal();
  expect([code, text]).toEqual([1, expect.stringContaining(`${publicPort(0)}-${publicPort(TCP_PORTS - 1)}`)]);
  others.dispose();
  await using second = await agentOf(edge, ["tcp", String(upstream.port)]);
  expect(await isServed(portOf(await second.url()))).toBe(true);
});

test("tunnels of one agent have each its own port and upstream", async () => {
  using second = new RawUpstream();
  const definitions = [
    `  a: { proto: tcp, addr: ${upstream.port}, remote_addr: "${EDGE_DOMAIN}:${publicPort(1)}" }`,
    `  b: { proto: tcp, addr: "127.0.0.1:${second.port}", remote_addr: "${EDGE_DOMAIN}:${publicPort(3)}" }`,
  ];
  await using agent = await agentOf(edge, ["start", "a", "b", "--config=two.yml"], {
    files: { "two.yml": ['version: "2"', "tunnels:", ...definitions].join("\n") },
  });
  const [a, b] = await Promise.all([agent.url("a"), agent.url("b")]);
  expect([portOf(a), portOf(b)]).toEqual([publicPort(1), publicPort(3)]);
  const visitors = await Promise.all(
    [a, b].map((url) => dialTcp({ host: "127.0.0.1", port: portOf(url) }, { timeoutMs: 5_000 })),
  );
  const arrived = await Promise.all([upstream.next(), second.next()]);
  const heard = arrived.map((connection) => new RecordingListener(connection));
  visitors.forEach((visitor, at) => visitor.write(Buffer.from(`to ${at}`)));
  await Promise.all(heard.map((one, at) => one.until(() => one.text === `to ${at}`)));
  expect((await agent.logged("started tunnel", { name: "a" }))["addr"]).toBe(`//localhost:${upstream.port}`);
  expect((await agent.logged("started tunnel", { name: "b" }))["addr"]).toBe(`//127.0.0.1:${second.port}`);
  for (const visitor of visitors) visitor.reset();
});

test("an agent with the edge inside gives ports of this machine only", async () => {
  await using agent = await AgentProcess.start(["tcp", String(upstream.port)]);
  const url = await agent.url();
  expect(url).toMatch(/^tcp:\/\/localhost:2\d{4}$/);
  expect(await isServed(portOf(url))).toBe(true);
});
