/** The measurements of a layout as Markdown tables: values with ratios, CPU time, and the goals. */
import type { Case, Question } from "./case.ts";
import { type Goal, verdict } from "./goals.ts";
import type { Measurements } from "./measurement.ts";

/** Whom every other system is compared with. */
const OURS = "ginnel";
/** What CPU time of requests is given per: one is too small a thing. */
const REQUESTS = 10_000;

export function valueTable(questions: readonly Question[], systems: readonly string[], measured: Measurements): string {
  const rows = questions.flatMap(({ name, title, unit, better }) => {
    const cells = compared(systems, (system) => measured.value(name, system));
    const full = better === "less" ? [unit, "less is better"].filter(Boolean).join(", ") : unit;
    return cells === undefined ? [] : [[`${title} (\`${name}\`)`, full, ...cells]];
  });
  return table(["case", "unit", ...columns(systems)], rows);
}

export function cpuTable(
  cases: readonly Pick<Case, "name" | "cpuUnit">[],
  systems: readonly string[],
  measured: Measurements,
): string {
  const rows = cases.flatMap(({ name, cpuUnit }) => {
    if (cpuUnit === undefined) return [];
    const scale = cpuUnit === "request" ? REQUESTS : 1;
    const cells = compared(systems, (system) => {
      const cost = measured.cpuPerWork(name, system);
      return cost === undefined ? undefined : cost * scale;
    });
    const unit = cpuUnit === "request" ? "s per 10,000 requests" : "s per GB";
    return cells === undefined ? [] : [[`\`${name}\``, unit, ...cells]];
  });
  return table(["case", "CPU", ...columns(systems)], rows);
}

export function goalTable(goals: readonly Goal[], measured: Measurements): string {
  const rows = goals.map((goal) => {
    const reached = goal.reached(measured);
    const sign = goal.kind === "at least" ? "≥" : "≤";
    return [goal.title, short(reached), `${sign} ${short(goal.bound)}`, verdict(goal, reached)];
  });
  return table(["goal", "measured", "bound", ""], rows);
}

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, header.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

/** Three digits that count. */
export function short(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "";
  if (value === Infinity) return "never";
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en") : Number(value.toPrecision(3)).toString();
}

function columns(systems: readonly string[]): readonly string[] {
  return [...systems, ...others(systems).map((system) => `${OURS} : ${system}`)];
}

function others(systems: readonly string[]): readonly string[] {
  return systems.filter((system) => system !== OURS && systems.includes(OURS));
}

/** Values and ratios in the order of {@link columns}; undefined when no system has one. */
function compared(
  systems: readonly string[],
  value: (system: string) => number | undefined,
): readonly string[] | undefined {
  if (systems.every((system) => value(system) === undefined)) return undefined;
  return [
    ...systems.map((system) => short(value(system))),
    ...others(systems).map((system) => ratio(value(OURS), value(system))),
  ];
}

function ratio(ours: number | undefined, theirs: number | undefined): string {
  if (ours === undefined || theirs === undefined || theirs === 0) return "";
  return Number.isFinite(ours) && Number.isFinite(theirs) ? (ours / theirs).toFixed(2) : "";
}
