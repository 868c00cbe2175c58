/** The benchmark's command. Builds one layout after the other, has each measured by a process at its visitor's place, and reports. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { log } from "../../scripts/lib/run-script.ts";
import { CASES, PROGRAM_CASES } from "./cases.ts";
import { GOALS } from "./goals.ts";
import { buildLayout } from "./layouts/build-layout.ts";
import { usualCongestion } from "./layouts/congestion.ts";
import { type CpuPlan, cpuPlan, NOT_PINNED } from "./layouts/cpu-plan.ts";
import { type Layout, layoutName } from "./layouts/layout.ts";
import { allowedCpus, machineFacts } from "./machine-facts.ts";
import { type Measurement, Measurements } from "./measurement.ts";
import { benchHelp, type BenchOptions, benchOptions } from "./options.ts";
import type { Plan } from "./plan.ts";
import { cpuTable, goalTable, valueTable } from "./report.ts";
import { SYSTEMS } from "./systems.ts";

const ENDING = ["SIGINT", "SIGTERM"] as const;
const PROGRAM = join(import.meta.dir, "measure-layout.ts");

async function main(): Promise<void> {
  const options = benchOptions(process.argv.slice(2), await usualCongestion());
  const systems = await prepared(options.systems);
  const cpus = options.isPinned ? cpuPlan(await allowedCpus()) : NOT_PINNED;
  const facts = await machineFacts(options.layouts, cpus);
  process.stdout.write(`${factLines(facts)}\n`);
  const all: Measurement[] = [];
  for (const layout of options.layouts) {
    const measured = await measureLayout(layout, { ...options, systems }, cpus);
    all.push(...measured);
    process.stdout.write(report(layout, systems, new Measurements(measured)));
    // After each layout: a long run that is stopped has kept what it has.
    if (options.json !== undefined)
      await writeFile(options.json, `${JSON.stringify({ facts, measurements: all }, undefined, 1)}\n`);
  }
  process.stdout.write(goalsOf(options, all));
}

/** Those that are there, or can be fetched. */
async function prepared(names: readonly string[]): Promise<readonly string[]> {
  const ready: string[] = [];
  for (const system of SYSTEMS.filter(({ name }) => names.includes(name))) {
    try {
      await system.prepare?.();
      ready.push(system.name);
    } catch (error) {
      log.warn(`${system.name} is left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return ready;
}

async function measureLayout(layout: Layout, options: BenchOptions, cpus: CpuPlan): Promise<readonly Measurement[]> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "ginnel-bench-"));
  undo.defer(() => rm(folder, { recursive: true }));
  const { places, line } = undo.use(await buildLayout(layout, cpus));
  const plan: Plan = {
    layout: layoutName(layout),
    places,
    ...(line === undefined ? {} : { line }),
    cases: options.casesIn(layout),
    systems: options.systems,
    rounds: options.rounds,
    extent: options.extent,
    folder: join(folder, "run"),
    results: join(folder, "results.json"),
  };
  await mkdir(plan.folder);
  const command = [...places.visitor.enter, process.execPath, "--no-env-file", PROGRAM, JSON.stringify(plan)];
  const measuring = Bun.spawn(command, { stdin: "ignore", stdout: "inherit", stderr: "inherit" });
  // Whatever it started ends with it, and what is here is taken away.
  const end = (): void => measuring.kill("SIGKILL");
  for (const signal of ENDING) process.once(signal, end);
  const status = await measuring.exited;
  for (const signal of ENDING) process.off(signal, end);
  if (status !== 0) throw new Error(`measuring ${plan.layout} ended with status ${status}; see above`);
  return JSON.parse(await readFile(plan.results, "utf8")) as Measurement[]; // by our program
}

function report(layout: Layout, systems: readonly string[], measured: Measurements): string {
  const questions = [...CASES, ...PROGRAM_CASES].flatMap((one) => one.questions);
  return (
    `## ${layoutName(layout)}\n\n${valueTable(questions, systems, measured)}\n` +
    `CPU time of edge and agent together:\n\n${cpuTable(CASES, systems, measured)}\n`
  );
}

/** A full run also tells which goals it says nothing about. */
function goalsOf({ layouts: [layout], isFull }: BenchOptions, all: readonly Measurement[]): string {
  const name = layout === undefined ? "" : layoutName(layout);
  const measured = new Measurements(all.filter((one) => one.layout === name));
  const goals = GOALS.filter((goal) => isFull || goal.reached(measured) !== undefined);
  return goals.length === 0 ? "" : `Goals, ${name}:\n\n${goalTable(goals, measured)}`;
}

function factLines(facts: Readonly<Record<string, string>>): string {
  return Object.entries(facts)
    .map(([name, text]) => `- ${name}: ${text}\n`)
    .join("");
}

if (process.argv.includes("--help") || process.argv.includes("-h")) process.stdout.write(benchHelp());
else {
  try {
    await main();
  } catch (error) {
    log.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
