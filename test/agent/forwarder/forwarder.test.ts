/** Forwarders between a stream in memory and real upstreams. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { TapQueue } from "../../../src/agent/forwarder/tap-queue.ts";
import { Forwarder, type VisitedTunnel } from "../../../src/agent/forwarder/forwarder.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { UsageError } from "../../../src/base/errors.ts";
import type { TunnelDefinition } from "../../../src/model/tunnel-definition.ts";
import type { Duplex } from "../../../src/net/duplex.ts";
import { pipe } from "../../../src/net/pipe.ts";
import type { SocketDuplex } from "../../../src/net/socket-duplex.ts";
import { type ListenAddress, listenTcp } from "../../../src/net/tcp-listen.ts";
import { connectTls } from "../../../src/net/tls-client.ts";
import { clientTlsContext } from "../../../src/net/tls-context.ts";
import { MUX_ERRORS } from "../../../src/protocol/mux/error-codes.ts";
import { RESET_CODES } from "../../../src/protocol/mux/reset-codes.ts";
import { encodeVersion1 } from "../../../src/protocol/proxyproto/version-1.ts";
import { encodeVersion2 } from "../../../src/protocol/proxyproto/version-2.ts";
import { noLog } from "../../../src/telemetry/logger.ts";
import { TrafficMeters } from "../../../src/telemetry/traffic-meters.ts";
import { octets } from "../../support/http-transcript.ts";
import { patternedBytes } from "../../support/patterned-bytes.ts";
import { RecordingListener } from "../../support/recording-listener.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";
import { acceptAfterHello, certificates } from "../../support/tls-pair.ts";
import { httpTunnel, tcpTunnel, tlsTunnel } from "../../support/tunnel-definitions.ts";
import { eventually, quiet } from "../../support/turns.ts";

const VISITOR = "192.0.2.7:4711";
const PROXIED = {
  type: "ip",
  transport: "stream",
  source: { address: "192.0.2.7", port: 4711 },
  destination: { address: "192.0.2.1", port: 443 },
} as const;
const HEADERS = [
  ["1", 1, encodeVersion1(PROXIED)],
  ["2", 2, encodeVersion2(PROXIED)],
] as const;

const folder = new TemporaryFolder();
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});
afterAll(() => folder[Symbol.dispose]());

/** A port that remembers its visitors; the first is waited for. */
function listen(address: ListenAddress = { hostname: "127.0.0.1", port: 0 }) {
  const first = Promise.withResolvers<SocketDuplex>();
  const listening = listenTcp(address, (connection) => first.resolve(connection));
  cleanups.push(() => listening.close());
  return { port: listening.port, first: first.promise };
}

interface Opened {
  /** The edge's end. */
  readonly edge: Duplex;
  readonly heard: RecordingListener;
}

interface ComingVisitor {
  readonly payload?: Uint8Array | string;
  readonly understandsResetCodes?: boolean;
  readonly protocol?: string;
  readonly tunnel?: VisitedTunnel;
}

function visited(): VisitedTunnel {
  return { name: "command_line", metrics: new TrafficMeters(0) };
}

function visit(forwarder: Forwarder, coming: ComingVisitor = {}): Opened {
  const [stream, edge] = pipe();
  const { payload = "", understandsResetCodes = true, protocol = "https", tunnel = visited() } = coming;
  const header = { bindId: "b", visitorAddress: VISITOR, protocol, edgeType: "0", passesTlsThrough: false };
  const bytes = typeof payload === "string" ? octets(payload) : payload;
  forwarder.forward({ header, stream, payload: bytes, understandsResetCodes }, tunnel);
  return { edge, heard: new RecordingListener(edge) };
}

function open(tunnel: TunnelDefinition, log = noLog): Promise<Forwarder> {
  return Forwarder.open(tunnel, { taps: new TapQueue(systemClock), clock: systemClock, log });
}

async function closedPort(): Promise<number> {
  const listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, () => {});
  const { port } = listening;
  listening.close();
  return await Promise.resolve(port);
}

