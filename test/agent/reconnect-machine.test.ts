import { describe, expect, test } from "bun:test";
import {
  MISPLACED_BACKOFF,
  type ReconnectCommand,
  type ReconnectEvent,
  ReconnectMachine,
  RETURN_SPREAD_MS,
  STEADY_MS,
} from "../../src/agent/reconnect-machine.ts";

/** `lost` follows a session that was steady, `dropped` one that was not, or none. */
type Played = Exclude<ReconnectEvent["type"], "lost"> | "lost" | "dropped";

function eventOf(type: Played): ReconnectEvent {
  if (type === "lost") return { type, heldMs: STEADY_MS };
  return type === "dropped" ? { type: "lost", heldMs: STEADY_MS - 1 } : { type };
}

function play(...events: readonly Played[]): (ReconnectCommand | undefined)[] {
  const machine = new ReconnectMachine();
  return events.map((type) => machine.handle(eventOf(type), 0.5));
}
const dial = { type: "dial" } as const;
const moment = { type: "pause", ms: RETURN_SPREAD_MS / 2 } as const;

describe("ReconnectMachine", () => {
  test("dials at once at the start, and a moment after a loss that is not the same for all agents", () => {
    expect(play("start", "established", "lost", "pauseOver")).toEqual([dial, undefined, moment, dial]);
    for (const [random, ms] of [
      [0, 0],
      [0.999, 99.9],
    ] as const) {
      const machine = new ReconnectMachine();
      for (const type of ["start", "established"] as const) machine.handle({ type }, random);
      expect(machine.handle({ type: "lost", heldMs: STEADY_MS }, random)).toEqual({ type: "pause", ms });
    }
  });

  test("pauses longer after each failure, up to 30 s, and never gives up", () => {
    const machine = new ReconnectMachine();
    machine.handle({ type: "start" }, 0);
    const pauses = Array.from({ length: 40 }, () => {
      const command = machine.handle({ type: "lost", heldMs: 0 }, 0.999);
      machine.handle({ type: "pauseOver" }, 0);
      return command?.type === "pause" ? Math.round(command.ms) : Number.NaN;
    });
    expect(pauses.slice(0, 8)).toEqual([100, 150, 225, 337, 506, 759, 1138, 1708]);
    expect(pauses.at(-1)).toBe(29985);
  });

  test("leaves out at most half of a pause", () => {
    const machine = new ReconnectMachine();
    machine.handle({ type: "start" }, 0);
    expect(machine.handle({ type: "lost", heldMs: 0 }, 0)).toEqual({ type: "pause", ms: 50 });
  });

  test("dials soon after the first session that is dropped early, then pauses longer and longer", () => {
    const again = ["established", "dropped", "pauseOver"] as const;
    const pauses = play("start", ...again, ...again, ...again).filter((command) => command?.type === "pause");
    expect(pauses).toEqual([50, 112.5, 168.75].map((ms) => ({ type: "pause", ms })));
  });

  test("forgets failures once a session was steady", () => {
    const failed = ["lost", "pauseOver"] as const;
    const last = play("start", ...failed, ...failed, "established", ...failed, "lost").at(-1);
    expect(last).toEqual({ type: "pause", ms: 75 });
  });

  test("ends for good when refused, also in a reconnect", () => {
    expect(play("start", "refused", "lost", "pauseOver")).toEqual([dial, { type: "giveUp" }, undefined, undefined]);
    expect(play("start", "established", "lost", "refused").at(-1)).toEqual({ type: "giveUp" });
  });

  test("comes again a moment after it was misplaced, then ever more seldom, and never gives up", () => {
    const machine = new ReconnectMachine();
    machine.handle({ type: "start" }, 0);
    const pauses = Array.from({ length: 40 }, () => {
      const command = machine.handle({ type: "misplaced" }, 0.999);
      expect(machine.handle({ type: "pauseOver" }, 0)).toEqual(dial);
      return command?.type === "pause" ? Math.round(command.ms) : Number.NaN;
    });
    expect(pauses.slice(0, 8)).toEqual([100, 130, 169, 220, 285, 371, 482, 627]);
    expect(pauses.at(-1)).toBe(MISPLACED_BACKOFF.maxMs - 120);
  });

  test("dials at once when the places change while it waits for one, and begins with short pauses", () => {
    const again = ["misplaced", "pauseOver"] as const;
    const played = play("start", ...again, "misplaced", "placesChanged", "misplaced");
    expect(played.slice(-3)).toEqual([{ type: "pause", ms: 97.5 }, dial, { type: "pause", ms: 75 }]);
  });

  test.each<[string, readonly Played[]]>([
    ["that the places change while it dials", ["start", "placesChanged"]],
    ["that the places change while it pauses after a failure", ["start", "lost", "placesChanged"]],
    ["that the places change while it is online", ["start", "established", "placesChanged"]],
    ["a loss while it waits for a place", ["start", "misplaced", "lost"]],
    ["a second loss while dialling is under way", ["start", "established", "stop", "lost"]],
    ["a pause that is over after the stop", ["start", "lost", "stop", "pauseOver"]],
    ["an established session after the stop", ["start", "stop", "established"]],
    ["a second start", ["start", "start"]],
  ])("ignores %s", (_, events) => {
    expect(play(...events).at(-1)).toBeUndefined();
  });

  test("tells its state in the words of the status call", () => {
    const machine = new ReconnectMachine();
    const states = (
      ["start", "misplaced", "pauseOver", "established", "lost", "pauseOver", "misplaced", "stop"] as const
    ).map((type) => {
      machine.handle(eventOf(type), 0);
      return machine.state;
    });
    expect(states.join(" ")).toBe(
      "connecting connecting connecting online reconnecting reconnecting reconnecting offline",
    );
  });
});
