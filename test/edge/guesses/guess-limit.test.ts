import { describe, expect, mock, test } from "bun:test";
import { LONGEST_WAIT_MS, MAX_WAITING, PACE_MS } from "../../../src/edge/guesses/guess-lane.ts";
import { GuessLimit } from "../../../src/edge/guesses/guess-limit.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { quiet } from "../../support/turns.ts";

const IP = "192.0.2.1";
const RATE = { maxFailures: 30, windowMs: 600_000 };

interface Try {
  readonly ip?: string;
  readonly name?: string;
  readonly outcome?: "right" | "wrong" | "fault";
}

class Scene {
  readonly clock = new ManualClock();
  readonly #limit = new GuessLimit(RATE, this.clock);
  lookedAt = 0;
  refused = 0;

  async try({ ip = IP, name, outcome = "wrong" }: Try = {}, onLook = (): void => {}): Promise<void> {
    using guess = await this.#limit.begin({ ip, name, isHere: () => true });
    if (guess === undefined) return void (this.refused += 1);
    this.lookedAt += 1;
    onLook();
    // As a look-up that is not at once.
    await Promise.resolve();
    if (outcome !== "fault") guess[outcome]();
  }

  async times(count: number, tried: Try = {}): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.try(tried)));
  }

  /** Whether it is looked at without the clock moving. */
  async isAtOnce(tried: Try): Promise<boolean> {
    const onLook = mock();
    const over = this.try(tried, onLook);
    await quiet();
    const wasAtOnce = onLook.mock.calls.length > 0;
    await this.end(over);
    return wasAtOnce;
  }

  /** Lets everybody have a turn, until nobody waits any more. */
  async end(over: Promise<void>): Promise<void> {
    for (let passedMs = 0; passedMs <= LONGEST_WAIT_MS; passedMs += PACE_MS) {
      await quiet();
      this.clock.advance(PACE_MS);
    }
    await over;
  }
}

describe("GuessLimit", () => {
  test("GuessLimit looks at 30 of 1,000 guesses that come at once, and at one more in each second", async () => {
    const scene = new Scene();
    const all = scene.times(1_000);
    await quiet();
    const looked = [scene.lookedAt];
    for (let second = 1; second <= 4; second += 1) {
      scene.clock.advance(PACE_MS);
      await quiet();
      looked.push(scene.lookedAt);
    }
    expect(looked).toEqual([30, 31, 32, 33, 34]);
    expect(scene.refused).toBe(1_000 - 30 - MAX_WAITING);
    await scene.end(all);
    expect([scene.lookedAt + scene.refused, scene.clock.pending]).toEqual([1_000, 0]);
  });

  test("GuessLimit keeps no right one waiting, of any number at once", async () => {
    const scene = new Scene();
    // Each is over before the next one comes, as what is kept in memory is.
    for (let count = 0; count < 500; count += 1) await scene.try({ outcome: "right" });
    // And while others are under way.
    await scene.times(500, { outcome: "right" });
    expect([scene.lookedAt, scene.refused, scene.clock.nowMs(), scene.clock.pending]).toEqual([1_000, 0, 0, 0]);
  });

  test("GuessLimit takes one that was neither right nor wrong for none", async () => {
    const scene = new Scene();
    await scene.times(100, { outcome: "fault" });
    await scene.times(RATE.maxFailures - 1);
    expect(await scene.isAtOnce({ outcome: "right" })).toBe(true);
  });

  test("GuessLimit keeps those waiting for no stranger who were right from there before", async () => {
    const scene = new Scene();
    await scene.try({ name: "known", outcome: "right" });
    await scene.try({ ip: "192.0.2.2", name: "elsewhere", outcome: "right" });
    const flood = scene.times(1_000);
    expect(await scene.isAtOnce({ name: "known", outcome: "right" })).toBe(true);
    await scene.end(flood);
    // Who was right somewhere else is a stranger.
    const more = scene.times(2);
    expect(await scene.isAtOnce({ name: "elsewhere", outcome: "right" })).toBe(false);
    await scene.end(more);
  });

  test("GuessLimit counts guesses for a name that was right as it counts others, and for itself", async () => {
    const scene = new Scene();
    await scene.try({ name: "known", outcome: "right" });
    const guesses = scene.times(RATE.maxFailures + 5, { name: "known" });
    await quiet();
    expect(scene.lookedAt).toBe(1 + RATE.maxFailures);
    expect(await scene.isAtOnce({ outcome: "right" })).toBe(true);
    await scene.end(guesses);
  });

  test.each([
    ["2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", false],
    ["2001:db8::1", "2001:db8:0:1::1", true],
    ["192.0.2.1", "192.0.2.2", true],
    ["192.0.2.1", "::ffff:192.0.2.1", false],
    ["", "pipe", false],
  ])("GuessLimit, of wrong ones from %j, looks at %j at once: %p", async (failed, other, isAtOnce) => {
    const scene = new Scene();
    await scene.times(RATE.maxFailures, { ip: failed });
    expect(await scene.isAtOnce({ ip: other, outcome: "right" })).toBe(isAtOnce);
  });

  test("GuessLimit forgets no network in which somebody waits, however many others come", async () => {
    const scene = new Scene();
    await scene.times(RATE.maxFailures);
    const waiting = scene.try();
    for (let other = 0; other < 10_001; other += 1) await scene.try({ ip: `10.1.${other >> 8}.${other & 255}` });
    expect(await scene.isAtOnce({ outcome: "right" })).toBe(false);
    await scene.end(waiting);
  });
});
