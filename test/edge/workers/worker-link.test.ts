import { describe, expect, test } from "bun:test";
import { type LinkSide, WorkerLink } from "../../../src/edge/workers/worker-link.ts";
import type { Duplex } from "../../../src/net/duplex.ts";
import { IdleWatch } from "../../../src/net/idle-watch.ts";
import { answer } from "../../../src/net/rpc-answer.ts";
import type { SessionEnd } from "../../../src/net/session.ts";
import { encodeRelayStart } from "../../../src/protocol/relay/relay-start.ts";
import { DRAIN } from "../../../src/protocol/relay/worker-calls.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { severablePipe } from "../../support/severable-pipe.ts";
import { quiet } from "../../support/turns.ts";

const STEP_MS = 500;

interface Scene {
  readonly links: Readonly<Record<LinkSide, WorkerLink>>;
  readonly ends: Map<LinkSide, SessionEnd>;
  readonly sever: () => void;
  /** Lets time pass, in small steps. */
  readonly pass: (ms: number) => Promise<void>;
}

function open(): Scene {
  const clock = new ManualClock();
  const { ends: duplexes, sever } = severablePipe();
  const ends = new Map<LinkSide, SessionEnd>();
  const link = (side: LinkSide, duplex: Duplex): WorkerLink => {
    const answers = [answer(DRAIN, () => Promise.resolve({}))];
    const handler = { answers, onRelayed: () => {}, onClose: (end: SessionEnd) => void ends.set(side, end) };
    return new WorkerLink(side, duplex, handler, { clock, idleWatch: new IdleWatch(clock), onFault: () => {} });
  };
  const [dialing, listening] = duplexes;
  const links = { dialed: link("dialed", dialing), accepted: link("accepted", listening) };
  const pass = async (ms: number): Promise<void> => {
    await quiet();
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      clock.advance(STEP_MS);
      await quiet();
    }
  };
  return { links, ends, sever, pass };
}

describe("WorkerLink", () => {
  test("goes on while nobody has anything to say", async () => {
    const { ends, pass } = open();
    await pass(120_000);
    expect(ends).toEqual(new Map());
  });

  test.each(["dialed", "accepted"] as const)(
    "has streams left for calls however many visitors it carries, %s",
    async (side) => {
      const { links } = open();
      const start = encodeRelayStart("leg_1");
      let relayed = 0;
      while (links[side].relay(start, Uint8Array.of(0)) !== undefined) relayed += 1;
      expect(relayed).toBeGreaterThan(50_000);
      expect(await links[side].call(DRAIN, {})).toEqual({});
      // The other side sees how many there are, too.
      const other = side === "dialed" ? "accepted" : "dialed";
      expect(links[other].relay(start, Uint8Array.of(0))).toBeUndefined();
      expect(await links[other].call(DRAIN, {})).toEqual({});
    },
  );

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