describe("Forwarder, bytes as they are", () => {
  test("Forwarder joins a visitor with a TCP upstream: bytes, half-close, end", async () => {
    const { port, first } = listen();
    const { log, lines } = recordingLog();
    const forwarder = await open(tcpTunnel({ upstream: `127.0.0.1:${port}` }), log);
    const { edge, heard } = visit(forwarder, { payload: "first " });
    edge.write(octets("second"));
    edge.end();
    const upstream = await first;
    const there = new RecordingListener(upstream);
    await there.until(() => there.hasEnded);
    upstream.write(octets("after the end of the visitor"));
    upstream.end();
    await heard.until(() => heard.isClosed);
    expect(there.text).toBe("first second");
    expect(heard.text).toBe("after the end of the visitor");
    expect(heard.cause).toBeUndefined();
    const joined = lines.filter(({ message }) => message === "join connections");
    expect(joined).toEqual([
      {
        level: "info",
        message: "join connections",
        fields: { obj: "join", id: expect.stringMatching(/^[0-9a-f]{12}$/), l: `127.0.0.1:${port}`, r: VISITOR },
      },
    ]);
  });

  test("Forwarder holds the visitor back while the upstream does not read, and loses nothing", async () => {
    const { port, first } = listen();
    const { edge } = visit(await open(tcpTunnel({ upstream: `127.0.0.1:${port}` })));
    const upstream = await first;
    upstream.pause();
    const bytes = patternedBytes(1024 * 1024);
    let written = 0;
    let isFull = false;
    while (!isFull && written < 64) {
      isFull = !edge.write(bytes);
      written += 1;
      await quiet();
    }
    expect(isFull).toBe(true);
    const there = new RecordingListener(upstream);
    upstream.resume();
    await there.until(() => there.bytesHeard === written * bytes.length);
    edge.reset();
  });

  test.each([
    ["visitor's reset reaches the upstream", "visitor"],
    ["upstream's reset reaches the visitor", "upstream"],
  ])("Forwarder: the %s", async (_, who) => {
    const { port, first } = listen();
    const { edge, heard } = visit(await open(tcpTunnel({ upstream: `127.0.0.1:${port}` })), { payload: "x" });
    const upstream = await first;
    const there = new RecordingListener(upstream);
    await there.until(() => there.text === "x");
    if (who === "visitor") edge.reset();
    else upstream.reset();
    const other = who === "visitor" ? there : heard;
    await other.until(() => other.isClosed);
    expect(other.cause?.code).toBe(who === "visitor" ? "ECONNRESET" : "RESET");
  });

  test("Forwarder connects to a socket file", async () => {
    const path = folder.file("app.sock");
    const { first } = listen({ unix: path });
    const { heard } = visit(await open(httpTunnel({ upstream: `unix:${path}` })), { payload: "hello" });
    const upstream = await first;
    const there = new RecordingListener(upstream);
    await there.until(() => there.text === "hello");
    upstream.write(octets("you"));
    upstream.end();
    await heard.until(() => heard.hasEnded);
    expect(heard.text).toBe("you");
  });

  test.each(HEADERS)(
    "Forwarder passes a PROXY header of version %s through where it stands",
    async (_, version, bytes) => {
      const { port, first } = listen();
      const tunnel = tcpTunnel({ upstream: `127.0.0.1:${port}`, proxyProtocol: version });
      const { edge } = visit(await open(tunnel), { payload: bytes });
      edge.write(octets("hello"));
      edge.end();
      const there = new RecordingListener(await first);
      await there.until(() => there.hasEnded);
      expect(there.heard).toEqual(Buffer.concat([bytes, octets("hello")]));
    },
  );
});

