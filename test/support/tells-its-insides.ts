/**
 * Loaded in front of a program, which then tells what nobody else can see, as a line of JSON: at SIGUSR1 the timers that it waits for, at
 * SIGURG what its objects take once those that nobody uses are gone. See inside-process.ts.
 */
import { heapStats } from "bun:jsc";
import process from "node:process";
import type { TellsMemory, TellsTimers } from "./inside-process.ts";

type Setter = (wake: (...words: unknown[]) => void, ...rest: unknown[]) => unknown;

/** Where in the program each of them was set. */
const pending = new Map<unknown, string>();

globalThis.setTimeout = counted(globalThis.setTimeout, (timer) => void pending.delete(timer));
globalThis.setInterval = counted(globalThis.setInterval, () => {});
globalThis.clearTimeout = forgetting(globalThis.clearTimeout);
globalThis.clearInterval = forgetting(globalThis.clearInterval);

function counted<Set extends object>(set: Set, onWoken: (timer: unknown) => void): Set {
  const apply = (_: Set, self: unknown, [wake, ...rest]: Parameters<Setter>): unknown => {
    const woken = (...words: unknown[]): void => {
      onWoken(timer);
      wake(...words);
    };
    const timer = Reflect.apply(set as Set & Setter, self, [woken, ...rest]); // the two that there are
    pending.set(timer, place());
    return timer;
  };
  return new Proxy(set, { apply });
}

function forgetting<Clear extends object>(clear: Clear): Clear {
  const apply = (_: Clear, self: unknown, [timer]: readonly unknown[]): unknown => {
    pending.delete(timer);
    return Reflect.apply(clear as Clear & ((timer: unknown) => unknown), self, [timer]); // the two that there are
  };
  return new Proxy(clear, { apply });
}

/** The file of the program that wanted the timer of the clock. */
function place(): string {
  const frames = (new Error("here").stack ?? "").split("\n").slice(1);
  const file = frames.map((frame) => /\/((?:src|test|node_modules)\/[^:]+):/.exec(frame)?.[1]);
  return file.find((path) => path !== undefined && !IN_BETWEEN.has(path)) ?? "elsewhere";
}
const IN_BETWEEN = new Set(["src/base/clock.ts", "test/support/tells-its-insides.ts"]);

function tell(line: TellsTimers | TellsMemory): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

process.on("SIGUSR1", () => {
  const timers: Record<string, number> = {};
  for (const file of [...pending.values()].sort()) timers[file] = (timers[file] ?? 0) + 1;
  tell({ msg: "timers pending", pid: process.pid, timers });
});

process.on("SIGURG", () => {
  Bun.gc(true);
  const { heapSize, extraMemorySize } = heapStats();
  tell({ msg: "memory in use", pid: process.pid, bytes: heapSize + extraMemorySize });
});
