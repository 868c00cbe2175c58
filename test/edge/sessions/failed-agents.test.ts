import { describe, expect, test } from "bun:test";
import {
  FAILURE_WINDOW_MS,
  FailedAgents,
  HOLD_MS,
  MAX_FAILURES_OF_ADDRESS,
} from "../../../src/edge/sessions/failed-agents.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { quiet } from "../../support/turns.ts";

const IP = "192.0.2.1";

class Scene {
  readonly clock = new ManualClock();
  readonly agents = new FailedAgents(this.clock);

  fail(ip = IP, times = MAX_FAILURES_OF_ADDRESS): readonly string[] {
    return Array.from({ length: times }, () => this.agents.refusal(ip).code);
  }

  /** Whether a token from there is looked at without the clock moving. */
  async isAtOnce(ip = IP): Promise<boolean> {
    let isOver = false;
    const turn = this.agents.turn(ip).then(() => (isOver = true));
    await quiet();
    const wasAtOnce = isOver;
    this.clock.advance(HOLD_MS);
    await turn;
    return wasAtOnce;
  }
}

describe("FailedAgents", () => {
  test("FailedAgents looks at nothing from an address at once that failed too often, until the window has passed", async () => {
    const scene = new Scene();
    expect(new Set(scene.fail())).toEqual(new Set(["ERR_NGROK_107"]));
    expect(await scene.isAtOnce()).toBe(false);
    expect(scene.fail(IP, 2)).toEqual(["ERR_GINNEL_FAILED_AGENTS", "ERR_GINNEL_FAILED_AGENTS"]);
    scene.clock.advance(2 * FAILURE_WINDOW_MS);
    expect(await scene.isAtOnce()).toBe(true);
    expect(scene.fail(IP, 1)).toEqual(["ERR_NGROK_107"]);
  });

  test("FailedAgents keeps nobody waiting who failed less often", async () => {
    const scene = new Scene();
    scene.fail(IP, MAX_FAILURES_OF_ADDRESS - 1);
    expect(await scene.isAtOnce()).toBe(true);
    expect(scene.clock.pending).toBe(0);
  });

  test("FailedAgents lets any number wait together, and each as long as one", async () => {
    const scene = new Scene();
    scene.fail();
    const turns = Array.from({ length: 100 }, () => scene.agents.turn(IP));
    scene.clock.advance(HOLD_MS);
    await Promise.all(turns);
    expect(scene.clock.pending).toBe(0);
  });

  test.each([
    ["2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", false],
    ["2001:db8::1", "2001:db8:0:1::1", true],
    ["192.0.2.1", "192.0.2.2", true],
    ["192.0.2.1", "::ffff:192.0.2.1", false],
  ])("FailedAgents, of failures from %s, looks at %s at once: %p", async (failed, other, isAtOnce) => {
    const scene = new Scene();
    scene.fail(failed);
    expect(await scene.isAtOnce(other)).toBe(isAtOnce);
  });
});
