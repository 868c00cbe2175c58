import { describe, expect, test } from "bun:test";
import {
  type ReconnectCommand,
  type ReconnectEvent,
  ReconnectMachine,
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

describe("ReconnectMachine", () => {
  test("dials at once at the start and after a loss", () => {
    expect(play("start", "established", "lost")).toEqual([dial, undefined, dial]);
  });

  test("pauses longer after each failure, up to 30 s, and never gives up", () => {
    const machine = new ReconnectMachine();
    machine.handle({ type: "start" }, 0);
    const pauses = Array.from({ length: 40 }, () => {
      const command = machine.handle({ type: "lost", heldMs: 0 }, 0.999);
      machine.handle({ type: "pauseOver" }, 0);
      return command?.type === "pause" ? Math.round(command.ms) : Number.NaN;
    });
    expect(pauses.slice(0, 8)).toEqual([500, 1000, 1999, 3998, 7996, 15992, 29985, 29985]);
    expect(pauses.at(-1)).toBe(29985);
  });

  test("leaves out at most half of a pause", () => {
    const machine = new ReconnectMachine();
    machine.handle({ type: "start" }, 0);
    expect(machine.handle({ type: "lost", heldMs: 0 }, 0)).toEqual({ type: "pause", ms: 250 });
  });

  test("dials at once after the first session that is dropped early, then pauses longer and longer", () => {
    const commands = play("start", "established", "dropped", "established", "dropped", "pauseOver", "established");
    expect(commands).toEqual([dial, undefined, dial, undefined, { type: "pause", ms: 750 }, dial, undefined]);
  });

  test("forgets failures once a session was steady", () => {
    const last = play("start", "lost", "pauseOver", "lost", "pauseOver", "established", "lost", "lost").at(-1);
    expect(last).toEqual({ type: "pause", ms: 375 });
  });

  test("ends for good when refused, also in a reconnect", () => {
    expect(play("start", "refused", "lost", "pauseOver")).toEqual([dial, { type: "giveUp" }, undefined, undefined]);
    expect(play("start", "established", "lost", "refused").at(-1)).toEqual({ type: "giveUp" });
  });

  test.each<[string, readonly Played[]]>([
    ["a second loss while dialling is under way", ["start", "established", "stop", "lost"]],
    ["a pause that is over after the stop", ["start", "lost", "stop", "pauseOver"]],
    ["an established session after the stop", ["start", "stop", "established"]],
    ["a second start", ["start", "start"]],
  ])("ignores %s", (_, events) => {
    expect(play(...events).at(-1)).toBeUndefined();
  });

  test("tells its state in the words of the status call", () => {
    const machine = new ReconnectMachine();
    const states = (["start", "established", "lost", "lost", "stop"] as const).map((type) => {
      machine.handle(eventOf(type), 0);
      return machine.state;
    });
    expect(states).toEqual(["connecting", "online", "reconnecting", "reconnecting", "offline"]);
  });
});
