/** The private side of TCP tunnels: addresses of all forms, TLS to the upstream, and the PROXY protocol. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Duplex } from "../../src/net/duplex.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { agentOf, portOf } from "../support/agent-of-edge.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { EdgeProcess } from "../support/edge-process.ts";
import { echo, RawUpstream } from "../support/raw-upstream.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { makeTestCertificates, type TestCertificates } from "../support/test-certificates.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);

const visit = (url: string, host = "127.0.0.1"): ReturnType<typeof dialTcp> =>
  dialTcp({ host, port: portOf(url) }, { timeoutMs: 5_000 });

/** What comes back for these words, until the other side ends too. */
async function answerTo(visitor: Duplex, words: string): Promise<string> {
  const heard = new RecordingListener(visitor);
  visitor.write(Buffer.from(words));
  visitor.end();
  await heard.until(() => heard.isClosed);
  return heard.text;
}

describe("an upstream", () => {
  test("may be a socket file", async () => {
    using folder = new TemporaryFolder();
    using upstream = new RawUpstream({ unix: folder.file("s") });
    await using agent = await AgentProcess.start(["tcp", `unix:${folder.file("s")}`]);
    const visitor = await visit(await agent.url());
    void upstream.next().then(echo);
    expect(await answerTo(visitor, "through a file")).toBe("through a file");
  });

  test.each([
    ["127.0.0.1", "127.0.0.1"],
    ["::1", "[::1]"],
  ])("named localhost may listen on %s alone", async (hostname) => {
    using upstream = new RawUpstream({ hostname, port: 0 });
    await using agent = await AgentProcess.start(["tcp", `localhost:${upstream.port}`]);
    const visitor = await visit(await agent.url());
    void upstream.next().then(echo);
    expect(await answerTo(visitor, "found")).toBe("found");
  });

  test("may be given as tcp:// with an IPv6 address", async () => {
    using upstream = new RawUpstream({ hostname: "::1", port: 0 });
    await using agent = await AgentProcess.start(["tcp", `tcp://[::1]:${upstream.port}`]);
    const visitor = await visit(await agent.url());
    void upstream.next().then(echo);
    expect(await answerTo(visitor, "found")).toBe("found");
  });
});

describe("an upstream that speaks TLS", () => {
  let certificates: TestCertificates;
  let secure: Bun.TCPSocketListener;
  beforeAll(async () => {
    certificates = await makeTestCertificates();
    const { certPem: cert, keyPem: key } = certificates.expired; // nobody looks at it unless asked
    secure = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      tls: { cert, key },
      allowHalfOpen: true,
      socket: {
        data: (socket, bytes) => void socket.write(bytes),
        end: (socket) => void socket.end(),
      },
    });
  });
  afterAll(() => secure.stop(true));

  test("is reached in plain text from outside with tls://", async () => {
    await using agent = await AgentProcess.start(["tcp", `tls://127.0.0.1:${secure.port}`]);
    expect(await answerTo(await visit(await agent.url()), "plain outside")).toBe("plain outside");
  });

  test("is what the log says when it does not", async () => {
    using upstream = new RawUpstream();
    await using agent = await AgentProcess.start(["tcp", `tls://127.0.0.1:${upstream.port}`]);
    const visitor = await visit(await agent.url());
    const heard = new RecordingListener(visitor);
    const arrived = await upstream.next();
    arrived.listen({
      onData: () => void arrived.write(Buffer.from("what?\r\n")),
      onDrain() {},
      onEnd() {},
      onClose() {},
    });
    await heard.until(() => heard.isClosed);
    expect(heard.cause?.code).toBe("ECONNRESET");
    const { err } = await agent.logged("upstream not reached");
    expect(err).toBe("dial tls 127.0.0.1: the peer does not speak TLS");
  });
});

describe("the PROXY protocol", () => {
  let edge: EdgeProcess;
  beforeAll(async () => {
    edge = await EdgeProcess.start("--http=[::]:0", "--https=[::]:0");
  });
  afterAll(() => edge[Symbol.asyncDispose]());

  const HEADERS = [
    ["1", version1],
    ["2", version2],
  ] as const;
  const VISITORS = [
    ["IPv4", "127.0.0.1"],
    ["IPv6", "::1"],
  ] as const;
  const CASES = HEADERS.flatMap(([version, header]) =>
    VISITORS.map(([family, host]) => [version, family, host, header] as const),
  );

  test.each(CASES)(
    "version %s tells the upstream the address of a visitor over %s",
    async (version, _, host, header) => {
      using upstream = new RawUpstream();
      await using agent = await agentOf(edge, ["tcp", String(upstream.port), `--proxy-proto=${version}`]);
      const url = await agent.url();
      const visitor = await visit(url, host);
      const source = Number(/\d+$/.exec(visitor.localAddress ?? "")?.[0]);
      const expected = Buffer.concat([header(host, source, portOf(url)), Buffer.from("and the rest")]);
      visitor.write(Buffer.from("and the rest"));
      const heard = new RecordingListener(await upstream.next());
      await heard.until(() => heard.bytesHeard >= expected.length);
      expect(heard.heard).toEqual(expected);
      visitor.reset();
    },
  );

  test("is spoken before the visitor says a word, so that upstreams which greet can begin", async () => {
    using upstream = new RawUpstream();
    await using agent = await AgentProcess.start(["tcp", String(upstream.port), "--proxy-proto=1"]);
    const visitor = await visit(await agent.url());
    const arrived = await upstream.next();
    const heard = new RecordingListener(arrived);
    await heard.until(() => heard.text.endsWith("\r\n"));
    expect(heard.text).toStartWith("PROXY TCP4 127.0.0.1 127.0.0.1 ");
    const greeted = new RecordingListener(visitor);
    arrived.write(Buffer.from("220 ready\r\n"));
    await greeted.until(() => greeted.text === "220 ready\r\n");
    visitor.reset();
  });

  test("stands before the TLS of an upstream with tls://", async () => {
    using upstream = new RawUpstream();
    await using agent = await AgentProcess.start(["tcp", `tls://127.0.0.1:${upstream.port}`, "--proxy-proto=1"]);
    const visitor = await visit(await agent.url());
    const heard = new RecordingListener(await upstream.next());
    const parts = (): string[] => heard.text.split("\r\n");
    await heard.until(() => (parts()[1] ?? "").length >= 2);
    expect(parts()[0]).toMatch(/^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+$/);
    expect(parts()[1]).toStartWith("\u0016\u0003"); // a handshake record of TLS
    visitor.reset();
  });
});

/** haproxy, "The PROXY protocol", section 2.1. */
function version1(host: string, source: number, destination: number): Buffer {
  return Buffer.from(`PROXY TCP${host === "::1" ? 6 : 4} ${host} ${host} ${source} ${destination}\r\n`);
}

/** Section 2.2. */
function version2(host: string, source: number, destination: number): Buffer {
  const [family, address] = host === "::1" ? ["21", `${"0".repeat(31)}1`] : ["11", "7f000001"];
  const port = (value: number): string => value.toString(16).padStart(4, "0");
  const body = `${address}${address}${port(source)}${port(destination)}`;
  const length = (body.length / 2).toString(16).padStart(4, "0");
  return Buffer.from(`0d0a0d0a000d0a515549540a21${family}${length}${body}`, "hex");
}
