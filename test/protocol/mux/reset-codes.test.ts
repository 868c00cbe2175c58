import { expect, test } from "bun:test";
import { MUX_ERRORS } from "../../../src/protocol/mux/error-codes.ts";
import { RESET_CODES, resetReasonOf } from "../../../src/protocol/mux/reset-codes.ts";

test("resetReasonOf reads every code of ours, and each has its own", () => {
  for (const [reason, code] of Object.entries(RESET_CODES))
    expect<string | undefined>(resetReasonOf(code)).toBe(reason);
  expect(new Set(Object.values(RESET_CODES)).size).toBe(Object.keys(RESET_CODES).length);
});

test.each([undefined, ...Object.values(MUX_ERRORS), 255, 0xffffffff])(
  "resetReasonOf knows no reason for %p",
  (code) => {
    expect(resetReasonOf(code)).toBeUndefined();
  },
);
