/** TLS tunnels whose agent ends TLS with `-crt` and `-key`: no edge can read what passes (reference.md 7.7). */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import { agentOf, portOf } from "../support/agent-of-edge.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { exchangeBulk } from "../support/bulk-exchange.ts";
import { byteRelay, oneByOne } from "../support/byte-relay.ts";
import { runClient } from "../support/client-program.ts";
import { EagerSender, stall } from "../support/eager-sender.ts";
import { EdgeProcess } from "../support/edge-process.ts";
import { startLineServer } from "../support/openssl-server.ts";
import { type OpensslAnswer, visitWithOpenssl } from "../support/openssl-visitor.ts";
import { echo, RawUpstream } from "../support/raw-upstream.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import type { StartedProgram } from "../support/started-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { makeTestCertificates, type TestCertificates, type TestIdentity } from "../support/test-certificates.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);
const NAME = "good.test";
const BULK_BYTES = 20 << 20;
/** Kernel buffers of four connections and one stream's window; far less than what the writer would send. */
const STALLED_LIMIT_BYTES = 64 << 20;

let certificates: TestCertificates;
let folder: TemporaryFolder;
beforeAll(async () => {
  certificates = await makeTestCertificates();
  folder = new TemporaryFolder();
  const { server, caPem, stranger } = certificates;
  await Promise.all([
    Bun.write(folder.file("crt"), server.certPem),
    Bun.write(folder.file("key"), server.keyPem),
    Bun.write(folder.file("ca"), caPem),
    Bun.write(folder.file("stranger"), stranger.certPem),
    Bun.write(folder.file("client.crt"), certificates.client.certPem),
    Bun.write(folder.file("client.key"), certificates.client.keyPem),
    Bun.write(folder.file("stranger.key"), stranger.keyPem),
  ]);
});
afterAll(() => folder[Symbol.dispose]());

/** Of `ginnel tls` for `NAME`. */
const ending = (addr: string | number, ...more: readonly string[]): string[] => {
  const files = [`-crt=${folder.file("crt")}`, `-key=${folder.file("key")}`];
  return ["tls", String(addr), `-hostname=${NAME}`, ...files, ...more];
};

