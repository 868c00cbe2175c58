import { afterEach, describe, expect, test } from "bun:test";
import type { Duplex } from "../../src/net/duplex.ts";
import { SocketDuplex, type SocketOptions } from "../../src/net/socket-duplex.ts";
import { duplexContract } from "../support/duplex-contract.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { tcpPair, unixPair } from "../support/socket-pair.ts";
import { tlsPair } from "../support/tls-pair.ts";

duplexContract("SocketDuplex over TCP", () => tcpPair());
duplexContract("SocketDuplex over a unix socket", () => unixPair(), { carriesReset: false });

const opened: Array<() => void> = [];

afterEach(() => {
  for (const close of opened.splice(0)) close();
});

async function plainEnds(options?: SocketOptions): Promise<readonly [SocketDuplex, SocketDuplex]> {
  const { ends, dispose } = await tcpPair(options);
  opened.push(dispose, () => ends[0].reset());
  return ends;
}

async function tlsEnds(): Promise<readonly [Duplex, Duplex]> {
  const [client, server] = await tlsPair(await plainEnds());
  return [client.connection, server.connection];
}

describe("SocketDuplex", () => {
  test("counts the bytes of both directions", async () => {
    const [near, far] = await plainEnds();
    const heard = new RecordingListener(far);
    near.write(patternedBytes(3_000_000));
    near.end();
    await heard.until(() => heard.hasEnded);
    expect([near.sentBytes, far.receivedBytes, near.unsentBytes]).toEqual([3_000_000, 3_000_000, 0]);
  });

  test("reports what a listener throws, and resets that connection only", async () => {
    const faults: unknown[] = [];
    const [near, far] = await plainEnds({ onFault: (fault) => faults.push(fault) });
    const atNear = new RecordingListener(near);
    const atFar = new RecordingListener(far);
    atFar.onBytes = () => {
      throw new Error("ours");
    };
    near.write(Buffer.from("x"));
    await Promise.all([atNear.until(() => atNear.isClosed), atFar.until(() => atFar.isClosed)]);
    expect(faults).toEqual([new Error("ours")]);
    expect(atNear.cause?.code).toBe("ECONNRESET");
  });

  test("hears what the peer sent before it went, also when a write finds it gone first", async () => {
    const [near, far] = await plainEnds();
    const atNear = new RecordingListener(near);
    const atFar = new RecordingListener(far);
    near.write(Buffer.from("question"));
    await atFar.until(() => atFar.bytesHeard > 0);
    far.write(Buffer.from("no"));
    far.reset();
    expect([near.write(Buffer.from("more")), near.write(Buffer.from("and more"))]).toEqual([false, false]);
    near.end();
    await atNear.until(() => atNear.isClosed);
    expect([atNear.text, atNear.events]).toEqual(["no", ["data", "close"]]);
    expect(atNear.cause).toMatchObject({ code: "EPIPE" });
    expect(near.unsentBytes).toBe(0);
  });

  test("closes when a write failed and the kernel does not say why", async () => {
    const clock = new ManualClock();
    const connection = new SocketDuplex({ clock });
    let cuts = 0;
    const socket = { write: () => -1, terminate: () => (cuts += 1) };
    connection.attach(socket as unknown as Parameters<SocketDuplex["attach"]>[0]); // what of a socket is used here
    const heard = new RecordingListener(connection);
    expect(connection.write(Buffer.from("x"))).toBe(false);
    clock.advance(1_000);
    await heard.until(() => heard.isClosed);
    expect([heard.events, heard.cause?.code, cuts, clock.pending]).toEqual([["close"], "EPIPE", 1, 0]);
  });

  test.each(["onEnd", "onDrain", "onClose"] as const)("survives a listener that throws in %s", async (name) => {
    const faults: unknown[] = [];
    const [near, far] = await plainEnds({ onFault: (fault) => faults.push(fault) });
    const atFar = new RecordingListener(far);
    const fail = (): void => {
      throw new Error("ours");
    };
    far.pause();
    near.listen({ onData: () => {}, onDrain: () => {}, onEnd: () => {}, onClose: () => {}, [name]: fail });
    while (near.write(patternedBytes(100_000)));
    far.resume();
    far.end();
    // Nobody waits for room after an end.
    if (name !== "onDrain") near.end();
    await atFar.until(() => atFar.isClosed);
    while (faults.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(faults).toEqual([new Error("ours")]);
  });

  test("cuts a peer that never ends, once the time to linger is over", async () => {
    const clock = new ManualClock();
    const [near, far] = await plainEnds({ lingerMs: 5_000, clock });
    const atNear = new RecordingListener(near);
    const atFar = new RecordingListener(far);
    near.end();
    await atFar.until(() => atFar.hasEnded);
    clock.advance(4_999);
    expect(atNear.isClosed).toBe(false);
    clock.advance(1);
    await Promise.all([atNear.until(() => atNear.isClosed), atFar.until(() => atFar.isClosed)]);
    expect(atNear.cause?.code).toBe("ETIMEDOUT");
    expect(clock.pending).toBe(0);
  });

  test("keeps no timer when the peer ends in time", async () => {
    const clock = new ManualClock();
    const [near, far] = await plainEnds({ lingerMs: 5_000, clock });
    const atNear = new RecordingListener(near);
    far.listen({ onData: () => {}, onDrain: () => {}, onEnd: () => far.end(), onClose: () => {} });
    near.end();
    await atNear.until(() => atNear.isClosed);
    expect(atNear.cause).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  test("gives its socket away at most once, and is silent from then on", async () => {
    const [near, far] = await plainEnds();
    const atNear = new RecordingListener(near);
    const detached = near.detach();
    expect(near.detach()).toBeUndefined();
    far.write(Buffer.from("x"));
    near.write(Buffer.from("lost"));
    near.end();
    near.reset();
    detached?.socket.terminate();
    const atFar = new RecordingListener(far);
    await atFar.until(() => atFar.isClosed);
    expect(atNear.events).toEqual([]);
    expect(atFar.bytesHeard).toBe(0);
  });

  test("gives back what a listener read too far", async () => {
    const [near, far] = await plainEnds();
    const first = new RecordingListener(far);
    near.write(Buffer.from("head+body"));
    await first.until(() => first.bytesHeard === 9);
    far.release(Buffer.from("body"));
    near.end();
    const second = new RecordingListener(far);
    await second.until(() => second.hasEnded);
    expect(second.text).toBe("body");
  });
});

const BULK_BYTES = 64 * 1024 * 1024;
const CHUNK = patternedBytes(256 * 1024);

describe.each([
  ["TCP", plainEnds],
  ["TLS", tlsEnds],
] as ReadonlyArray<readonly [string, () => Promise<readonly [Duplex, Duplex]>]>)(
  "SocketDuplex over %s",
  (_, connect) => {
    test("carries 64 MiB each way at once past slow readers, queueing one chunk at most", async () => {
      const ends = await connect();
      const done = ends.map(async (end) => {
        let sent = 0;
        let mostUnsent = 0;
        const send = (): void => {
          while (sent < BULK_BYTES) {
            sent += CHUNK.length;
            const hasRoom = end.write(CHUNK);
            mostUnsent = Math.max(mostUnsent, unsentBytesOf(end));
            if (!hasRoom) return;
          }
          end.end();
        };
        const { promise, resolve } = Promise.withResolvers<number>();
        let heard = 0;
        end.listen({
          onData: (bytes) => {
            heard += bytes.length;
            end.pause();
            setImmediate(() => end.resume());
          },
          onDrain: send,
          onEnd: () => {},
          onClose: () => resolve(heard),
        });
        send();
        return { heard: await promise, isBounded: mostUnsent <= CHUNK.length };
      });
      expect(await Promise.all(done)).toEqual([
        { heard: BULK_BYTES, isBounded: true },
        { heard: BULK_BYTES, isBounded: true },
      ]);
    });
  },
);

function unsentBytesOf(end: Duplex): number {
  return "unsentBytes" in end && typeof end.unsentBytes === "number" ? end.unsentBytes : Number.POSITIVE_INFINITY;
}
