import { afterEach, describe, expect, test } from "bun:test";
import { DialAttempts } from "../../src/net/dial-attempts.ts";
import type { DialError } from "../../src/net/dial-error.ts";
import { dialTcp, type DialOptions, type DialTarget } from "../../src/net/tcp-dial.ts";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import type { SocketDuplex } from "../../src/net/socket-duplex.ts";
import { DeafPort } from "../support/deaf-port.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { eventually } from "../support/turns.ts";

const opened: Array<() => void> = [];

afterEach(() => {
  for (const close of opened.splice(0)) close();
});

async function dial(target: DialTarget, options: Partial<DialOptions> = {}): Promise<SocketDuplex> {
  const connection = await dialTcp(target, { timeoutMs: 5_000, ...options });
  opened.push(() => connection.reset());
  return connection;
}

async function failure(target: DialTarget, options: Partial<DialOptions> = {}): Promise<DialError> {
  return dial(target, options).then(
    () => {
      throw new Error("expected a failure");
    },
    (error: DialError) => error,
  );
}

/** A port where nobody listens. */
function closedPort(): number {
  const listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, () => {});
  listening.close();
  return listening.port;
}

describe("dialTcp", () => {
  test.each([["127.0.0.1"], ["::1"]])("reaches localhost where only %s listens", async (hostname) => {
    const listening = listenTcp({ hostname, port: 0 }, (connection) => connection.write(Buffer.from("hello")));
    opened.push(() => listening.close());
    const heard = new RecordingListener(await dial({ host: "localhost", port: listening.port }));
    await heard.until(() => heard.text === "hello");
    expect(heard.events).toEqual(["data"]);
  });

  test("dials from the address asked for", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, (peer) => resolve(peer.remoteAddress));
    opened.push(() => listening.close());
    const connection = await dial({ host: "127.0.0.1", port: listening.port }, { localAddress: "127.0.0.9" });
    expect(await promise).toStartWith("127.0.0.9:");
    expect(connection.localAddress).toBe(await promise);
    expect(connection.remoteAddress).toBe(`127.0.0.1:${listening.port}`);
  });

  test.each([
    ["::1", "[::1]"],
    ["127.0.0.1", "127.0.0.1"],
    ["localhost", "[::1]"],
  ])("says that %s refused, naming the first address tried", async (host, shown) => {
    const port = closedPort();
    expect(await failure({ host, port })).toMatchObject({
      name: "DialError",
      reason: "refused",
      message: `dial tcp ${shown}:${port}: connect: connection refused`,
    });
  });

  test.each([["127.0.0.1"], ["localhost"]])(
    "says what is wrong with a port of %s that there is none of",
    async (host) => {
      const clock = new ManualClock();
      expect(await failure({ host, port: 65_536 }, { clock })).toMatchObject({
        name: "DialError",
        reason: "unreachable",
      });
      expect(clock.pending).toBe(0);
    },
  );

  test("leaves out addresses that may not be dialled, whatever name leads there", async () => {
    const accepted: string[] = [];
    const listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, ({ remoteAddress }) =>
      accepted.push(remoteAddress),
    );
    opened.push(() => listening.close());
    const asked: string[] = [];
    const mayDial = (address: string): boolean => asked.push(address) === 0;
    for (const host of ["localhost", "127.0.0.1"]) {
      expect(await failure({ host, port: listening.port }, { mayDial })).toMatchObject({ reason: "unreachable" });
    }
    expect(asked).toEqual(["::1", "127.0.0.1", "127.0.0.1"]);
    expect(accepted).toEqual([]);
    await dial({ host: "localhost", port: listening.port }, { mayDial: (address) => address === "127.0.0.1" });
  });

  test("says that a unix socket is missing", async () => {
    expect(await failure({ unix: "/nonexistent/socket" })).toMatchObject({
      reason: "refused",
      message: "dial unix /nonexistent/socket: connect: no such file or directory",
    });
  });

  test("says that a name is unknown", async () => {
    expect(await failure({ host: "nonexistent.invalid", port: 80 })).toMatchObject({
      reason: "unresolved",
      message: "dial tcp: lookup nonexistent.invalid: no such host",
    });
  });

  test("gives up at the deadline", async () => {
    const clock = new ManualClock();
    // RFC 5737: nobody has this address.
    const failed = failure({ host: "192.0.2.1", port: 80 }, { timeoutMs: 3_000, clock });
    clock.advance(3_000);
    expect(await failed).toMatchObject({ reason: "timedOut", message: "dial tcp 192.0.2.1:80: i/o timeout" });
    expect(clock.pending).toBe(0);
  });

  test("can be cancelled before it began", async () => {
    const clock = new ManualClock();
    const failed = await failure({ host: "127.0.0.1", port: 1 }, { signal: AbortSignal.abort(), clock });
    expect(failed).toMatchObject({ reason: "aborted", message: "dial tcp 127.0.0.1:1: operation was canceled" });
    expect(clock.pending).toBe(0);
  });

  test("cuts what opens after it was cancelled", async () => {
    const { promise: accepted, resolve } = Promise.withResolvers<RecordingListener>();
    const listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, (peer) => resolve(new RecordingListener(peer)));
    opened.push(() => listening.close());
    const stop = new AbortController();
    const failed = failure({ host: "127.0.0.1", port: listening.port }, { signal: stop.signal });
    // Far enough for the connect to have begun; it cannot have ended within a turn.
    for (let i = 0; i < 10; i += 1) await Promise.resolve();
    stop.abort();
    expect(await failed).toMatchObject({ reason: "aborted" });
    const peer = await accepted;
    await peer.until(() => peer.isClosed);
    expect(peer.cause?.code).toBe("ECONNRESET");
  });

  test("counts attempts for as long as the kernel has them, also when nobody waits any more", async () => {
    await using deaf = await DeafPort.open();
    const all = new DialAttempts();
    const attempts = new DialAttempts(all);
    const clock = new ManualClock();
    const seen = (): readonly number[] => [attempts.underWay, attempts.abandoned, all.underWay, all.abandoned];
    const failed = failure({ host: "127.0.0.1", port: deaf.port }, { timeoutMs: 1_000, clock, attempts });
    expect(seen()).toEqual([1, 0, 1, 0]);
    clock.advance(1_000);
    expect(await failed).toMatchObject({ reason: "timedOut" });
    expect(seen()).toEqual([1, 1, 1, 1]);
    const listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, () => {});
    opened.push(() => listening.close());
    const other = new DialAttempts(all);
    await dial({ host: "127.0.0.1", port: listening.port }, { attempts: other });
    await failure({ host: "127.0.0.1", port: closedPort() }, { attempts: other });
    expect([other.underWay, other.abandoned]).toEqual([0, 0]);
    expect(seen()).toEqual([1, 1, 1, 1]);
    await deaf[Symbol.asyncDispose]();
    await eventually("the kernel gave up", () => all.underWay === 0);
    expect(seen()).toEqual([0, 0, 0, 0]);
  });
});
