import { describe, expect, test } from "bun:test";
import { RECHECK_MS } from "../../../src/edge/pacing/account-pace.ts";
import { AccountPaces } from "../../../src/edge/pacing/account-paces.ts";
import type { Duplex } from "../../../src/net/duplex.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { patternedBytes } from "../../support/patterned-bytes.ts";
import { RecordingListener } from "../../support/recording-listener.ts";
import { quiet } from "../../support/turns.ts";

const RATE = 100_000;

class Scene {
  readonly clock = new ManualClock();
  readonly faults: unknown[] = [];
  rate = RATE;
  readonly #paces = new AccountPaces({
    rateOf: () => this.rate,
    clock: this.clock,
    onFault: (fault) => this.faults.push(fault),
  });

  /** A paced end, the far end, and what both hear. */
  connection(account = "ac_1", first = 0): Ends {
    const [inner, far] = pipe();
    const near = this.#paces.paced(account, inner, first);
    return { inner, near, far, heardNear: new RecordingListener(near), heardFar: new RecordingListener(far) };
  }

  /** In steps of 10 ms, with everything that happens at each. */
  async pass(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 10) {
      this.clock.advance(10);
      await quiet();
    }
  }
}

interface Ends {
  readonly inner: Duplex;
  readonly near: Duplex;
  readonly far: Duplex;
  readonly heardNear: RecordingListener;
  readonly heardFar: RecordingListener;
}

