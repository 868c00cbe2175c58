import { describe, expect, test } from "bun:test";
import { withDeadline } from "../../../src/agent/diagnosis/deadline.ts";
import { ManualClock } from "../../support/manual-clock.ts";

describe("withDeadline", () => {
  test("withDeadline answers what the task does, whichever way, and leaves no timer", async () => {
    const clock = new ManualClock();
    const options = { timeoutMs: 1_000, signal: new AbortController().signal, clock };
    expect(await withDeadline(Promise.resolve(7), "seven", options)).toBe(7);
    const failing = withDeadline(Promise.reject(new RangeError("no")), "seven", options);
    expect(await failing.catch((error: unknown) => error)).toBeInstanceOf(RangeError);
    expect(clock.pending).toBe(0);
  });

  test("withDeadline gives a task up when its time is over", async () => {
    const clock = new ManualClock();
    const waiting = withDeadline(new Promise(() => {}), "lookup x", {
      timeoutMs: 1_500,
      signal: new AbortController().signal,
      clock,
    });
    clock.advance(1_500);
    const failure: unknown = await waiting.catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason: "timedOut", message: "lookup x: no answer within 1.5 s" });
  });

  test.each([true, false])("withDeadline gives a task up at the signal, given before: %p", async (isBefore) => {
    const controller = new AbortController();
    if (isBefore) controller.abort();
    const waiting = withDeadline(new Promise(() => {}), "lookup x", {
      timeoutMs: 1_500,
      signal: controller.signal,
      clock: new ManualClock(),
    });
    controller.abort();
    expect(await waiting.catch((error: unknown) => error)).toMatchObject({ reason: "aborted" });
  });
});
