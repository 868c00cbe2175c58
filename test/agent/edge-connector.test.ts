/** Connecting to an edge over real sockets. */
import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { type EdgeConnectorOptions, networkEdgeConnector } from "../../src/agent/edge-connector.ts";
import { UsageError } from "../../src/base/errors.ts";
import { DialError } from "../../src/net/dial-error.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { warnOfFault } from "../../src/net/faults.ts";
import type { SocketDuplex } from "../../src/net/socket-duplex.ts";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import { type OutboundProxy, parseProxyUrl } from "../../src/protocol/outbound-proxy/proxy-url.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { acceptAfterHello, certificates } from "../support/tls-pair.ts";
import { startTinyproxy } from "../support/forward-proxies.ts";

const folder = new TemporaryFolder();
const caFile = folder.file("ca.pem");
await Bun.write(caFile, certificates.caPem);
afterAll(() => folder[Symbol.dispose]());

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const { signal } = new AbortController();

function options(port: number, changes: Partial<EdgeConnectorOptions> = {}): EdgeConnectorOptions {
  return {
    serverAddress: { host: "127.0.0.1", port },
    proxy: undefined,
    rootCas: { kind: "file", path: caFile },
    connectTimeoutMs: 5_000,
    connectInterface: undefined,
    dnsResolverIps: [],
    clock: new ManualClock(),
    onFault: warnOfFault,
    ...changes,
  };
}

function listen(onConnection: (connection: SocketDuplex) => void): number {
  const listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, onConnection);
  cleanups.push(() => listening.close());
  return listening.port;
}

/** Echoes inside TLS. */
function echoEdge(): number {
  return listen((plain) => {
    acceptAfterHello(plain).then(
      ({ connection }) => {
        connection.listen({
          onData: (bytes) => void connection.write(bytes),
          onDrain: () => {},
          onEnd: () => connection.end(),
          onClose: () => {},
        });
      },
      () => {},
    );
  });
}

async function expectEcho(connection: Duplex): Promise<void> {
  const heard = new RecordingListener(connection);
  connection.write(new TextEncoder().encode("hello"));
  await heard.until(() => heard.text === "hello");
  connection.reset();
}

describe("networkEdgeConnector", () => {
  test("networkEdgeConnector makes a connection inside TLS, a new one each time", async () => {
    const connect = await networkEdgeConnector(options(echoEdge()));
    await expectEcho(await connect(signal));
    await expectEcho(await connect(signal));
  });

  test("networkEdgeConnector connects from the interface that is asked for", async () => {
    const connect = await networkEdgeConnector(options(echoEdge(), { connectInterface: "lo" }));
    await expectEcho(await connect(signal));
  });

  test("networkEdgeConnector goes through a proxy, and never shows its password", async () => {
    await using proxy = await startTinyproxy("user password");
    const port = echoEdge();
    const proxyFor = (password: string): OutboundProxy => parseProxyUrl(`user:${password}@127.0.0.1:${proxy.port}`);
    const through = await networkEdgeConnector(options(port, { proxy: proxyFor("password") }));
    await expectEcho(await through(signal));
    const refused = await networkEdgeConnector(options(port, { proxy: proxyFor("wrong") }));
    const failure: unknown = await refused(signal).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DialError);
    expect(String(failure)).not.toContain("wrong");
  });

  test("networkEdgeConnector refuses an edge that its authorities did not sign", async () => {
    const connect = await networkEdgeConnector(options(echoEdge(), { rootCas: { kind: "host" } }));
    const failure: unknown = await connect(signal).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      reason: "tls",
      message: expect.stringContaining("unknown authority; if the edge has its own, name the PEM file"),
    });
  });

  test("networkEdgeConnector says what to do about an edge that has another name", async () => {
    const port = listen((plain) => {
      plain.listen({
        onData: () => {
          plain.write(Uint8Array.of(0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x70)); // unrecognized_name
          plain.end();
        },
        onDrain: () => {},
        onEnd: () => {},
        onClose: () => {},
      });
    });
    const connect = await networkEdgeConnector(options(port, { serverAddress: { host: "localhost", port } }));
    const failure: unknown = await connect(signal).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      reason: "tls",
      message: expect.stringMatching(
        /localhost: .*unrecognized name; .*give --server-addr one of them, or its IP address where it has no --crt/,
      ),
    });
  });

  test("networkEdgeConnector gives TCP and TLS together their time", async () => {
    const clock = new ManualClock();
    const accepted = Promise.withResolvers<SocketDuplex>();
    const connect = await networkEdgeConnector(options(listen(accepted.resolve), { clock }));
    const dialled = connect(signal).catch((error: unknown) => error);
    const silent = new RecordingListener(await accepted.promise);
    await silent.until(() => silent.bytesHeard > 0); // the ClientHello
    clock.advance(5_000);
    expect(await dialled).toMatchObject({ name: "DialError", reason: "timedOut" });
    expect(clock.pending).toBe(0);
  });

  test("networkEdgeConnector stops when told", async () => {
    const accepted = Promise.withResolvers<SocketDuplex>();
    const connect = await networkEdgeConnector(options(listen(accepted.resolve)));
    const stop = new AbortController();
    const dialled = connect(stop.signal).catch((error: unknown) => error);
    const silent = new RecordingListener(await accepted.promise);
    await silent.until(() => silent.bytesHeard > 0);
    stop.abort();
    expect(await dialled).toMatchObject({ reason: "aborted" });
  });

  test.each<[string, Partial<EdgeConnectorOptions>, RegExp]>([
    ["authorities in a file that is not there", { rootCas: { kind: "file", path: "/does/not/exist" } }, /no such file/],
    ["an interface that is not there", { connectInterface: "nowhere0" }, /"nowhere0"/],
  ])("networkEdgeConnector refuses %s before anything is dialled", async (_, changes, reason) => {
    const failure: unknown = await networkEdgeConnector(options(1, changes)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).toMatch(reason);
  });
});
