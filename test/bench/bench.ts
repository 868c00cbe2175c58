/** The benchmark's command. Started by scripts/bench, which gives the public name an address. */
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { type ArgsDef, defineCommand } from "citty";
import { log, runScript } from "../../scripts/lib/run-script.ts";
import type { Question } from "./case.ts";
import { CASES } from "./cases.ts";
import { GOALS } from "./goals.ts";
import type { Measurements } from "./measurement.ts";
import { Measuring, type Pace } from "./measuring.ts";
import { PROGRAM_CASES } from "./program-cases.ts";
import { cpuTable, goalTable, valueTable } from "./report.ts";
import { SYSTEMS } from "./systems.ts";
import { startUpstreams } from "./upstreams.ts";

const FULL: Pace = { rounds: 3, seconds: 4, starts: 10 };
const QUICK: Pace = { rounds: 1, seconds: 1, starts: 3 };

const ARGS = {
  quick: { type: "boolean", description: "one short round: only to see that it works" },
  only: {
    type: "string",
    valueHint: "NAME,...",
    description: `these cases and these systems; all of a kind of which none is named. ${knownNames().join(" ")}`,
  },
  json: { type: "string", valueHint: "FILE", description: "also writes every single measurement" },
} satisfies ArgsDef;

const command = defineCommand({
  meta: {
    name: "scripts/bench",
    description: "Measures ginnel beside other ways to the same upstream, in one run, and prints Markdown tables",
  },
  args: ARGS,
  async run({ args: { quick, only, json } }) {
    const names = namesAskedFor(only);
    const questions = chosen([...CASES, ...PROGRAM_CASES], names);
    const systems = chosen(SYSTEMS, names);
    const measured = await measureAll(questions, systems, quick === true ? QUICK : FULL);
    const caution = quick === true ? "a quick run, whose numbers mean little" : "the middle of the rounds";
    process.stdout.write(
      report(
        caution,
        questions,
        systems.map(({ name }) => name),
        measured,
      ),
    );
    if (json !== undefined) await writeFile(json, `${JSON.stringify(measured.all(), undefined, 1)}\n`);
  },
});

async function measureAll(questions: readonly Question[], systems: typeof SYSTEMS, pace: Pace): Promise<Measurements> {
  await using started = await startUpstreams();
  const measuring = new Measuring(pace, started.upstreams, (line) => log.info(line));
  await measuring.measureSystems(
    CASES.filter((one) => questions.includes(one)),
    systems,
  );
  if (systems.some(({ name }) => name === "ginnel")) {
    await measuring.measureProgram(PROGRAM_CASES.filter((one) => questions.includes(one)));
  }
  return measuring.measured;
}

function report(
  caution: string,
  questions: readonly Question[],
  systems: readonly string[],
  measured: Measurements,
): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}`;
  return (
    `Measured on ${machine}; ${caution}.\n\n` +
    `${valueTable(questions, systems, measured)}\n` +
    `CPU time of edge and agent together:\n\n${cpuTable(questions, systems, measured)}\n` +
    `Goals:\n\n${goalTable(GOALS, measured)}`
  );
}

function knownNames(): readonly string[] {
  return [...CASES, ...PROGRAM_CASES, ...SYSTEMS].map(({ name }) => name);
}

function namesAskedFor(only: string | undefined): readonly string[] {
  const names = only?.split(",") ?? [];
  const known = knownNames();
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`--only: ${unknown.join(", ")} is none of ${known.join(", ")}`);
  return names;
}

/** All of them when none is named. */
function chosen<T extends { readonly name: string }>(all: readonly T[], names: readonly string[]): readonly T[] {
  const picked = all.filter(({ name }) => names.includes(name));
  return picked.length > 0 ? picked : all;
}

await runScript(command, ARGS);
