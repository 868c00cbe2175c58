/**
 * Measures every system in turn, case by case and round by round, so that what disturbs the machine disturbs all of them.
 * Started by scripts/bench, which says how to call it and gives the public name an address.
 */
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import type { Case } from "./case.ts";
import { CASES } from "./cases.ts";
import { GOALS } from "./goals.ts";
import { type Measurement, Measurements } from "./measurement.ts";
import { cpuSeconds } from "./process-usage.ts";
import { PROGRAM_CASES } from "./program-cases.ts";
import { cpuTable, goalTable, valueTable } from "./report.ts";
import type { RunningSystem, System, Upstreams } from "./system.ts";
import { SYSTEMS } from "./systems.ts";
import { startUpstreams } from "./upstreams.ts";

interface Pace {
  readonly rounds: number;
  readonly seconds: number;
  readonly starts: number;
}

const FULL: Pace = { rounds: 3, seconds: 4, starts: 10 };
const QUICK: Pace = { rounds: 1, seconds: 1, starts: 3 };

const { values: options } = parseArgs({
  options: { quick: { type: "boolean" }, only: { type: "string" }, json: { type: "string" } },
});
const pace = options.quick === true ? QUICK : FULL;

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

function namesAskedFor(): readonly string[] {
  const names = options.only?.split(",") ?? [];
  const known = [...CASES, ...PROGRAM_CASES, ...SYSTEMS].map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`--only: ${unknown.join(", ")} is none of ${known.join(", ")}`);
  return names;
}

/** All of them when none is named. */
function chosen<T extends { readonly name: string }>(all: readonly T[], names: readonly string[]): readonly T[] {
  const picked = all.filter(({ name }) => names.includes(name));
  return picked.length > 0 ? picked : all;
}

async function measure(
  one: Case,
  system: RunningSystem,
): Promise<Pick<Measurement, "value" | "cpuSeconds" | "cpuPerWork">> {
  const before = await cpuByRole(system);
  const { value, work } = await one.measure(system, pace.seconds);
  const after = await cpuByRole(system);
  const used = Object.fromEntries(Object.entries(after).map(([role, now]) => [role, now - (before[role] ?? 0)]));
  const total = Object.values(used).reduce((sum, seconds) => sum + seconds, 0);
  const hasCost = work !== undefined && work > 0 && Object.keys(used).length > 0;
  return { value, cpuSeconds: used, cpuPerWork: hasCost ? total / work : undefined };
}

async function cpuByRole({ processes }: RunningSystem): Promise<Readonly<Record<string, number>>> {
  const roles = Object.entries(processes).map(async ([role, pid]) => [role, await cpuSeconds([pid])] as const);
  return Object.fromEntries(await Promise.all(roles));
}

async function measureSpeed(cases: readonly Case[], systems: readonly System[], upstreams: Upstreams): Promise<void> {
  await using undo = new AsyncDisposableStack();
  const running = new Map<string, RunningSystem>();
  for (const system of cases.length > 0 ? systems : []) {
    progress(`starting ${system.name}`);
    running.set(system.name, undo.use(await system.start(upstreams)));
  }
  for (const one of cases) {
    for (let round = 0; round < pace.rounds; round++) {
      for (const [system, instance] of running) {
        progress(`${one.name}, round ${round + 1}, ${system}`);
        measured.add({ case: one.name, system, round, ...(await measure(one, instance)) });
      }
    }
  }
}

/** Each time with new processes, since those that were busy have memory to spare. */
async function measureMemory(cases: readonly Case[], systems: readonly System[], upstreams: Upstreams): Promise<void> {
  for (const one of cases) {
    for (let round = 0; round < pace.rounds; round++) {
      for (const system of systems) {
        await using instance = await system.start(upstreams);
        if (Object.keys(instance.processes).length === 0) continue;
        progress(`${one.name}, round ${round + 1}, ${system.name}`);
        measured.add({ case: one.name, system: system.name, round, ...(await measure(one, instance)) });
      }
    }
  }
}

async function measureProgram(cases: typeof PROGRAM_CASES, upstreams: Upstreams): Promise<void> {
  for (const one of cases) {
    for (let round = 0; round < (one.varies ? pace.starts : 1); round++) {
      progress(`${one.name}, round ${round + 1}`);
      const value = await one.measure(upstreams);
      measured.add({ case: one.name, system: "ginnel", round, value, cpuSeconds: {}, cpuPerWork: undefined });
    }
  }
}

const measured = new Measurements();
const names = namesAskedFor();
const questions = chosen([...CASES, ...PROGRAM_CASES], names);
const systems = chosen(SYSTEMS, names);
const cases = CASES.filter((one) => questions.includes(one));

{
  await using started = await startUpstreams();
  const { upstreams } = started;
  await measureSpeed(
    cases.filter((one) => one.asksForMemory !== true),
    systems,
    upstreams,
  );
  await measureMemory(
    cases.filter((one) => one.asksForMemory === true),
    systems,
    upstreams,
  );
  if (systems.some(({ name }) => name === "ginnel")) {
    await measureProgram(
      PROGRAM_CASES.filter((one) => questions.includes(one)),
      upstreams,
    );
  }
}

const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}`;
const caution = options.quick === true ? "a quick run, whose numbers mean little" : "the middle of the rounds";
const systemNames = systems.map(({ name }) => name);
process.stdout.write(
  `Measured on ${machine}; ${caution}.\n\n` +
    `${valueTable(questions, systemNames, measured)}\n` +
    `CPU time of edge and agent together:\n\n${cpuTable(questions, systemNames, measured)}\n` +
    `Goals:\n\n${goalTable(GOALS, measured)}`,
);
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(measured.all(), undefined, 1)}\n`);
