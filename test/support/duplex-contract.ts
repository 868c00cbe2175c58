/** What every connection of the shape `Duplex` promises, run against each implementation. */
import { afterEach, describe, expect, test } from "bun:test";
import type { Duplex } from "../../src/net/duplex.ts";
import { patternedBytes } from "./patterned-bytes.ts";
import { RecordingListener } from "./recording-listener.ts";

export interface ConnectedPair {
  readonly ends: readonly [Duplex, Duplex];
  /** Releases what carries the pair; the ends were reset before. */
  readonly dispose?: () => void | Promise<void>;
}

export interface ContractOptions {
  /** False where the transport has no reset, like a unix socket: the peer sees an end that may come late. */
  readonly carriesReset?: boolean;
}

/** More than any implementation may hold for an end that does not read. */
const FAR_TOO_MUCH_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 50_000;

/** Registers the tests. `connect` gives a new pair of ends that nobody listens to. Run from both ends of the pair. */
export function duplexContract(
  name: string,
  connect: () => Promise<ConnectedPair>,
  { carriesReset = true }: ContractOptions = {},
): void {
  const pairs: ConnectedPair[] = [];

  afterEach(async () => {
    for (const pair of pairs.splice(0)) {
      for (const end of pair.ends) end.reset();
      await pair.dispose?.();
    }
  });

  describe.each([
    ["first", 0],
    ["second", 1],
  ] as const)(`${name}, from its %s end,`, (_, index) => {
    async function connected(): Promise<[Duplex, Duplex]> {
      const pair = await connect();
      pairs.push(pair);
      return [pair.ends[index], pair.ends[1 - index] ?? pair.ends[0]];
    }

    async function heard(): Promise<{
      near: Duplex;
      far: Duplex;
      atNear: RecordingListener;
      atFar: RecordingListener;
    }> {
      const [near, far] = await connected();
      return { near, far, atNear: new RecordingListener(near), atFar: new RecordingListener(far) };
    }

    test("carries bytes both ways", async () => {
      const { near, far, atNear, atFar } = await heard();
      near.write(Buffer.from("ping"));
      await atFar.until(() => atFar.text === "ping");
      far.write(Buffer.from("pong"));
      await atNear.until(() => atNear.text === "pong");
      expect([atNear.events, atFar.events]).toEqual([["data"], ["data"]]);
    });

    test("keeps order and loses nothing when the writer heeds back-pressure", async () => {
      const { near, atNear, atFar } = await heard();
      const whole = patternedBytes(6_000_000);
      await send(near, atNear, whole);
      near.end();
      await atFar.until(() => atFar.hasEnded);
      expect(atFar.heard.equals(whole)).toBe(true);
      expect(atFar.events).toEqual(["data", "end"]);
    });

    test("takes everything, also from a writer that does not look at the answer", async () => {
      const { near, atFar } = await heard();
      const whole = patternedBytes(5_000_000);
      for (let at = 0; at < whole.length; at += CHUNK_BYTES) near.write(whole.subarray(at, at + CHUNK_BYTES));
      near.end();
      await atFar.until(() => atFar.hasEnded);
      expect(atFar.heard.equals(whole)).toBe(true);
    });

    test("ignores a write of nothing", async () => {
      const { near, atFar } = await heard();
      near.write(new Uint8Array(0));
      near.write(Buffer.from("x"));
      await atFar.until(() => atFar.bytesHeard === 1);
      expect(atFar.events).toEqual(["data"]);
    });

    test("loses nothing that came before anybody listened", async () => {
      const [near, far] = await connected();
      const atNear = new RecordingListener(near);
      near.write(Buffer.from("early"));
      near.end();
      far.write(Buffer.from("sign"));
      await atNear.until(() => atNear.text === "sign");
      const atFar = new RecordingListener(far);
      await atFar.until(() => atFar.hasEnded);
      expect(atFar.text).toBe("early");
    });

    test("hands over to a listener that replaces another", async () => {
      const { near, far, atFar } = await heard();
      near.write(Buffer.from("one"));
      await atFar.until(() => atFar.text === "one");
      const next = new RecordingListener(far);
      near.write(Buffer.from("two"));
      await next.until(() => next.text === "two");
      expect(atFar.text).toBe("one");
    });

    test("tells a listener that comes late of the end and of the close", async () => {
      const { near, far, atNear, atFar } = await heard();
      near.end();
      await atFar.until(() => atFar.hasEnded);
      const late = new RecordingListener(far);
      await late.until(() => late.hasEnded);
      far.end();
      await Promise.all([atNear.until(() => atNear.isClosed), late.until(() => late.isClosed)]);
      const later = new RecordingListener(far);
      await later.until(() => later.isClosed);
      expect([late.events, later.events]).toEqual([
        ["end", "close"],
        ["end", "close"],
      ]);
      expect(later.cause).toBeUndefined();
      expect(atFar.events).toEqual(["end"]);
    });

    test("makes the writer stop while the reader is paused, and go on afterwards", async () => {
      const { near, far, atNear, atFar } = await heard();
      far.pause();
      far.pause();
      const sent = await writeUntilFull(near, atNear);
      expect(atFar.bytesHeard).toBe(0);
      expect(atNear.drains).toBe(0);
      far.resume();
      far.resume();
      await atNear.until(() => atNear.drains > 0);
      near.end();
      await atFar.until(() => atFar.hasEnded);
      expect(atFar.heard.equals(patternedBytes(sent))).toBe(true);
    });

    test("says nothing more once it is paused from inside onData", async () => {
      const { near, far, atNear, atFar } = await heard();
      let isPaused = false;
      let heardInPause = 0;
      atFar.onBytes = () => {
        if (isPaused) heardInPause += 1;
        far.pause();
        isPaused = true;
      };
      const whole = patternedBytes(3_000_000);
      const sending = send(near, atNear, whole);
      while (atFar.bytesHeard < whole.length) {
        await atFar.until(() => isPaused);
        await nextTurn();
        isPaused = false;
        far.resume();
      }
      await sending;
      expect(heardInPause).toBe(0);
      expect(atFar.heard.equals(whole)).toBe(true);
    });

    test("goes on in the other direction after it ended its own", async () => {
      const { near, far, atNear, atFar } = await heard();
      near.write(Buffer.from("question"));
      near.end();
      near.end();
      near.write(Buffer.from("too late"));
      await atFar.until(() => atFar.hasEnded);
      const answer = patternedBytes(2_000_000);
      await send(far, atFar, answer);
      expect(atNear.hasEnded).toBe(false);
      far.end();
      await Promise.all([atNear.until(() => atNear.isClosed), atFar.until(() => atFar.isClosed)]);
      expect(atFar.text).toBe("question");
      expect(atNear.heard.equals(answer)).toBe(true);
      expect(atNear.events.slice(-2)).toEqual(["end", "close"]);
      expect(atFar.events.filter((event) => event !== "drain")).toEqual(["data", "end", "close"]);
      expect([atNear.cause, atFar.cause]).toEqual([undefined, undefined]);
    });

    test("closes in order when both ends end at once", async () => {
      const { near, far, atNear, atFar } = await heard();
      near.end();
      far.end();
      await Promise.all([atNear.until(() => atNear.isClosed), atFar.until(() => atFar.isClosed)]);
      expect([atNear.events, atFar.events]).toEqual([
        ["end", "close"],
        ["end", "close"],
      ]);
      expect([atNear.cause, atFar.cause]).toEqual([undefined, undefined]);
    });

    if (carriesReset) {
      test("closes with a cause at both ends when it is reset", async () => {
        const { near, far, atNear, atFar } = await heard();
        near.write(Buffer.from("x"));
        await atFar.until(() => atFar.bytesHeard === 1);
        near.reset();
        near.reset();
        await Promise.all([atNear.until(() => atNear.isClosed), atFar.until(() => atFar.isClosed)]);
        expect([atNear.events, atFar.events]).toEqual([["close"], ["data", "close"]]);
        expect(atNear.cause?.code).toBeString();
        expect(atFar.cause?.code).toBeString();
        for (const end of [near, far]) {
          end.write(Buffer.from("ignored"));
          end.end();
          end.pause();
          end.resume();
        }
      });

      test("tells a listener that comes late of the reset", async () => {
        const { near, far, atNear, atFar } = await heard();
        near.reset();
        await Promise.all([atNear.until(() => atNear.isClosed), atFar.until(() => atFar.isClosed)]);
        for (const [end, earlier] of [
          [near, atNear],
          [far, atFar],
        ] as const) {
          const late = new RecordingListener(end);
          await late.until(() => late.isClosed);
          expect(late.events).toEqual(["close"]);
          expect(late.cause?.code).toBe(earlier.cause?.code);
        }
      });

      test("closes when it is reset while the other end is paused with bytes waiting", async () => {
        const { near, far, atNear, atFar } = await heard();
        far.pause();
        await writeUntilFull(near, atNear);
        near.reset();
        await Promise.all([atNear.until(() => atNear.isClosed), atFar.until(() => atFar.isClosed)]);
        expect(atFar.cause?.code).toBeString();
      });
    }

    test("closes when it is reset after it ended its direction", async () => {
      const { near, atNear, atFar } = await heard();
      near.end();
      await atFar.until(() => atFar.hasEnded);
      near.reset();
      await Promise.all([atNear.until(() => atNear.isClosed), atFar.until(() => atFar.isClosed)]);
      expect(atNear.cause?.code).toBeString();
      expect(atFar.cause?.code).toBeString();
    });

    test("makes no call from inside a call", async () => {
      const { near, far, atNear, atFar } = await heard();
      let inside = 0;
      const calls: string[] = [];
      const watched = (duplex: Duplex, listener: RecordingListener): void =>
        duplex.listen({
          onData: (bytes) => note(() => listener.onData(bytes)),
          onDrain: () => note(() => listener.onDrain()),
          onEnd: () => note(() => listener.onEnd()),
          onClose: (cause) => note(() => listener.onClose(cause)),
        });
      const note = (hear: () => void): void => {
        if (inside > 0) calls.push("a call from inside a call");
        hear();
      };
      const act = (what: () => void): void => {
        inside += 1;
        what();
        inside -= 1;
      };
      act(() => watched(near, atNear));
      act(() => watched(far, atFar));
      atFar.onBytes = () => act(() => far.write(Buffer.from("echo")));
      act(() => far.pause());
      act(() => near.write(Buffer.from("x")));
      act(() => far.resume());
      await atNear.until(() => atNear.bytesHeard >= 4);
      act(() => near.end());
      await atFar.until(() => atFar.hasEnded);
      act(() => far.reset());
      await Promise.all([atNear.until(() => atNear.isClosed), atFar.until(() => atFar.isClosed)]);
      expect(calls).toEqual([]);
    });

    test("writeNow, where there is one, keeps no reference and takes its turn", async () => {
      const { near, far, atNear, atFar } = await heard();
      if (!("writeNow" in near) || near.writeNow === undefined) return expect(near).not.toHaveProperty("writeNow");
      const whole = patternedBytes(8_000_000);
      const batch = new Uint8Array(130_000);
      far.pause();
      for (let sent = 0; sent < whole.length;) {
        const length = Math.min(batch.length - 1, whole.length - sent);
        batch.set(whole.subarray(sent, sent + length), 1);
        const drains = atNear.drains;
        const taken = near.writeNow(batch, 1, length);
        batch.fill(0);
        sent += taken;
        if (taken === length) continue;
        far.resume();
        await atNear.until(() => atNear.drains > drains);
      }
      near.end();
      expect(near.writeNow(batch, 0, 10)).toBe(0);
      await atFar.until(() => atFar.hasEnded);
      expect(atFar.heard.equals(whole)).toBe(true);
    });
  });
}

/** Writes the bytes in pieces and waits for `onDrain` when told to. */
async function send(from: Duplex, atFrom: RecordingListener, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const drains = atFrom.drains;
    if (!from.write(bytes.subarray(at, at + CHUNK_BYTES))) await atFrom.until(() => atFrom.drains > drains);
  }
}

/** Writes until the answer stays false over some turns of the event loop; returns how many bytes that took. */
async function writeUntilFull(from: Duplex, atFrom: RecordingListener): Promise<number> {
  let sent = 0;
  for (let idleTurns = 0; idleTurns < 20;) {
    const drains = atFrom.drains;
    const hasRoom = from.write(patternedBytes(CHUNK_BYTES, sent));
    sent += CHUNK_BYTES;
    expect(sent).toBeLessThan(FAR_TOO_MUCH_BYTES);
    if (hasRoom) continue;
    for (idleTurns = 0; idleTurns < 20 && atFrom.drains === drains; idleTurns += 1) await nextTurn();
  }
  atFrom.drains = 0;
  return sent;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