describe.each([
  ["the embedded edge", () => Promise.resolve(undefined)],
  ["an edge of its own", () => EdgeProcess.start("--domain=test")],
] as const)("over %s", (_, startEdge) => {
  let edge: EdgeProcess | undefined;
  let agent: AgentProcess;
  let upstream: RawUpstream;
  let port: number;
  beforeAll(async () => {
    upstream = new RawUpstream();
    edge = await startEdge();
    agent = await agentOf(edge, ending(upstream.port));
    port = portOf(await agent.url());
  });
  afterAll(async () => {
    await agent[Symbol.asyncDispose]();
    await edge?.[Symbol.asyncDispose]();
    upstream[Symbol.dispose]();
    expect(agent.stderr.lines).toEqual([]);
  });

  /** A visitor inside TLS, and the upstream's plain end. */
  async function joined(): ReturnType<typeof joinedWith> {
    return joinedWith(port, upstream);
  }

  test.each([
    ["-tls1_2", "TLSv1.2"],
    ["-tls1_3", "TLSv1.3"],
  ])("a line protocol inside %s sees the agent's certificate; the upstream sees plain bytes", async (flag, version) => {
    const flags = [flag, "-CAfile", folder.file("ca"), "-verify_hostname", NAME];
    const visited = visitWithOpenssl({ port, serverName: NAME, line: "hello", flags }, "from upstream");
    const arrived = await upstream.next();
    const heard = new RecordingListener(arrived);
    await heard.until(() => heard.text === "hello\n");
    arrived.write(Buffer.from("from upstream\n"));
    await heard.until(() => heard.hasEnded);
    arrived.end();
    const { text, subject } = await visited;
    expect(subject).toBe("CN = server");
    for (const part of [version, "Verify return code: 0 (ok)"]) expect(text).toContain(part);
  });

  test("a version before 1.2 is refused", async () => {
    const { text, subject } = await visitWithOpenssl({ port, serverName: NAME, flags: ["-tls1_1"] });
    expect([subject, text]).toEqual([
      "",
      expect.stringMatching(/alert (protocol version|internal error)|no protocols/),
    ]);
  });

  test("a ClientHello may come byte by byte", async () => {
    using relay = byteRelay(port, oneByOne);
    const visited = visitWithOpenssl({ port: relay.port, serverName: NAME, line: "x" }, "y");
    const arrived = await upstream.next();
    const heard = new RecordingListener(arrived);
    await heard.until(() => heard.text === "x\n");
    arrived.write(Buffer.from("y\n"));
    await heard.until(() => heard.hasEnded);
    arrived.end();
    expect((await visited).subject).toBe("CN = server");
  });

  test("the end of one direction passes, and data in the other goes on", async () => {
    const [visitor, arrived] = await joined();
    const [visitorHeard, heard] = [new RecordingListener(visitor), new RecordingListener(arrived)];
    visitor.write(Buffer.from("question"));
    visitor.end();
    await heard.until(() => heard.hasEnded);
    arrived.write(Buffer.from("late answer"));
    await visitorHeard.until(() => visitorHeard.text === "late answer");
    arrived.end();
    await visitorHeard.until(() => visitorHeard.isClosed);
    expect([heard.text, visitorHeard.cause]).toEqual(["question", undefined]);
  });

  test("20 MB go both ways at once, unharmed", async () => {
    const [visitor, arrived] = await joined();
    const [near, far] = await Promise.all([exchangeBulk(visitor, BULK_BYTES), exchangeBulk(arrived, BULK_BYTES)]);
    expect([near.heard, far.heard]).toEqual([far.sent, near.sent]);
    expect([near.cause, far.cause]).toEqual([undefined, undefined]);
  });

  test.each([
    ["visitor", 0, 1],
    ["upstream", 1, 0],
  ] as const)("the %s stops the writer by not reading", async (__, first, last) => {
    const [bystander, echoing] = await joined();
    echo(echoing);
    const ends = await joined();
    const [reader, writer] = [ends[first], ends[last]];
    const heard = new RecordingListener(reader);
    reader.pause();
    const sender = new EagerSender(writer);
    await stall(sender, bystander, new RecordingListener(bystander));
    expect(sender.sentBytes).toBeLessThan(STALLED_LIMIT_BYTES);
    sender.finish();
    reader.resume();
    await heard.until(() => heard.hasEnded);
    expect(heard.bytesHeard).toBe(sender.sentBytes);
    reader.end();
    bystander.end();
  });

  test("a visitor who speaks no TLS is told so", async () => {
    const visitor = await dialTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 });
    const heard = new RecordingListener(visitor);
    visitor.write(Buffer.from("GET / HTTP/1.1\r\nHost: good.test\r\n\r\n"));
    await heard.until(() => heard.hasEnded || heard.isClosed);
    expect(heard.text).toStartWith("HTTP/1.1 400 ");
    visitor.reset();
  });
});

async function joinedWith(
  port: number,
  upstream: RawUpstream,
): Promise<readonly [Awaited<ReturnType<typeof connectTls>>["connection"], Awaited<ReturnType<RawUpstream["next"]>>]> {
  const plain = await dialTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 });
  const context = clientTlsContext([certificates.caPem]);
  const [{ connection }, arrived] = await Promise.all([
    connectTls(plain, { context, serverName: NAME, verify: true }),
    upstream.next(),
  ]);
  return [connection, arrived];
}

test("an HTTP server becomes an HTTPS one for curl", async () => {
  using web = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => new Response(new URL(request.url).host),
  });
  await using agent = await AgentProcess.start(ending(web.port ?? 0));
  const port = portOf(await agent.url());
  const resolve = ["--cacert", folder.file("ca"), "--resolve", `${NAME}:${port}:127.0.0.1`];
  const { stdout, stderr } = await runClient(["curl", "-sS", ...resolve, `https://${NAME}:${port}/`]);
  expect([stdout.toString(), stderr]).toEqual([`${NAME}:${port}`, ""]);
});

test("PROXY protocol comes in front of the plain bytes", async () => {
  using upstream = new RawUpstream();
  await using agent = await AgentProcess.start(ending(upstream.port, "--proxy-proto=1"));
  const [visitor, arrived] = await joinedWith(portOf(await agent.url()), upstream);
  const heard = new RecordingListener(arrived);
  visitor.write(Buffer.from("inside"));
  await heard.until(() => heard.text.endsWith("inside"));
  expect(heard.text).toMatch(/^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+\r\ninside$/);
  visitor.reset();
});

