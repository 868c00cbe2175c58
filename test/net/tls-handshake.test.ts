import { afterEach, describe, expect, test } from "bun:test";
import type { Clock } from "../../src/base/clock.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { SocketDuplex } from "../../src/net/socket-duplex.ts";
import { pipe } from "../../src/net/pipe.ts";
import type { DialError } from "../../src/net/dial-error.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext, serverTlsContext } from "../../src/net/tls-context.ts";
import type { TlsHandshakeError } from "../../src/net/tls-handshake-error.ts";
import { acceptTls } from "../../src/net/tls-server.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { openssl } from "../support/openssl.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { tcpPair } from "../support/socket-pair.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import {
  acceptAfterHello,
  certificates,
  clientContext,
  shakeHands,
  tlsPair,
  type TlsPairOptions,
} from "../support/tls-pair.ts";

const opened: Array<() => void> = [];

afterEach(() => {
  for (const close of opened.splice(0)) close();
});

const CARRIERS: ReadonlyArray<readonly [string, () => Promise<readonly [Duplex, Duplex]>]> = [
  ["a kernel socket", overSocket],
  ["a stream", overStream],
];

async function overSocket(): Promise<readonly [Duplex, Duplex]> {
  const { ends, dispose } = await tcpPair();
  opened.push(dispose, () => ends[0].reset());
  return ends;
}

async function overStream(): Promise<readonly [Duplex, Duplex]> {
  const ends = pipe();
  opened.push(() => ends[0].reset());
  return ends;
}

const ownContext = (identity: typeof certificates.client): TlsPairOptions["client"] => ({
  context: clientTlsContext([certificates.caPem], identity),
});
const presenting = (identity: typeof certificates.server): TlsPairOptions["server"] => ({
  context: serverTlsContext(identity),
});

