import { describe, expect, test } from "bun:test";
import { ProtocolError, PublicError } from "../../../src/base/errors.ts";
import { LONGEST_WAIT_MS, MAX_WAITING, PACE_MS } from "../../../src/edge/guesses/guess-lane.ts";
import { FAILURE_WINDOW_MS, FailedAgents, MAX_FAILURES_OF_ADDRESS } from "../../../src/edge/sessions/failed-agents.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { quiet } from "../../support/turns.ts";

const IP = "192.0.2.1";
/** Of records; others are those of a configuration. */
const tokenOf = (digit: string): string => `${digit.repeat(27)}_${"s".repeat(21)}`;
const RIGHT = new Set(["right", tokenOf("1"), tokenOf("2")]);

class Scene {
  readonly clock = new ManualClock();
  readonly #agents = new FailedAgents(this.clock);
  isHere = true;

  async try(authtoken: string): Promise<string> {
    try {
      const shown = { ip: IP, authtoken, isHere: () => this.isHere };
      return await this.#agents.check(shown, () => Promise.resolve(RIGHT.has(authtoken) ? "in" : undefined));
    } catch (error) {
      if (error instanceof ProtocolError) return "gone";
      return error instanceof PublicError ? error.code : "fault";
    }
  }

  tries(count: number, authtoken = "wrong"): Promise<readonly string[]> {
    return Promise.all(Array.from({ length: count }, () => this.try(authtoken)));
  }
}

describe("FailedAgents", () => {
  test("FailedAgents says what is wrong of as many as may be, and of others that they were too many, until the window has passed", async () => {
    const scene = new Scene();
    expect(new Set(await scene.tries(MAX_FAILURES_OF_ADDRESS))).toEqual(new Set(["ERR_NGROK_107"]));
    const oneMore = scene.try("wrong");
    scene.clock.advance(PACE_MS);
    expect(await oneMore).toBe("ERR_GINNEL_FAILED_AGENTS");
    scene.clock.advance(FAILURE_WINDOW_MS);
    expect(await scene.try("wrong")).toBe("ERR_NGROK_107");
  });

  test("FailedAgents tells those that it did not look at that they may come again", async () => {
    const scene = new Scene();
    await scene.tries(MAX_FAILURES_OF_ADDRESS);
    const waiting = scene.tries(MAX_WAITING);
    expect(await scene.try("right")).toBe("ERR_GINNEL_AGENTS_WAIT");
    scene.isHere = false;
    scene.clock.advance(LONGEST_WAIT_MS);
    expect(new Set(await waiting)).toEqual(new Set(["gone"]));
  });

  test("FailedAgents lets a right token in that waited behind wrong ones", async () => {
    const scene = new Scene();
    await scene.tries(MAX_FAILURES_OF_ADDRESS);
    const wrong = scene.tries(2);
    const right = scene.tries(50, "right");
    for (let turn = 0; turn < 3; turn += 1) {
      scene.clock.advance(PACE_MS);
      await quiet();
    }
    expect([await wrong, new Set(await right)]).toEqual([
      ["ERR_GINNEL_FAILED_AGENTS", "ERR_GINNEL_FAILED_AGENTS"],
      new Set(["in"]),
    ]);
  });

  test("FailedAgents knows a token of the records again by its id, and lets it in beside any number of wrong ones", async () => {
    const scene = new Scene();
    expect(await scene.try(tokenOf("1"))).toBe("in");
    await scene.tries(MAX_FAILURES_OF_ADDRESS);
    const wrong = scene.tries(2 * MAX_WAITING);
    expect(await scene.try(tokenOf("1"))).toBe("in");
    // One that was not there before is a stranger.
    expect(await scene.try(tokenOf("2"))).toBe("ERR_GINNEL_AGENTS_WAIT");
    scene.isHere = false;
    scene.clock.advance(LONGEST_WAIT_MS);
    await wrong;
  });
});