describe("AccountPaces", () => {
  test("leaves connections of an account without a limit as they are", () => {
    const s = new Scene();
    s.rate = Infinity;
    const { inner, near } = s.connection();
    expect(near).toBe(inner);
    expect(s.clock.pending).toBe(0);
  });

  test.each(["near", "far"] as const)(
    "lets as much pass as the limit says, all of it and in order, from %s",
    async (from) => {
      const s = new Scene();
      const ends = s.connection();
      const sent = patternedBytes(250_000);
      ends[from].write(sent);
      const heard = from === "near" ? ends.heardFar : ends.heardNear;
      await s.pass(1_000);
      expect(Math.abs(heard.bytesHeard - RATE * 1.1)).toBeLessThan(RATE * 0.03);
      await s.pass(2_000);
      expect(heard.heard.equals(Buffer.from(sent))).toBe(true);
      expect(s.clock.pending).toBe(0);
    },
  );

  test("shares one limit among the connections of an account, in equal parts, whatever the size of their pieces", async () => {
    const s = new Scene();
    const [large, small, other] = [s.connection(), s.connection(), s.connection("ac_2")];
    large.far.write(new Uint8Array(900_000));
    for (let at = 0; at < 900; at++) small.near.write(new Uint8Array(1_000));
    other.near.write(new Uint8Array(150_000));
    await s.pass(3_000);
    const [a, b] = [large.heardNear.bytesHeard, small.heardFar.bytesHeard];
    expect(Math.abs(a + b - RATE * 3.1)).toBeLessThan(RATE * 0.1);
    expect(Math.min(a, b) / Math.max(a, b)).toBeGreaterThan(0.8);
    expect(other.heardFar.bytesHeard).toBe(150_000);
  });

  test("is no faster with many short connections", async () => {
    const s = new Scene();
    let passed = 0;
    for (let at = 0; at < 100; at++) {
      const { near, far, heardFar } = s.connection();
      near.write(new Uint8Array(20_000));
      await s.pass(10);
      passed += heardFar.bytesHeard;
      near.reset();
      far.reset();
    }
    expect(passed).toBeLessThan(RATE * 1.2);
  });

  test("counts what has left before", async () => {
    const s = new Scene();
    const { near, heardFar } = s.connection("ac_1", RATE + RATE / 10);
    near.write(new Uint8Array(10_000));
    await s.pass(900);
    expect(heardFar.bytesHeard).toBe(0);
    await s.pass(200);
    expect(heardFar.bytesHeard).toBe(10_000);
  });

  test.each([
    ["raised", RATE * 4],
    ["lifted", Infinity],
  ])("applies a limit that was %s to open connections", async (_, rate) => {
    const s = new Scene();
    s.rate = 0;
    const { near, heardFar } = s.connection();
    near.write(new Uint8Array(400_000));
    await s.pass(2_000);
    expect(heardFar.bytesHeard).toBeLessThan(2);
    s.rate = rate;
    await s.pass(RECHECK_MS + 1_100);
    expect(heardFar.bytesHeard).toBe(400_000);
    expect(s.clock.pending).toBe(0);
  });

  test("applies a lower limit to open connections", async () => {
    const s = new Scene();
    const { near, heardFar } = s.connection();
    near.write(new Uint8Array(400_000));
    await s.pass(1_000);
    const before = heardFar.bytesHeard;
    s.rate = RATE / 10;
    await s.pass(2_000);
    expect(heardFar.bytesHeard - before).toBeLessThan(RATE * 0.25);
  });

  test("stops those who send, and tells them when there is room", async () => {
    const s = new Scene();
    const { near, far, heardNear, heardFar } = s.connection();
    expect(near.write(new Uint8Array(50_000))).toBe(false);
    let isStopped = false;
    for (let at = 0; at < 100 && !isStopped; at++) {
      isStopped = !far.write(new Uint8Array(50_000));
      await quiet();
    }
    expect(isStopped).toBe(true);
    expect(heardNear.drains).toBe(0);
    await s.pass(2_000);
    expect([heardNear.drains, heardFar.bytesHeard]).toEqual([1, 50_000]);
  });

  test("ends in order behind everything that waits", async () => {
    const s = new Scene();
    const { near, far, heardNear, heardFar } = s.connection();
    near.write(new Uint8Array(50_000));
    near.end();
    far.write(new Uint8Array(50_000));
    far.end();
    await quiet();
    expect([heardNear.hasEnded, heardFar.hasEnded]).toEqual([false, false]);
    await s.pass(2_000);
    expect([heardNear.events.join(), heardFar.events.join()]).toEqual(["data,end,close", "data,end,close"]);
    expect([heardNear.bytesHeard, heardFar.bytesHeard, heardNear.cause]).toEqual([50_000, 50_000, undefined]);
  });

  test("passes a reset at once, and nothing behind it", async () => {
    const s = new Scene();
    const { near, far, heardNear, heardFar } = s.connection();
    near.write(new Uint8Array(50_000));
    far.write(new Uint8Array(50_000));
    await quiet();
    const [gotNear, gotFar] = [heardNear.bytesHeard, heardFar.bytesHeard];
    far.reset(7);
    await quiet();
    expect(heardNear.cause).toEqual({ code: "RESET", resetCode: 7 });
    await s.pass(1_000);
    expect([heardNear.bytesHeard, heardFar.bytesHeard]).toEqual([gotNear, gotFar]);
    expect(s.clock.pending).toBe(0);
  });

  test("hands nothing on while its listener pauses", async () => {
    const s = new Scene();
    const { near, far, heardNear } = s.connection();
    near.pause();
    far.write(new Uint8Array(50_000));
    await s.pass(500);
    expect(heardNear.bytesHeard).toBe(0);
    near.resume();
    await s.pass(1_000);
    expect(heardNear.bytesHeard).toBe(50_000);
  });

  test("costs a connection no more than itself when its listener throws", async () => {
    const s = new Scene();
    const [wrong, right] = [s.connection(), s.connection()];
    for (const { far } of [wrong, right]) far.write(new Uint8Array(50_000));
    await quiet();
    wrong.heardNear.onBytes = () => {
      throw new Error("broken");
    };
    await s.pass(2_000);
    expect(s.faults.map(String)).toEqual(["Error: broken"]);
    expect(wrong.heardFar.cause?.code).toBe("RESET");
    expect(right.heardNear.bytesHeard).toBe(50_000);
  });
});