describe.each(CARRIERS)("connectTls over %s", (_, connect) => {
  const REFUSED: ReadonlyArray<readonly [string, TlsPairOptions, string]> = [
    [
      "an unknown authority",
      { client: { context: clientTlsContext("default") } },
      "dial tls good.test: x509: certificate signed by unknown authority",
    ],
    [
      "a certificate signed by itself",
      { server: presenting(certificates.stranger) },
      "dial tls good.test: x509: certificate signed by unknown authority",
    ],
    [
      "a wrong name",
      { client: { serverName: "bad.test" } },
      "dial tls bad.test: x509: certificate is not valid for bad.test",
    ],
    [
      "a wrong address",
      { client: { serverName: "127.0.0.2" } },
      "dial tls 127.0.0.2: x509: certificate is not valid for 127.0.0.2",
    ],
    [
      "an unknown authority at the right address",
      { client: { serverName: "127.0.0.1" }, server: presenting(certificates.stranger) },
      "dial tls 127.0.0.1: x509: certificate signed by unknown authority",
    ],
    [
      "an expired certificate at the right address",
      { client: { serverName: "127.0.0.1" }, server: presenting(certificates.expired) },
      "dial tls 127.0.0.1: x509: certificate has expired or is not yet valid",
    ],
    [
      "an expired certificate",
      { server: presenting(certificates.expired) },
      "dial tls good.test: x509: certificate has expired or is not yet valid",
    ],
  ];

  test.each(REFUSED)("refuses %s and sends nothing", async (_case, options, message) => {
    const [client, server] = await shakeHands(await connect(), options);
    expect(client.status).toBe("rejected");
    if (client.status === "fulfilled") return;
    expect(client.reason).toMatchObject({ name: "DialError", reason: "tls", message });
    if (server.status === "rejected") return;
    const atServer = new RecordingListener(server.value.connection);
    await atServer.until(() => atServer.isClosed || atServer.hasEnded);
    expect(atServer.bytesHeard).toBe(0);
  });

  test.each([["good.test"], ["good.test."], ["127.0.0.1"], ["::1"]])(
    "accepts the certificate for %s",
    async (serverName) => {
      const [client] = await tlsPair(await connect(), { client: { serverName } });
      expect(client.alpn).toBeUndefined();
    },
  );

  test("accepts any certificate when told not to verify", async () => {
    const options = { client: { serverName: "bad.test", verify: false }, server: presenting(certificates.stranger) };
    const [client, server] = await tlsPair(await connect(), options);
    const heard = new RecordingListener(server.connection);
    client.connection.write(Buffer.from("hello"));
    await heard.until(() => heard.text === "hello");
    expect(heard.events).toEqual(["data"]);
  });

  test("says so when the peer does not speak TLS", async () => {
    const [near, far] = await connect();
    new RecordingListener(far).onBytes = () => far.write(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const dialled = connectTls(near, {
      context: clientTlsContext([certificates.caPem]),
      serverName: "good.test",
      verify: false,
    });
    const message = "dial tls good.test: the peer does not speak TLS";
    expect(await failureOf<DialError>(dialled)).toMatchObject({ name: "DialError", reason: "tls", message });
  });

  test("gives up at the deadline when the peer is silent", async () => {
    const [near, far] = await connect();
    const clock = new ManualClock();
    const heard = new RecordingListener(far);
    const dialled = connectTls(near, {
      context: clientTlsContext([certificates.caPem]),
      serverName: "good.test",
      verify: true,
      timeoutMs: 10_000,
      clock,
    });
    const failure = failureOf<DialError>(dialled);
    await heard.until(() => heard.bytesHeard > 0);
    clock.advance(10_000);
    expect((await failure).reason).toBe("timedOut");
    await closedFor(far, heard);
  });

  test("can be cancelled", async () => {
    const [near, far] = await connect();
    const heard = new RecordingListener(far);
    const stop = new AbortController();
    const context = clientTlsContext([certificates.caPem]);
    const dialled = connectTls(near, { context, serverName: "good.test", verify: true, signal: stop.signal });
    const failure = failureOf<DialError>(dialled);
    await heard.until(() => heard.bytesHeard > 0);
    stop.abort();
    expect((await failure).reason).toBe("aborted");
  });

  test("lets go of the connection, and says nothing, when it was cancelled before", async () => {
    const [near, far] = await connect();
    const heard = new RecordingListener(far);
    const options = { context: clientContext, serverName: "good.test", verify: true, signal: AbortSignal.abort() };
    expect((await failureOf<DialError>(connectTls(near, options))).reason).toBe("aborted");
    await closedFor(far, heard);
    expect(heard.bytesHeard).toBe(0);
  });
});

describe.each(CARRIERS)("acceptTls over %s", (_, connect) => {
  test("agrees on a protocol that both sides know", async () => {
    const alpn = { client: { alpn: ["zzz", "http/1.1"] }, server: { alpn: ["h2", "http/1.1"] } };
    const [client, server] = await tlsPair(await connect(), alpn);
    expect([client.alpn, server.alpn]).toEqual(["http/1.1", "http/1.1"]);
  });

  test("refuses a client without a common protocol", async () => {
    const alpn = { client: { alpn: ["zzz"] }, server: { alpn: ["h2", "http/1.1"] } };
    const [client, server] = await shakeHands(await connect(), alpn);
    expect([client.status, server.status]).toEqual(["rejected", "rejected"]);
  });

  test("requires a certificate of a known authority when told to", async () => {
    const [, server] = await tlsPair(await connect(), {
      client: ownContext(certificates.client),
      server: { clientCertificate: "require" },
    });
    expect(server.isPeerTrusted).toBe(true);
    expect(server.peerCertificate?.subject).toBe("CN=client");
  });

  test.each([
    ["no certificate", {}],
    ["a certificate that nobody signed", ownContext(certificates.stranger)],
  ])("refuses %s when one is required", async (_case, client) => {
    const [, server] = await shakeHands(await connect(), { client, server: { clientCertificate: "require" } });
    expect(server).toMatchObject({ status: "rejected", reason: { name: "TlsHandshakeError" } });
  });

  test.each([
    ["no certificate", {}, undefined],
    ["a certificate that nobody signed", ownContext(certificates.stranger), "CN=stranger"],
  ])("lets in %s when one is only asked for, and says so", async (_case, client, subject) => {
    const [, server] = await tlsPair(await connect(), { client, server: { clientCertificate: "ask" } });
    expect(server.isPeerTrusted).toBe(false);
    expect(server.peerCertificate?.subject).toBe(subject);
  });

  test("takes a ClientHello that comes byte by byte", async () => {
    const [near, far] = await connect();
    const [relayNear, relayFar] = pipe();
    new RecordingListener(relayFar).onBytes = (bytes) => {
      for (const byte of bytes) near.write(Uint8Array.of(byte));
    };
    near.listen({
      onData: (bytes) => relayFar.write(bytes),
      onDrain: () => {},
      onEnd: () => {},
      onClose: () => relayFar.reset(),
    });
    const context = clientTlsContext([certificates.caPem]);
    const [client, server] = await Promise.all([
      connectTls(relayNear, { context, serverName: "good.test", verify: true }),
      acceptAfterHello(far),
    ]);
    const heard = new RecordingListener(server.connection);
    client.connection.write(Buffer.from("hello"));
    await heard.until(() => heard.text === "hello");
    expect(heard.events).toEqual(["data"]);
  });

  test.each([
    ["garbage", Buffer.from("GET / HTTP/1.1\r\nHost: good.test\r\n\r\n")],
    ["garbage in the dress of a record", Buffer.from("16030100050100000100ff", "hex")],
  ])("refuses %s", async (_case, bytes) => {
    const [near, far] = await connect();
    const heard = new RecordingListener(near);
    const accepted = failureOf<TlsHandshakeError>(acceptAfterHello(far));
    near.write(bytes);
    expect((await accepted).name).toBe("TlsHandshakeError");
    near.end();
    await heard.until(() => heard.isClosed || heard.hasEnded);
  });

  test("gives up at the deadline when the client falls silent", async () => {
    const [near, far] = await connect();
    const clock = new ManualClock();
    const heard = new RecordingListener(near);
    const accepted = acceptTls(far, Buffer.from("160301", "hex"), {
      context: serverTlsContext(certificates.server),
      clock,
    });
    const failure = failureOf<TlsHandshakeError>(accepted);
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(60_000);
    expect((await failure).code).toBe("ETIMEDOUT");
    await closedFor(near, heard);
  });

  test("shows the address of the connection outside", async () => {
    const [near, far] = await connect();
    const { remoteAddress } = far;
    const [, server] = await tlsPair([near, far]);
    expect(server.connection.remoteAddress).toBe(remoteAddress);
  });

  test("fails when the client goes away in the middle", async () => {
    const [near, far] = await connect();
    const accepted = failureOf<TlsHandshakeError>(acceptAfterHello(far));
    const heard = new RecordingListener(near);
    near.write(Buffer.from("160301", "hex"));
    near.end();
    expect((await accepted).name).toBe("TlsHandshakeError");
    await heard.until(() => heard.isClosed || heard.hasEnded);
  });
});

describe.each(CARRIERS)("connectTls and acceptTls over %s", (_, connect) => {
  const USED_UP: ReadonlyArray<readonly [string, (near: Duplex, far: Duplex) => void]> = [
    ["was reset by this side", (near) => near.reset()],
    ["was reset by the peer", (_near, far) => far.reset()],
    [
      "ended in order",
      (near, far) => {
        near.end();
        far.end();
      },
    ],
  ];

  test.each(USED_UP)("fail at once when the connection %s before", async (_case, finish) => {
    for (const handshake of [acceptIdle, connectIdle]) {
      const [near, far] = await connect();
      const heard = [new RecordingListener(near), new RecordingListener(far)];
      finish(near, far);
      await Promise.all(heard.map((one) => one.until(() => one.isClosed)));
      const clock = new ManualClock();
      expect((await failureOf<Error>(handshake(near, clock))).name).toMatch(/^(TlsHandshakeError|DialError)$/);
    }
  });
});

/** With a clock that stands still: neither waits for its deadline. */
function acceptIdle(plain: Duplex, clock: Clock): Promise<unknown> {
  return acceptTls(plain, Buffer.from("160301", "hex"), { context: serverTlsContext(certificates.server), clock });
}

function connectIdle(plain: Duplex, clock: Clock): Promise<unknown> {
  const context = clientTlsContext([certificates.caPem]);
  return connectTls(plain, { context, serverName: "good.test", verify: true, clock });
}

test("connectTls refuses a peer that speaks before the handshake", async () => {
  const [near, far] = await overSocket();
  far.write(Buffer.from("220 ready\r\n"));
  const heard = new RecordingListener(near);
  await heard.until(() => heard.bytesHeard > 0);
  if (!(near instanceof SocketDuplex)) throw new Error("expected a socket");
  near.release(heard.heard);
  const failed = await failureOf<DialError>(connectIdle(near, new ManualClock()));
  expect(failed.message).toBe("dial tls good.test: the peer spoke before the handshake");
});

test("connectTls does TLS once more inside TLS", async () => {
  const outer = await tlsPair(await overSocket());
  const [client, server] = await tlsPair([outer[0].connection, outer[1].connection]);
  const heard = new RecordingListener(server.connection);
  client.connection.write(Buffer.from("deep"));
  client.connection.end();
  await heard.until(() => heard.hasEnded);
  expect(heard.text).toBe("deep");
});

test.each([
  ["127.0.0.1", "fulfilled"],
  ["127.0.0.2", "rejected"],
])("connectTls inside TLS holds the certificate against %s: %s", async (serverName, status) => {
  const outer = await tlsPair(await overSocket());
  const [client] = await shakeHands([outer[0].connection, outer[1].connection], { client: { serverName } });
  expect(client.status).toBe(status as typeof client.status);
  outer[0].connection.reset();
});

test("connectTls and acceptTls pass on the code of a reset stream", async () => {
  const [near, far] = await overStream();
  const [client, server] = await tlsPair([near, far]);
  const heard = new RecordingListener(server.connection);
  const atClient = new RecordingListener(client.connection);
  client.connection.reset(7);
  await Promise.all([heard.until(() => heard.isClosed), atClient.until(() => atClient.isClosed)]);
  expect(heard.cause?.resetCode).toBe(7);
});

describe("acceptTls with openssl as client", () => {
  async function serve(): Promise<number> {
    const context = serverTlsContext(certificates.server);
    const listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, (plain) => {
      acceptAfterHello(plain, { context }).then(
        ({ connection }) => {
          const heard = new RecordingListener(connection);
          heard
            .until(() => heard.text.endsWith("\n"))
            .then(
              () => {
                connection.write(Buffer.from(`heard ${heard.text}`));
                connection.end();
              },
              () => connection.reset(),
            );
        },
        () => plain.reset(),
      );
    });
    opened.push(() => listening.close());
    return listening.port;
  }

  test.each([["-tls1_2"], ["-tls1_3"]])("resumes a session with %s", async (version) => {
    const port = await serve();
    using folder = new TemporaryFolder();
    const client = ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", "good.test", version, "-ign_eof"];
    const session = folder.file("session");
    const first = await openssl([...client, "-sess_out", session], { input: "one\n" });
    const second = await openssl([...client, "-sess_in", session], { input: "two\n" });
    expect(first).toContain("New, TLSv1");
    expect(second).toContain("Reused, TLSv1");
    expect(second).toContain("heard two");
  });

  test.each([["-tls1"], ["-tls1_1"]])("refuses %s", async (version) => {
    const port = await serve();
    const client = ["s_client", "-connect", `127.0.0.1:${port}`, version, "-cipher", "DEFAULT@SECLEVEL=0"];
    expect((await failureOf<Error>(openssl(client))).message).toContain("alert protocol version");
  });
});

