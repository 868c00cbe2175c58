import { expect, test } from "bun:test";
import { EventEmitter } from "node:events";
import { stopSignal } from "../../src/cli/stop-signal.ts";

test.each([
  ["SIGINT", "SIGINT", 130],
  ["SIGINT", "SIGTERM", 143],
  ["SIGTERM", "SIGINT", 130],
])("stopSignal stops at %s and exits at once at %s behind it", (first, second, code) => {
  const source = new EventEmitter();
  const exits: number[] = [];
  const { signal } = stopSignal(source, (exitCode) => exits.push(exitCode));
  expect(signal.aborted).toBe(false);
  source.emit(first);
  expect(signal.reason).toBe(first);
  expect(exits).toEqual([]);
  source.emit(second);
  expect(exits).toEqual([code]);
});

test.each(["before the first signal", "behind the first signal"])(
  "stopSignal hears nothing once it is to ignore them, %s",
  (when) => {
    const source = new EventEmitter();
    const exits: number[] = [];
    const { signal, ignore } = stopSignal(source, (exitCode) => exits.push(exitCode));
    const isLate = when === "behind the first signal";
    if (isLate) source.emit("SIGTERM");
    ignore();
    for (const name of ["SIGINT", "SIGTERM", "SIGTERM"]) source.emit(name);
    expect([signal.aborted, exits]).toEqual([isLate, []]);
  },
);
