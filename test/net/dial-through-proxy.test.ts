import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { createServer } from "node:tls";
import { once } from "node:events";
import { systemClock } from "../../src/base/clock.ts";
import { DialError } from "../../src/net/dial-error.ts";
import { dialThroughProxy } from "../../src/net/dial-through-proxy.ts";
import type { SocketDuplex } from "../../src/net/socket-duplex.ts";
import { listenTcp, type Listening } from "../../src/net/tcp-listen.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import { parseProxyUrl } from "../../src/protocol/outbound-proxy/proxy-url.ts";
import { type RunningProxy, startDante, startTinyproxy } from "../support/forward-proxies.ts";
import { createLocalCa, LocalCa } from "../../src/pki/local-ca.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";
import { RecordingListener } from "../support/recording-listener.ts";

const TIMEOUT_MS = 4_000;
let echo: Listening;
let tinyproxy: RunningProxy;
let tinyproxyWithLogin: RunningProxy;
let dante: RunningProxy;
const opened: Disposable[] = [];

beforeAll(async () => {
  echo = listenTcp({ hostname: "127.0.0.1", port: 0 }, echoBack);
  [tinyproxy, tinyproxyWithLogin, dante] = await Promise.all([
    startTinyproxy(),
    startTinyproxy("me pass"),
    startDante(),
  ]);
});
afterAll(async () => {
  echo.close();
  await Promise.all([tinyproxy, tinyproxyWithLogin, dante].map((proxy) => proxy[Symbol.asyncDispose]()));
});
afterEach(() => {
  for (const thing of opened.splice(0)) thing[Symbol.dispose]();
});

function echoBack(connection: SocketDuplex): void {
  connection.listen({
    onData: (bytes) => connection.write(bytes),
    onDrain: () => {},
    onEnd: () => connection.end(),
    onClose: () => {},
  });
}

/** A proxy that does as the test says with each connection. */
function scriptedProxy(onConnection: (connection: SocketDuplex) => void): string {
  const listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, onConnection);
  opened.push({ [Symbol.dispose]: () => listening.close() });
  return `127.0.0.1:${listening.port}`;
}

/** Answers the first bytes with `answer`. */
function answeringProxy(answer: string): string {
  return scriptedProxy((connection) => {
    const heard = new RecordingListener(connection);
    heard.onBytes = () => {
      heard.onBytes = () => {};
      connection.write(Buffer.from(answer, "latin1"));
    };
  });
}

async function dial(url: string, host = "localhost", timeoutMs = TIMEOUT_MS): Promise<SocketDuplex> {
  const connection = await dialThroughProxy({ host, port: echo.port }, parseProxyUrl(url), { timeoutMs });
  opened.push({ [Symbol.dispose]: () => connection.reset() });
  return connection;
}

async function failureOf(dialling: Promise<unknown>): Promise<DialError> {
  const failure: unknown = await dialling.catch((cause: unknown) => cause);
  if (failure instanceof DialError) return failure;
  throw new Error(`no DialError: ${String(failure)}`);
}

