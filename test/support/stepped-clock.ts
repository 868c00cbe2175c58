/** Loaded in front of a program: at SIGUSR2 the wall clock that it reads is a day further, or as far back the next time, as after a step. */
import process from "node:process";

const STEP_MS = 24 * 3_600_000;

const System = globalThis.Date;
const now = System.now.bind(System);
const steps = { ms: 0, next: STEP_MS };

System.now = () => now() + steps.ms;
globalThis.Date = new Proxy(System, {
  construct: (target, args: []) => (args.length === 0 ? new target(System.now()) : new target(...args)),
});

process.on("SIGUSR2", () => {
  steps.ms += steps.next;
  // Forward a day, then back by two.
  steps.next = -2 * STEP_MS;
  process.stdout.write(`${JSON.stringify({ msg: "clock stepped", date: new Date().toISOString() })}\n`);
});
