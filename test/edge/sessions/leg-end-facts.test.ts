import { describe, expect, test } from "bun:test";
import { ProtocolError } from "../../../src/base/errors.ts";
import { legEndFacts } from "../../../src/edge/sessions/leg-end-facts.ts";
import type { SessionEnd } from "../../../src/net/session.ts";

const CASES: readonly (readonly [name: string, end: SessionEnd, detail: string | undefined])[] = [
  ["a rule that was broken", { type: "violation", error: new ProtocolError("stream 2 twice") }, "stream 2 twice"],
  ["a goodbye", { type: "goAway", code: 0, message: "so long" }, "so long"],
  ["a goodbye without a word", { type: "goAway", code: 0, message: "" }, undefined],
  ["the cause of a loss", { type: "lost", cause: { code: "ECONNRESET" } }, "ECONNRESET"],
  ["a loss in order", { type: "lost", cause: undefined }, undefined],
  ["our own fault, which is logged elsewhere", { type: "fault", error: new Error("secret") }, undefined],
  ["silence", { type: "silent" }, undefined],
  ["words of several lines", { type: "goAway", code: 0, message: "a\r\nlvl=crit\u0000b" }, "a lvl=crit b"],
  ["words without end", { type: "goAway", code: 0, message: "x".repeat(1_000) }, `${"x".repeat(300)}…`],
];

describe("legEndFacts", () => {
  test.each(CASES)("tell %s", (_, end, detail) => {
    expect(legEndFacts(end)).toEqual({ reason: end.type, detail });
  });
});
