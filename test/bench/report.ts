/** The measurements as Markdown tables: values with ratios, CPU time, and the goals. */
import type { Question } from "./case.ts";
import { type Goal, verdict } from "./goals.ts";
import type { Measurements } from "./measurement.ts";

/** Whom every other system is compared with. */
const OURS = "ginnel";

export function valueTable(cases: readonly Question[], systems: readonly string[], measured: Measurements): string {
  const others = systems.filter((system) => system !== OURS && systems.includes(OURS));
  const header = ["case", "unit", ...systems, ...others.map((system) => `${OURS} : ${system}`)];
  const rows = cases.map(({ name, title, unit, better }) => [
    `${title} (\`${name}\`)`,
    better === "less" ? `${unit}, less is better` : unit,
    ...systems.map((system) => short(measured.value(name, system))),
    ...others.map((system) => ratio(measured.value(name, OURS), measured.value(name, system))),
  ]);
  return table(header, rows);
}

export function cpuTable(cases: readonly Question[], systems: readonly string[], measured: Measurements): string {
  const others = systems.filter((system) => system !== OURS && systems.includes(OURS));
  const header = ["case", "CPU", ...systems, ...others.map((system) => `${OURS} : ${system}`)];
  const rows = cases.flatMap(({ name, cpuUnit }) => {
    if (cpuUnit === undefined) return [];
    const scale = cpuUnit === "request" ? 1e6 : 1;
    const of = (system: string): number | undefined => {
      const cost = measured.cpuPerWork(name, system);
      return cost === undefined ? undefined : cost * scale;
    };
    const unit = cpuUnit === "request" ? "µs per request" : "s per GB";
    return [[`\`${name}\``, unit, ...systems.map((s) => short(of(s))), ...others.map((s) => ratio(of(OURS), of(s)))]];
  });
  return table(header, rows);
}

export function goalTable(goals: readonly Goal[], measured: Measurements): string {
  const rows = goals.map((goal) => {
    const { reached, bound } = goal.measure(measured);
    const sign = goal.kind === "at least" ? "≥" : "≤";
    return [goal.title, short(reached), `${sign} ${short(bound)}`, verdict(goal.kind, reached, bound)];
  });
  return table(["goal", "measured", "bound", ""], rows);
}

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, header.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

function ratio(ours: number | undefined, theirs: number | undefined): string {
  return ours === undefined || theirs === undefined || theirs === 0 ? "" : (ours / theirs).toFixed(2);
}

/** Three digits that count. */
export function short(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "";
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en") : Number(value.toPrecision(3)).toString();
}
