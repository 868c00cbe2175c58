import { describe, expect, test } from "bun:test";
import { PublicError } from "../../../src/base/errors.ts";
import { LONGEST_WAIT_MS, MAX_WAITING, PACE_MS } from "../../../src/edge/guesses/guess-lane.ts";
import {
  FAILURE_WINDOW_MS,
  FailedCallers,
  MAX_FAILURES_OF_ADDRESS,
} from "../../../src/edge/management/failed-callers.ts";
import { CallRefused } from "../../../src/edge/management/failure-answer.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { quiet } from "../../support/turns.ts";

const IP = "192.0.2.1";
const TOO_MANY = /^ERR_GINNEL_FAILED_CALLERS [1-9]\d*$/;
const RIGHT = `${"1".repeat(27)}_${"s".repeat(21)}`;
const OTHER_RIGHT = `${"2".repeat(27)}_${"s".repeat(21)}`;
const notProved = (): Error => new PublicError("ERR_NGROK_203", {});

class Entrance {
  readonly clock = new ManualClock();
  readonly #callers = new FailedCallers(this.clock);
  readonly #left = new AbortController();
  proved = 0;

  async try(key: string, fault: () => Error = notProved): Promise<string> {
    try {
      return await this.#callers.check({ ip: IP, key, signal: this.#left.signal }, async () => {
        this.proved += 1;
        await Promise.resolve();
        if (key !== RIGHT && key !== OTHER_RIGHT) throw fault();
        return "in";
      });
    } catch (error) {
      if (error instanceof CallRefused) return `${error.error.code} ${error.headers["Retry-After"]}`;
      return error instanceof PublicError ? error.code : "fault";
    }
  }

  tries(count: number, key = "wrong"): Promise<readonly string[]> {
    return Promise.all(Array.from({ length: count }, () => this.try(key)));
  }

  /** Everybody leaves who waits. */
  leave(): void {
    this.#left.abort();
    this.clock.advance(LONGEST_WAIT_MS);
  }
}

describe("FailedCallers", () => {
  test("FailedCallers answers too many wrong keys of an address with how long to wait, until the window has passed", async () => {
    const entrance = new Entrance();
    expect(new Set(await entrance.tries(MAX_FAILURES_OF_ADDRESS))).toEqual(new Set(["ERR_NGROK_203"]));
    entrance.clock.advance(PACE_MS);
    expect(await entrance.try("wrong")).toBe(`ERR_GINNEL_FAILED_CALLERS ${(FAILURE_WINDOW_MS - PACE_MS) / 1000}`);
    entrance.clock.advance(2 * FAILURE_WINDOW_MS);
    expect(await entrance.try("wrong")).toBe("ERR_NGROK_203");
  });

  test("FailedCallers proves no more of 1,000 wrong keys at once than may be wrong, and one more in each second", async () => {
    const entrance = new Entrance();
    const all = entrance.tries(1_000);
    await quiet();
    expect(entrance.proved).toBe(MAX_FAILURES_OF_ADDRESS);
    entrance.clock.advance(PACE_MS);
    await quiet();
    expect(entrance.proved).toBe(MAX_FAILURES_OF_ADDRESS + 1);
    entrance.leave();
    const answers = await all;
    expect(answers.filter((answer) => answer === "ERR_NGROK_203")).toHaveLength(MAX_FAILURES_OF_ADDRESS);
    expect(answers.filter((answer) => TOO_MANY.test(answer))).toHaveLength(1_000 - MAX_FAILURES_OF_ADDRESS);
  });

  test("FailedCallers counts what was right as nothing", async () => {
    const entrance = new Entrance();
    await entrance.tries(MAX_FAILURES_OF_ADDRESS - 1);
    for (let count = 0; count < 100; count++) expect(await entrance.try(RIGHT)).toBe("in");
    expect(await entrance.try("wrong")).toBe("ERR_NGROK_203");
  });

  test("FailedCallers lets a key in at once that was right from there before, and another right one in its turn", async () => {
    const entrance = new Entrance();
    expect(await entrance.try(RIGHT)).toBe("in");
    await entrance.tries(MAX_FAILURES_OF_ADDRESS);
    const other = entrance.try(OTHER_RIGHT);
    const wrong = entrance.tries(2 * MAX_WAITING);
    expect(await entrance.try(RIGHT)).toBe("in");
    entrance.clock.advance(PACE_MS);
    expect(await other).toBe("in");
    entrance.leave();
    await wrong;
  });

  test("FailedCallers counts no fault that is not the caller's", async () => {
    const entrance = new Entrance();
    for (let count = 0; count < 2 * MAX_FAILURES_OF_ADDRESS; count++) {
      expect(await entrance.try("x", () => new Error("the disk is full"))).toBe("fault");
    }
    expect(await entrance.try("wrong")).toBe("ERR_NGROK_203");
  });
});