describe("Forwarder, an upstream that cannot be reached", () => {
  const unreadable = "http://does-not-exist.invalid:80";

  test("Forwarder tells an edge of ours that the upstream refused", async () => {
    const { log, lines } = recordingLog();
    const port = await closedPort();
    const { heard } = visit(await open(httpTunnel({ upstream: `http://127.0.0.1:${port}` }), log));
    await heard.until(() => heard.isClosed);
    expect(heard.cause).toEqual({ code: "RESET", resetCode: RESET_CODES.upstreamRefused });
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual(["warn upstream not reached"]);
  });

  test.each<[string, string, number]>([
    ["has no address", unreadable, RESET_CODES.upstreamNameUnresolved],
    ["has no socket file", "unix:/does/not/exist.sock", RESET_CODES.upstreamRefused],
  ])("Forwarder tells an edge of ours that the upstream %s", async (_, upstream, resetCode) => {
    const { heard } = visit(await open(httpTunnel({ upstream })));
    await heard.until(() => heard.isClosed);
    expect(heard.cause?.resetCode).toBe(resetCode);
  });

  test("Forwarder counts no connection that reached no upstream", async () => {
    const tunnel = visited();
    const { heard } = visit(await open(tcpTunnel({ upstream: "127.0.0.1:1" })), { payload: "x", tunnel });
    await heard.until(() => heard.isClosed);
    expect(tunnel.metrics.conns.snapshot(0).count).toBe(0);
  });

  test("Forwarder answers 502 itself where the edge does not know our codes", async () => {
    const forwarder = await open(httpTunnel({ upstream: `http://127.0.0.1:${await closedPort()}` }));
    const { edge, heard } = visit(forwarder, { understandsResetCodes: false, payload: "GET / HTTP/1.1\r\n\r\n" });
    await heard.until(() => heard.hasEnded);
    expect(heard.text).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n[^]*\r\n\r\nfailed to dial backend: dial tcp 127/);
    edge.end();
    await heard.until(() => heard.isClosed);
    expect(heard.cause).toBeUndefined();
  });

  test("Forwarder refuses the stream of other tunnels where the edge does not know our codes", async () => {
    const forwarder = await open(tcpTunnel({ upstream: `127.0.0.1:${await closedPort()}` }));
    const { heard } = visit(forwarder, { understandsResetCodes: false });
    await heard.until(() => heard.isClosed);
    expect(heard.cause?.resetCode).toBe(MUX_ERRORS.streamRefused);
  });

  test("Forwarder gives up dialling when the visitor has gone", async () => {
    const { port, first } = listen();
    const { log, lines } = recordingLog();
    // A TLS upstream that never answers keeps the dial going.
    const { edge } = visit(await open(httpTunnel({ upstream: `https://127.0.0.1:${port}` }), log));
    const upstream = new RecordingListener(await first);
    await upstream.until(() => upstream.bytesHeard > 0);
    edge.reset();
    await upstream.until(() => upstream.isClosed);
    expect(lines).toEqual([]);
  });
});

describe("Forwarder, TLS to the upstream", () => {
  /** What the upstream was asked for and heard inside TLS, after a PROXY header of this length in plain text. */
  async function secured(first: Promise<SocketDuplex>): Promise<Duplex> {
    return (await acceptAfterHello(await first)).connection;
  }

  test("Forwarder speaks TLS to an https upstream without looking at its certificate", async () => {
    const { port, first } = listen();
    const { heard } = visit(await open(httpTunnel({ upstream: `https://localhost:${port}` })), { payload: "inside" });
    const upstream = await secured(first);
    const there = new RecordingListener(upstream);
    await there.until(() => there.text === "inside");
    upstream.write(octets("back"));
    upstream.end();
    await heard.until(() => heard.hasEnded);
    expect(heard.text).toBe("back");
  });

  test("Forwarder verifies the upstream when asked to, against the authorities given", async () => {
    const { port, first } = listen();
    const cas = { kind: "text", text: certificates.caPem } as const;
    const tunnel = httpTunnel({ upstream: `https://127.0.0.1:${port}`, upstreamTls: { verify: true, cas } });
    visit(await open(tunnel), { payload: "inside" });
    const there = new RecordingListener(await secured(first));
    await there.until(() => there.text === "inside");
  });

  test("Forwarder tells that an upstream is not trusted", async () => {
    const { port, first } = listen();
    const tunnel = httpTunnel({
      upstream: `https://127.0.0.1:${port}`,
      upstreamTls: { verify: true, cas: { kind: "text", text: certificates.stranger.certPem } },
    });
    const { heard } = visit(await open(tunnel), { payload: "inside" });
    await Promise.allSettled([secured(first)]);
    await heard.until(() => heard.isClosed);
    expect(heard.cause?.resetCode).toBe(RESET_CODES.upstreamTlsFailed);
  });

  test.each(HEADERS)("Forwarder writes a PROXY header of version %s in front of its TLS", async (_, version, bytes) => {
    const { port, first } = listen();
    const tunnel = httpTunnel({ upstream: `https://localhost:${port}`, proxyProtocol: version });
    visit(await open(tunnel), { payload: Buffer.concat([bytes, octets("inside")]) });
    const upstream = await first;
    const there = new RecordingListener(upstream);
    await there.until(() => there.bytesHeard > bytes.length);
    expect(there.heard.subarray(0, bytes.length)).toEqual(Buffer.from(bytes));
    expect(there.heard[bytes.length]).toBe(0x16); // the ClientHello follows
    expect(there.text).toContain("localhost"); // the name asked for
    expect(there.text).not.toContain("inside");
  });
});