test("dialTcp and connectTls speak with openssl as server", async () => {
  using folder = new TemporaryFolder();
  await Promise.all([
    Bun.write(folder.file("crt"), certificates.server.certPem),
    Bun.write(folder.file("key"), certificates.server.keyPem),
  ]);
  const free = listenTcp({ hostname: "127.0.0.1", port: 0 }, () => {});
  const { port } = free;
  free.close();
  const child = Bun.spawn(
    ["openssl", "s_server", "-accept", `127.0.0.1:${port}`, "-key", "key", "-cert", "crt", "-rev", "-naccept", "1"],
    { cwd: folder.path, stdout: "pipe", stderr: "ignore", stdin: "ignore" },
  );
  for await (const text of child.stdout) if (Buffer.from(text).includes("ACCEPT")) break;
  const plain = await dialTcp({ host: "localhost", port }, { timeoutMs: 5_000 });
  const context = clientTlsContext([certificates.caPem]);
  const { connection } = await connectTls(plain, { context, serverName: "localhost", verify: false });
  const heard = new RecordingListener(connection);
  connection.write(Buffer.from("abc\n"));
  await heard.until(() => heard.text === "cba\n");
  connection.reset();
  child.kill();
  await child.exited;
});

/** Waits until the other side has gone: an end, and then no ear for what we write. */
async function closedFor(end: Duplex, heard: RecordingListener): Promise<void> {
  await heard.until(() => heard.isClosed || heard.hasEnded);
  end.write(Buffer.from("anybody there?"));
  await heard.until(() => heard.isClosed);
}

async function failureOf<E extends Error>(promise: Promise<unknown>): Promise<E> {
  const outcome = await promise.then(
    () => undefined,
    (failure: E) => failure,
  );
  if (outcome === undefined) throw new Error("expected a failure");
  return outcome;
}
