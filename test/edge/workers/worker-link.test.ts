import { describe, expect, test } from "bun:test";
import { type LinkSide, WorkerLink } from "../../../src/edge/workers/worker-link.ts";
import { IdleWatch } from "../../../src/net/idle-watch.ts";
import type { SessionEnd } from "../../../src/net/session.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { severablePipe } from "../../support/severable-pipe.ts";
import { quiet } from "../../support/turns.ts";

const STEP_MS = 500;

interface Scene {
  readonly ends: Map<LinkSide, SessionEnd>;
  readonly sever: () => void;
  /** Lets time pass, in small steps. */
  readonly pass: (ms: number) => Promise<void>;
}

function open(): Scene {
  const clock = new ManualClock();
  const { ends: duplexes, sever } = severablePipe();
  const ends = new Map<LinkSide, SessionEnd>();
  const sides = ["dialed", "accepted"] as const;
  for (const [at, duplex] of duplexes.entries()) {
    const side = sides[at] ?? "dialed";
    const handler = { answers: [], onRelayed: () => {}, onClose: (end: SessionEnd) => void ends.set(side, end) };
    const services = { clock, idleWatch: new IdleWatch(clock), onFault: () => {} };
    void new WorkerLink(side, duplex, handler, services);
  }
  const pass = async (ms: number): Promise<void> => {
    await quiet();
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      clock.advance(STEP_MS);
      await quiet();
    }
  };
  return { ends, sever, pass };
}

describe("WorkerLink", () => {
  test("goes on while nobody has anything to say", async () => {
    const { ends, pass } = open();
    await pass(120_000);
    expect(ends).toEqual(new Map());
  });

  test("lets a worker go that stands still for seconds, and a hub that does so for half a minute", async () => {
    const { ends, sever, pass } = open();
    await pass(1_000);
    sever();
    await pass(7_000);
    expect(ends).toEqual(new Map());
    await pass(3_000);
    expect(ends).toEqual(new Map([["accepted", { type: "silent" }]]));
    await pass(16_000);
    expect(ends.has("dialed")).toBe(false);
    await pass(8_000);
    expect(ends.get("dialed")).toEqual({ type: "silent" });
  });
});
