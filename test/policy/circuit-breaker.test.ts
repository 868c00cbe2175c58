import { describe, expect, test } from "bun:test";
import { CircuitBreaker } from "../../src/policy/circuit-breaker.ts";

/** Outcomes as letters: `f` failed, `.` did not. One each `stepMs`, from 0 on. */
function after(outcomes: string, errorThreshold: number, stepMs = 10): CircuitBreaker {
  const breaker = new CircuitBreaker({ errorThreshold });
  for (const [index, outcome] of outcomes.split("").entries()) breaker.onOutcome(outcome === "f", index * stepMs);
  return breaker;
}

describe("CircuitBreaker", () => {
  test.each([
    ["too few answers", "fffffffff", 0.5, true],
    ["ten failures", "ffffffffff", 0.5, false],
    ["exactly the ratio", "fffff.....", 0.5, false],
    ["less than the ratio", "ffff......", 0.5, true],
    ["no failure at a ratio of zero", "...........", 0, true],
    ["all at a ratio of one", "ffffffffff", 1, false],
  ] as const)("CircuitBreaker with %s", (_, outcomes, threshold, isClosed) => {
    expect(after(outcomes, threshold).admits(100)).toBe(isClosed);
  });

  test("CircuitBreaker forgets what is older than its window", () => {
    expect(after("ffffffffff", 0.5, 2_000).admits(20_000)).toBe(true);
  });

  test("CircuitBreaker is open for ten seconds, and counts anew after that", () => {
    const breaker = after("ffffffffff", 0.5);
    expect(breaker.admits(90 + 9_999)).toBe(false);
    breaker.onOutcome(true, 5_000);
    expect(breaker.admits(90 + 10_000)).toBe(true);
    for (let i = 0; i < 9; i++) breaker.onOutcome(true, 10_100);
    expect(breaker.admits(10_101)).toBe(true);
    breaker.onOutcome(true, 10_101);
    expect(breaker.admits(10_102)).toBe(false);
  });
});
