/** Reads the text format of Prometheus, version 0.0.4, as strictly as its own parser. */

export interface ExposedValue {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ExposedMetric {
  readonly help: string;
  readonly type: string;
  readonly values: readonly ExposedValue[];
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"`;
const HELP = new RegExp(`^# HELP (${NAME}) ((?:[^\\\\]|\\\\[\\\\n])*)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|summary|histogram|untyped)$`);
const VALUE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (\\S+)$`);
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  summary: ["", "_sum", "_count"],
  histogram: ["_bucket", "_sum", "_count"],
};

/** By name. @throws Error with the line that is none */
export function readExposition(text: string): ReadonlyMap<string, ExposedMetric> {
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line has no end");
  const metrics = new Map<string, { help: string; type: string; values: ExposedValue[] }>();
  let current = "";
  let help: readonly [string, string] | undefined;
  for (const line of text.split("\n").slice(0, -1)) {
    const [, helped, helpText = ""] = HELP.exec(line) ?? [];
    const [, typed, type = ""] = TYPE.exec(line) ?? [];
    const [, name, labels = "", number = ""] = VALUE.exec(line) ?? [];
    if (helped !== undefined) help = [helped, unescaped(helpText)];
    else if (typed !== undefined) {
      if (metrics.has(typed) || help?.[0] !== typed) throw new Error(`out of order: ${line}`);
      current = typed;
      metrics.set(typed, { help: help[1], type, values: [] });
    } else if (name !== undefined) {
      const metric = metrics.get(current);
      const names = (ENDINGS[metric?.type ?? ""] ?? [""]).map((ending) => current + ending);
      if (metric === undefined || !names.includes(name)) throw new Error(`stands under no type: ${line}`);
      metric.values.push({ name, labels: readLabels(labels), value: readNumber(number) });
    } else throw new Error(`no line of the format: ${line}`);
  }
  return metrics;
}

function readLabels(text: string): Readonly<Record<string, string>> {
  const found = text.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g);
  const pairs = [...found].map(([, label = "", value = ""]) => [label, unescaped(value)] as const);
  if (new Set(pairs.map(([label]) => label)).size < pairs.length) throw new Error(`a label twice: ${text}`);
  return Object.fromEntries(pairs);
}

function readNumber(text: string): number {
  if (text === "NaN") return Number.NaN;
  if (/^[+-]Inf$/.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (!/^-?\d+(\.\d+)?(e[+-]\d+)?$/.test(text)) throw new Error(`no number: ${text}`);
  return Number(text);
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, letter: string) => (letter === "n" ? "\n" : letter));
}