describe("dialThroughProxy", () => {
  test.each([
    ["tinyproxy, by name", () => `http://127.0.0.1:${tinyproxy.port}`, "localhost"],
    ["tinyproxy, by address", () => `http://127.0.0.1:${tinyproxy.port}`, "127.0.0.1"],
    ["tinyproxy with credentials", () => `http://me:pass@127.0.0.1:${tinyproxyWithLogin.port}`, "localhost"],
    ["dante, by name", () => `socks5://127.0.0.1:${dante.port}`, "localhost"],
    ["dante, by address", () => `socks5://127.0.0.1:${dante.port}`, "127.0.0.1"],
  ])("dialThroughProxy carries bytes and ends through %s", async (_, url, host) => {
    const connection = await dial(url(), host);
    const heard = new RecordingListener(connection);
    const sent = patternedBytes(300_000);
    connection.write(sent);
    await heard.until(() => heard.bytesHeard === sent.length);
    expect(heard.heard.equals(sent)).toBe(true);
    connection.end();
    await heard.until(() => heard.isClosed);
  });

  test.each([
    ["tinyproxy without credentials", () => `http://127.0.0.1:${tinyproxyWithLogin.port}`, "wants credentials"],
    [
      "tinyproxy with wrong credentials",
      () => `http://me:secret@127.0.0.1:${tinyproxyWithLogin.port}`,
      "refused the credentials",
    ],
  ])("dialThroughProxy explains the refusal of %s", async (_, url, reason) => {
    const failure = await failureOf(dial(url()));
    expect(failure.reason).toBe("refused");
    expect(failure.message).toBe(
      `proxy http://127.0.0.1:${tinyproxyWithLogin.port}: ${failure.cause instanceof Error ? failure.cause.message : ""}`,
    );
    expect(failure.message).toContain(reason);
    expect(failure.message).not.toContain("secret");
  });

  test("dialThroughProxy says what a proxy says about a target that nobody listens on", async () => {
    const closed = listenTcp({ hostname: "127.0.0.1", port: 0 }, () => {});
    const target = { host: "127.0.0.1", port: closed.port };
    closed.close();
    const options = { timeoutMs: TIMEOUT_MS };
    const overHttp = dialThroughProxy(target, parseProxyUrl(`http://127.0.0.1:${tinyproxy.port}`), options);
    expect((await failureOf(overHttp)).message).toContain("answered 50");
    const overSocks = dialThroughProxy(target, parseProxyUrl(`socks5://127.0.0.1:${dante.port}`), options);
    expect((await failureOf(overSocks)).message).toContain("found the connection refused");
  });

  test("dialThroughProxy logs in to a SOCKS proxy and leaves names to it", async () => {
    const heard: string[] = [];
    const answers = ["\x05\x02", "\x01\x00", "\x05\x00\x00\x01\0\0\0\0\0\0"];
    const address = scriptedProxy((connection) => {
      const listener = new RecordingListener(connection);
      listener.onBytes = (bytes) => {
        heard.push(Buffer.from(bytes).toString("latin1"));
        connection.write(Buffer.from(answers.shift() ?? "", "latin1"));
      };
    });
    await dial(`socks5://me:pass@${address}`, "no-such-host.invalid");
    expect(heard.slice(0, 2)).toEqual(["\x05\x02\x00\x02", "\x01\x02me\x04pass"]);
    expect(heard[2]).toStartWith("\x05\x01\x00\x03\x14no-such-host.invalid");
  });

  test("dialThroughProxy loses nothing that the target said early", async () => {
    const connection = await dial(`http://${answeringProxy("HTTP/1.1 200 OK\r\n\r\nearly")}`);
    await new Promise((resolve) => setImmediate(resolve));
    const heard = new RecordingListener(connection);
    await heard.until(() => heard.text === "early");
  });

  test.each([
    ["is no proxy", "SSH-2.0-x\r\n\r\n", "not HTTP/1"],
    ["refuses", "HTTP/1.1 403 Filtered\r\n\r\n", "answered 403 Filtered"],
  ])("dialThroughProxy explains a peer that %s", async (_, answer, reason) => {
    const failure = await failureOf(dial(`http://me:secret@${answeringProxy(answer)}`));
    expect(failure.message).toContain(reason);
    expect(failure.message).not.toContain("secret");
  });

  test.each([
    ["ends", (connection: SocketDuplex) => connection.end(), "ended the connection"],
    ["resets", (connection: SocketDuplex) => connection.reset(), "the connection before it was through"],
  ])("dialThroughProxy explains a proxy that %s without an answer", async (_, leave, reason) => {
    const address = scriptedProxy((connection) => {
      const heard = new RecordingListener(connection);
      heard.onBytes = () => leave(connection);
    });
    expect((await failureOf(dial(`http://${address}`))).message).toContain(reason);
  });

  test("dialThroughProxy names the proxy that cannot be reached", async () => {
    const gone = listenTcp({ hostname: "127.0.0.1", port: 0 }, () => {});
    gone.close();
    const failure = await failureOf(dial(`socks5://me:secret@127.0.0.1:${gone.port}`));
    expect(failure.reason).toBe("refused");
    expect(failure.message).toStartWith(`proxy socks5://127.0.0.1:${gone.port}: dial tcp`);
  });

  test("dialThroughProxy gives up a silent proxy in time, and cuts it", async () => {
    const clock = new ManualClock();
    const cut = Promise.withResolvers<void>();
    const address = scriptedProxy((connection) => {
      const heard = new RecordingListener(connection);
      heard.onBytes = () => {
        clock.advance(TIMEOUT_MS);
        heard.until(() => heard.isClosed).then(cut.resolve, cut.reject);
      };
    });
    const proxy = parseProxyUrl(`http://${address}`);
    const dialling = dialThroughProxy({ host: "a.example", port: 1 }, proxy, { timeoutMs: TIMEOUT_MS, clock });
    expect((await failureOf(dialling)).reason).toBe("timedOut");
    await cut.promise;
    expect(clock.pending).toBe(0);
  });

  test("dialThroughProxy stops when its signal says so", async () => {
    const stop = new AbortController();
    const address = scriptedProxy((connection) => {
      new RecordingListener(connection).onBytes = () => stop.abort();
    });
    const proxy = parseProxyUrl(`http://${address}`);
    const options = { timeoutMs: TIMEOUT_MS, signal: stop.signal };
    expect((await failureOf(dialThroughProxy({ host: "a.example", port: 1 }, proxy, options))).reason).toBe("aborted");
  });
});