describe("Forwarder, TLS of the visitor", () => {
  const { server, caPem, client } = certificates;
  const termination = {
    certificate: { kind: "text", text: server.certPem },
    key: { kind: "text", text: server.keyPem },
    clientCas: [],
  } as const;
  const withClientCas = { ...termination, clientCas: [{ kind: "text", text: caPem }] } as const;

  async function secureVisit(forwarder: Forwarder, identity?: typeof client): Promise<Duplex> {
    const [stream, edge] = pipe();
    const header = { bindId: "b", visitorAddress: VISITOR, protocol: "tls", edgeType: "0", passesTlsThrough: true };
    forwarder.forward({ header, stream, payload: new Uint8Array(0), understandsResetCodes: true }, visited());
    const context = clientTlsContext([caPem], identity);
    return (await connectTls(edge, { context, serverName: "good.test", verify: true })).connection;
  }

  test("Forwarder ends the visitor's TLS and hands plain bytes on, half-close included", async () => {
    const { port, first } = listen();
    const forwarder = await open(tlsTunnel({ upstream: `127.0.0.1:${port}`, termination }));
    const visitor = await secureVisit(forwarder);
    const heard = new RecordingListener(visitor);
    visitor.write(octets("EHLO"));
    visitor.end();
    const upstream = await first;
    const there = new RecordingListener(upstream);
    await there.until(() => there.hasEnded);
    upstream.write(octets("250 hello"));
    upstream.end();
    await heard.until(() => heard.hasEnded);
    expect([there.text, heard.text]).toEqual(["EHLO", "250 hello"]);
  });

  test("Forwarder speaks TLS once more to a tls upstream", async () => {
    const { port, first } = listen();
    const forwarder = await open(tlsTunnel({ upstream: `tls://127.0.0.1:${port}`, termination }));
    const visitor = await secureVisit(forwarder);
    visitor.write(octets("twice"));
    const there = new RecordingListener((await acceptAfterHello(await first)).connection);
    await there.until(() => there.text === "twice");
  });

  test.each(HEADERS)(
    "Forwarder finds the visitor's TLS behind a PROXY header of version %s",
    async (_, version, bytes) => {
      const { port, first } = listen();
      const tunnel = tlsTunnel({ upstream: `127.0.0.1:${port}`, termination, proxyProtocol: version });
      const [stream, edge] = pipe();
      const header = { bindId: "b", visitorAddress: VISITOR, protocol: "tls", edgeType: "0", passesTlsThrough: true };
      (await open(tunnel)).forward(
        { header, stream, payload: bytes.slice(0, 5), understandsResetCodes: true },
        visited(),
      );
      edge.write(bytes.slice(5));
      const context = clientTlsContext([caPem]);
      const { connection } = await connectTls(edge, { context, serverName: "good.test", verify: true });
      connection.write(octets("hello"));
      const there = new RecordingListener(await first);
      await there.until(() => there.text.endsWith("hello"));
      expect(there.heard).toEqual(Buffer.concat([bytes, octets("hello")]));
    },
  );

  test("Forwarder lets a visitor with a certificate of the authorities in", async () => {
    const { port, first } = listen();
    const forwarder = await open(tlsTunnel({ upstream: `127.0.0.1:${port}`, termination: withClientCas }));
    const visitor = await secureVisit(forwarder, client);
    visitor.write(octets("hello"));
    const there = new RecordingListener(await first);
    await there.until(() => there.text === "hello");
  });

  test.each<[string, typeof client | undefined]>([
    ["no certificate", undefined],
    ["a certificate of a stranger", certificates.stranger],
  ])("Forwarder keeps a visitor with %s from the upstream", async (_, identity) => {
    let visitors = 0;
    const listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, () => (visitors += 1));
    cleanups.push(() => listening.close());
    const { log, lines } = recordingLog();
    const tunnel = tlsTunnel({ upstream: `127.0.0.1:${listening.port}`, termination: withClientCas });
    const forwarder = await open(tunnel, log);
    // A client of TLS 1.3 learns of it behind its handshake.
    const visitor = await secureVisit(forwarder, identity).catch(() => undefined);
    if (visitor !== undefined) {
      const heard = new RecordingListener(visitor);
      await heard.until(() => heard.isClosed || heard.hasEnded);
    }
    await eventually("the refusal is logged", () => lines.length > 0);
    expect(lines.map(({ message }) => message)).toEqual(["visitor's TLS handshake failed"]);
    expect(visitors).toBe(0);
  });

  test.each([
    ["a key of another certificate", { key: { kind: "text", text: client.keyPem } }, /does not belong/],
    [
      "an expired certificate",
      {
        certificate: { kind: "text", text: certificates.expired.certPem },
        key: { kind: "text", text: certificates.expired.keyPem },
      },
      /expired/,
    ],
    ["a file that is not there", { certificate: { kind: "file", path: "/does/not/exist.crt" } }, /no such file/],
    ["authorities that are none", { clientCas: [{ kind: "text", text: "x" }] }, /no certificate/],
    [
      "two files of authorities that cannot be used, of which the first is told",
      {
        clientCas: [
          { kind: "file", path: "/does/not/exist.pem" },
          { kind: "text", text: "x" },
        ],
      },
      /no such file/,
    ],
  ] as const)("Forwarder refuses to start with %s", async (_, changes, reason) => {
    const failure: unknown = await open(tlsTunnel({ termination: { ...termination, ...changes } })).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).toMatch(reason);
  });
});

