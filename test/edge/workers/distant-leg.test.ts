import { describe, expect, test } from "bun:test";
import { DistantLeg } from "../../../src/edge/workers/distant-leg.ts";
import { SessionError } from "../../../src/net/session-error.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function scene(answer: () => Promise<never>): { readonly leg: DistantLeg; readonly told: string[] } {
  const told: string[] = [];
  const link = {
    isOpen: true,
    relay: () => undefined,
    call: answer,
    notify: ({ name }: { readonly name: string }) => void told.push(name),
  };
  const place = { id: "ts_1", number: 0, worker: 2, remoteAddress: "192.0.2.1:5000" };
  return { leg: new DistantLeg({ ...place, link, clock: new ManualClock() }), told };
}

describe("DistantLeg", () => {
  test("ends a session whose worker gives no answer, since its endpoints may be given away", async () => {
    const { leg, told } = scene(() => Promise.reject(new SessionError("timed out", "No answer.")));
    expect([await leg.isAlive(), leg.isOpen, told]).toEqual([false, false, ["CloseLeg"]]);
  });

  test("serves nobody from the goodbye on", () => {
    const { leg } = scene(() => Promise.reject(new SessionError("timed out", "No answer.")));
    expect(leg.isOpen).toBe(true);
    leg.close("the edge stops");
    expect(leg.isOpen).toBe(false);
  });
});