describe("dialThroughProxy to an https proxy", () => {
  const ca = createLocalCa("box", systemClock).then((material) => new LocalCa(material, systemClock));

  /** TLS in front of a port, with a certificate for this machine; what is inside goes on to that port. */
  async function tlsInFrontOf(port: number): Promise<number> {
    const { certPem, keyPem } = await (await ca).issue(["127.0.0.1", "localhost"]);
    const front = createServer({ cert: certPem, key: keyPem }, (visitor) => {
      const behind = connect(port, "127.0.0.1");
      visitor.pipe(behind).pipe(visitor);
      visitor.on("error", () => behind.destroy());
      behind.on("error", () => visitor.destroy());
    });
    front.on("tlsClientError", () => {});
    front.listen(0, "127.0.0.1");
    await once(front, "listening");
    opened.push({ [Symbol.dispose]: () => void front.close() });
    const address = front.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  test("dialThroughProxy speaks TLS to it, and a session with TLS of its own fits inside", async () => {
    const [proxyPort, targetPort] = await Promise.all([tlsInFrontOf(tinyproxy.port), tlsInFrontOf(echo.port)]);
    const context = clientTlsContext([(await ca).certPem]);
    const proxy = parseProxyUrl(`https://127.0.0.1:${proxyPort}`);
    const target = { host: "localhost", port: targetPort };
    const outer = await dialThroughProxy(target, proxy, { timeoutMs: TIMEOUT_MS, proxyContext: context });
    opened.push({ [Symbol.dispose]: () => outer.reset() });
    const { connection } = await connectTls(outer, {
      context,
      serverName: "localhost",
      verify: true,
      timeoutMs: TIMEOUT_MS,
    });
    const heard = new RecordingListener(connection);
    const sent = patternedBytes(300_000);
    connection.write(sent);
    await heard.until(() => heard.bytesHeard === sent.length);
    expect(heard.heard.equals(sent)).toBe(true);
    connection.reset();
    await heard.until(() => heard.isClosed);
  });

  test("dialThroughProxy does not tell its credentials to a proxy that nobody vouches for", async () => {
    const strangers = await createLocalCa("stranger", systemClock);
    const port = await tlsInFrontOf(tinyproxyWithLogin.port);
    const proxy = parseProxyUrl(`https://me:pass@127.0.0.1:${port}`);
    const options = { timeoutMs: TIMEOUT_MS, proxyContext: clientTlsContext([strangers.certPem]) };
    const failure = await failureOf(dialThroughProxy({ host: "127.0.0.1", port: echo.port }, proxy, options));
    expect(failure.reason).toBe("tls");
    expect(failure.message).toStartWith(`proxy https://127.0.0.1:${port}: `);
  });
});