describe("Forwarder, HTTP", () => {
  let echo: ReturnType<typeof createHttpServer>;
  let port = 0;
  beforeAll(async () => {
    echo = createHttpServer((request, response) => {
      response.setHeader("Location", `http://${request.headers.host}/next`);
      response.end(JSON.stringify({ url: request.url, ...request.headers }));
    });
    await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
    port = (echo.address() as AddressInfo).port; // a TCP server has no other kind of address
  });
  afterAll(() => void echo.close());

  const GET = "GET /a HTTP/1.1\r\nHost: public.test\r\nConnection: close\r\n\r\n";

  test.each([
    ["as it is", undefined, GET.length],
    ["rewritten", { kind: "rewrite" }, GET.length],
  ] as const)("Forwarder counts what the visitor sends and gets, %s", async (_, hostHeader, bytesIn) => {
    const tunnel = visited();
    const forwarder = await open(
      httpTunnel({ upstream: `http://127.0.0.1:${port}`, ...(hostHeader && { hostHeader }) }),
    );
    const { edge, heard } = visit(forwarder, { payload: GET.slice(0, 9), tunnel });
    edge.write(octets(GET.slice(9)));
    await heard.until(() => heard.hasEnded);
    edge.end();
    await eventually("the connection is closed", () => tunnel.metrics.conns.durations.count === 1);
    expect(tunnel.metrics).toMatchObject({ bytesIn, bytesOut: heard.bytesHeard });
    expect(tunnel.metrics.conns.snapshot(0)).toMatchObject({ count: 1, gauge: 0 });
  });

  test("Forwarder rewrites Host and maps Location back to the public origin", async () => {
    const tunnel = httpTunnel({ upstream: `http://127.0.0.1:${port}`, hostHeader: { kind: "rewrite" } });
    const { heard } = visit(await open(tunnel), { payload: GET, protocol: "http" });
    await heard.until(() => heard.hasEnded);
    expect(heard.text).toContain("Location: http://public.test/next\r\n");
    expect(heard.text).toContain(`"host":"127.0.0.1:${port}"`);
    expect(heard.text).toContain('"x-original-host":"public.test"');
  });

  test("Forwarder leaves heads alone without a rule", async () => {
    const { heard } = visit(await open(httpTunnel({ upstream: `http://127.0.0.1:${port}` })), { payload: GET });
    await heard.until(() => heard.hasEnded);
    expect(heard.text).toContain("Location: http://public.test/next\r\n");
    expect(heard.text).not.toContain("x-original-host");
  });

  test.each(HEADERS)("Forwarder serves a folder, and drops a PROXY header of version %s", async (_, version, bytes) => {
    await Bun.write(folder.file("site/hello.txt"), "hello from a file");
    const tunnel = httpTunnel({ upstream: `file://${folder.file("site")}`, proxyProtocol: version });
    const forwarder = await open(tunnel);
    const request = "GET /hello.txt HTTP/1.1\r\nHost: public.test\r\nConnection: close\r\n\r\n";
    const { heard } = visit(forwarder, { payload: Buffer.concat([bytes, octets(request)]) });
    await heard.until(() => heard.hasEnded);
    expect(heard.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(heard.text).toEndWith("hello from a file");
  });
});