describe("an upstream with tls://", () => {
  let lines: StartedProgram;
  beforeAll(async () => {
    lines = await startLineServer({ identity: certificates.server });
  });
  afterAll(() => lines[Symbol.asyncDispose]());

  test("gets TLS anew from the agent", async () => {
    await using agent = await AgentProcess.start(ending(`tls://127.0.0.1:${lines.port}`));
    const visit = { port: portOf(await agent.url()), serverName: NAME, line: "live" };
    expect((await visitWithOpenssl(visit, "evil")).subject).toBe("CN = server");
  });

  test("is verified when asked", async () => {
    const address = `tls://127.0.0.1:${lines.port}`;
    await using trusting = await AgentProcess.start(
      ending(address, "--upstream-tls-verify", `--upstream-tls-verify-cas=${folder.file("ca")}`),
    );
    const visit = { port: portOf(await trusting.url()), serverName: NAME, line: "live" };
    expect((await visitWithOpenssl(visit, "evil")).subject).toBe("CN = server");

    await using doubting = await AgentProcess.start(
      ending(address, "--upstream-tls-verify", `--upstream-tls-verify-cas=${folder.file("stranger")}`),
    );
    await visitWithOpenssl({ ...visit, port: portOf(await doubting.url()) }, "evil");
    const { err } = await doubting.logged("upstream not reached");
    expect(err).toBe("dial tls 127.0.0.1: x509: certificate signed by unknown authority");
  });
});

describe("-client-cas", () => {
  let upstream: RawUpstream;
  let agent: AgentProcess;
  let port: number;
  beforeAll(async () => {
    upstream = new RawUpstream();
    agent = await AgentProcess.start(ending(upstream.port, `-client-cas=${folder.file("ca")}`));
    port = portOf(await agent.url());
  });
  afterAll(async () => {
    await agent[Symbol.asyncDispose]();
    upstream[Symbol.dispose]();
  });

  const VERSIONS = ["-tls1_2", "-tls1_3"];
  /** Over TLS 1.3 a client has sent its line before it is judged: the reset for that may overtake the alert. */
  const TURNED_AWAY = /alert|unexpected eof|errno=104/;
  /** Ends once the word comes back, or with the connection. */
  const visit = (version: string, identity?: TestIdentity): Promise<OpensslAnswer> => {
    const wanted = identity === undefined ? {} : { identity };
    return visitWithOpenssl({ port, serverName: NAME, line: "ping", flags: [version], ...wanted }, "ping\n");
  };

  test.each(VERSIONS)("lets in who has a certificate of the authority, over %s", async (version) => {
    const visited = visit(version, certificates.client);
    echo(await upstream.next());
    expect((await visited).text).toContain("ping\n");
  });

  test.each(VERSIONS)("turns away who has none, or another's, over %s", async (version) => {
    const from = agent.log.lines.length;
    for (const identity of [undefined, certificates.stranger]) {
      expect((await visit(version, identity)).text).toMatch(TURNED_AWAY);
    }
    // Only the one who is let in afterwards comes to the upstream.
    const visited = visit(version, certificates.client);
    echo(await upstream.next());
    await visited;
    expect(agent.log.lines.slice(from).filter((line) => line.includes("join connections"))).toHaveLength(1);
  });

  test("curl with a certificate and without", async () => {
    const reach = ["-sS", "--cacert", folder.file("ca"), "--resolve", `${NAME}:${port}:127.0.0.1`];
    const url = `https://${NAME}:${port}/`;
    const identity = ["--cert", folder.file("client.crt"), "--key", folder.file("client.key")];
    const visited = runClient(["curl", ...reach, ...identity, url]);
    const arrived = await upstream.next();
    const heard = new RecordingListener(arrived);
    await heard.until(() => heard.text.endsWith("\r\n\r\n"));
    arrived.write(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nknown"));
    arrived.end();
    expect((await visited).stdout.toString()).toBe("known");
    const refused = await runClient(["curl", ...reach, url]);
    expect([refused.code === 0, refused.stdout.toString()]).toEqual([false, ""]);
  });
});
