import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { GuessLane, LONGEST_WAIT_MS, MAX_WAITING, PACE_MS } from "../../../src/edge/guesses/guess-lane.ts";

const RUNS = process.env["DEEP"] === "1" ? 20_000 : 300;
const RATE = { maxFailures: 3, windowMs: 60_000 };

/** A lane, the time, and what became of everybody who came. */
class Scene {
  readonly lane = new GuessLane(RATE);
  nowMs = 0;
  readonly begun: string[] = [];
  readonly refused: string[] = [];
  readonly gone = new Set<string>();

  arrive(...names: readonly string[]): void {
    for (const name of names) {
      const onTurn = (turn: "begins" | "refused"): void =>
        void (turn === "begins" ? this.begun : this.refused).push(name);
      this.lane.arrive({ isHere: () => !this.gone.has(name), onTurn }, this.nowMs);
    }
  }

  settle(...wasWrong: readonly boolean[]): void {
    for (const wrong of wasWrong) this.lane.settle(wrong, this.nowMs);
  }

  /** As many as it takes were wrong. */
  spend(): void {
    this.arrive("x", "y", "z");
    this.settle(true, true, true);
    this.begun.length = 0;
  }

  /** Moves the time, waking the lane whenever it asks for that. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (
      let at = this.lane.wakeAtMs(this.nowMs);
      at !== undefined && at <= untilMs;
      at = this.lane.wakeAtMs(this.nowMs)
    ) {
      this.nowMs = at;
      this.lane.advance(at);
    }
    this.nowMs = untilMs;
  }
}

const names = (count: number, word = "n"): readonly string[] => Array.from({ length: count }, (_, i) => `${word}${i}`);

describe("GuessLane", () => {
  test("GuessLane lets as many begin at once as may be wrong, and the next when one of them was right", () => {
    const scene = new Scene();
    scene.arrive("a", "b", "c", "d", "e");
    expect(scene.begun).toEqual(["a", "b", "c"]);
    scene.settle(false);
    expect(scene.begun).toEqual(["a", "b", "c", "d"]);
    scene.settle(true);
    expect(scene.begun).toHaveLength(4);
  });

  test("GuessLane lets any number of right ones pass at one time", () => {
    const scene = new Scene();
    for (const name of names(500)) {
      scene.arrive(name);
      scene.settle(false);
    }
    expect([scene.begun.length, scene.refused, scene.lane.wakeAtMs(scene.nowMs)]).toEqual([500, [], undefined]);
  });

  test("GuessLane lets one begin in each interval once too many were wrong", () => {
    const scene = new Scene();
    scene.spend();
    scene.arrive("a", "b", "c");
    expect([scene.begun, scene.lane.wakeAtMs(scene.nowMs)]).toEqual([[], PACE_MS]);
    scene.pass(PACE_MS);
    expect(scene.begun).toEqual(["a"]);
    // A look-up that takes long lets nobody pass it by.
    scene.pass(PACE_MS);
    expect(scene.begun).toEqual(["a"]);
    scene.settle(true);
    scene.pass(PACE_MS - 1);
    expect(scene.begun).toEqual(["a"]);
    scene.pass(1);
    expect(scene.begun).toEqual(["a", "b"]);
  });

  test("GuessLane lets the next one begin at once behind a right one, also then", () => {
    const scene = new Scene();
    scene.spend();
    scene.arrive("a", "b", "c");
    scene.pass(PACE_MS);
    scene.settle(false, false);
    expect(scene.begun).toEqual(["a", "b", "c"]);
  });

  test("GuessLane keeps nobody waiting who comes long enough behind the last wrong one", () => {
    const scene = new Scene();
    scene.spend();
    scene.pass(PACE_MS);
    scene.arrive("a");
    expect(scene.begun).toEqual(["a"]);
  });

  test("GuessLane has as much room as before when the window has passed, and not before", () => {
    const scene = new Scene();
    scene.spend();
    scene.pass(RATE.windowMs - 1);
    expect([scene.lane.failures(scene.nowMs), scene.lane.spentForMs(scene.nowMs)]).toEqual([3, 1]);
    scene.pass(1);
    expect([scene.lane.failures(scene.nowMs), scene.lane.spentForMs(scene.nowMs)]).toEqual([0, 0]);
    scene.arrive("a", "b", "c");
    expect(scene.begun).toEqual(["a", "b", "c"]);
  });

  test("GuessLane refuses at once whom there is no room to wait for", () => {
    const scene = new Scene();
    scene.spend();
    scene.arrive(...names(MAX_WAITING), "late");
    expect([scene.begun, scene.refused]).toEqual([[], ["late"]]);
  });

  test("GuessLane refuses those of whom nobody is left, and keeps neither room nor a turn for them", () => {
    const scene = new Scene();
    scene.spend();
    scene.arrive(...names(MAX_WAITING));
    scene.gone.add("n3");
    scene.arrive("late");
    expect(scene.refused).toEqual(["n3"]);
    scene.gone.add("n0");
    scene.pass(PACE_MS);
    expect([scene.begun, scene.refused]).toEqual([["n1"], ["n3", "n0"]]);
  });

  test("GuessLane refuses who has waited for long once too many were wrong, also behind a look-up that does not end", () => {
    const scene = new Scene();
    scene.spend();
    scene.arrive(...names(MAX_WAITING));
    scene.pass(LONGEST_WAIT_MS - 1);
    expect([scene.begun, scene.refused]).toEqual([["n0"], []]);
    scene.pass(1);
    expect(scene.refused).toEqual(names(MAX_WAITING).slice(1));
    expect(scene.lane.wakeAtMs(scene.nowMs)).toBeUndefined();
  });

  test("GuessLane refuses nobody while look-ups take long, unless too many were wrong", () => {
    const scene = new Scene();
    scene.arrive("x", "y", "z", ...names(2 * MAX_WAITING));
    scene.pass(10 * LONGEST_WAIT_MS);
    expect([scene.begun, scene.refused]).toEqual([["x", "y", "z"], []]);
    scene.settle(false, false);
    expect(scene.begun).toHaveLength(5);
    scene.settle(true, true, true);
    expect(scene.refused).toHaveLength(2 * MAX_WAITING - 2);
  });

  test("GuessLane never lets more wrong ones begin than the limit and one in each interval, however they come", () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant("arrive" as const), count: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ type: fc.constant("settle" as const), wrong: fc.boolean() }),
      fc.record({ type: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 3 * PACE_MS }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const scene = new Scene();
        const wrongAt: number[] = [];
        let [came, settled] = [0, 0];
        for (const each of steps) {
          if (each.type === "arrive") scene.arrive(...names(each.count, `${(came += each.count)}-`));
          else if (each.type === "pass") scene.pass(each.ms);
          else if (settled < scene.begun.length) {
            settled += 1;
            if (each.wrong) wrongAt.push(scene.nowMs);
            scene.settle(each.wrong);
          }
        }
        expect(scene.begun.length + scene.refused.length).toBeLessThanOrEqual(came);
        // Every stretch that begins with a wrong one, within one window.
        for (const [index, fromMs] of wrongAt.entries()) {
          for (const [more, toMs] of wrongAt.slice(index).entries()) {
            if (toMs - fromMs >= RATE.windowMs) break;
            expect(more + 1).toBeLessThanOrEqual(RATE.maxFailures + Math.floor((toMs - fromMs) / PACE_MS));
          }
        }
      }),
      { numRuns: RUNS },
    );
  });
});
