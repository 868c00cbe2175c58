/** What somebody who starts the benchmark may ask for, and what becomes of it. Without processes or files. */
import { parseArgs } from "node:util";
import type { Extent } from "./case.ts";
import { CASES, PROGRAM_CASES, SHORT_CASES } from "./cases.ts";
import { type Layout, LAYOUT_TITLES, type LayoutKind, type LineWish } from "./layouts/layout.ts";
import { SHORT_SYSTEMS, SYSTEMS } from "./systems.ts";

export interface BenchOptions {
  readonly layouts: readonly Layout[];
  /** Names of cases; of each layout those that can be measured there. */
  casesIn(layout: Layout): readonly string[];
  readonly systems: readonly string[];
  readonly rounds: number;
  readonly extent: Extent;
  readonly isPinned: boolean;
  readonly isFull: boolean;
  readonly json: string | undefined;
}

const SHORT_EXTENT = { seconds: 2, soakSeconds: 30, websockets: 1000, agents: 200, stuckVisitors: 200 };
const FULL_EXTENT = { seconds: 4, soakSeconds: 1800, websockets: 10_000, agents: 2000, stuckVisitors: 1000 };
const ROUNDS = 3;

const ALL_CASES: readonly string[] = [...CASES, ...PROGRAM_CASES].map(({ name }) => name);
/** Of a full run in layouts other than loopback: what a network makes a difference to. */
const NETWORK_CASES = [
  "https-50",
  "bulk-up-1",
  "bulk-down-1",
  "bulk-down-8",
  "open-loop-500",
  "websocket",
  "noisy",
  "recovery",
];

const LINE: LineWish = { roundTripMs: 50, lossPercent: 0, megabitsPerSecond: 200 };
const FULL_ROUND_TRIPS = [20, 50, 150];
const FULL_LOSSES = [0, 0.5, 2];

const OPTIONS = {
  systems: { type: "string" },
  layout: { type: "string" },
  rtt: { type: "string" },
  loss: { type: "string" },
  rate: { type: "string" },
  congestion: { type: "string" },
  rounds: { type: "string" },
  seconds: { type: "string" },
  soak: { type: "string" },
  full: { type: "boolean" },
  "no-pin": { type: "boolean" },
  json: { type: "string" },
} as const;

/**
 * `congestion` is what TCP has where the arguments name nothing else.
 * @throws Error that names the word, what is wrong with it, and what there is.
 */
export function benchOptions(args: readonly string[], congestion: string): BenchOptions {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const isFull = values.full === true;
  const extent = isFull ? FULL_EXTENT : SHORT_EXTENT;
  const named = [...new Set(positionals.flatMap(casesNamed))];
  return {
    layouts: layouts({ congestion, ...values }, isFull),
    casesIn: (layout) => casesIn(layout, named, isFull),
    systems: systems(values.systems, isFull),
    rounds: numberOf("--rounds", values.rounds) ?? ROUNDS,
    extent: {
      ...extent,
      seconds: numberOf("--seconds", values.seconds) ?? extent.seconds,
      soakSeconds: (numberOf("--soak", values.soak) ?? extent.soakSeconds / 60) * 60,
    },
    isPinned: values["no-pin"] !== true,
    isFull,
    json: values.json,
  };
}

/** `--help`. */
export function benchHelp(): string {
  const list = (title: string, lines: readonly (readonly [string, string])[]): string =>
    `${title}:\n${lines.map(([name, text]) => `  ${name.padEnd(20)} ${text}\n`).join("")}\n`;
  return `Measures ginnel beside other ways to the same upstream, in one run, and prints Markdown tables.

  ./scripts/bench                                  a minute or two that tell most
  ./scripts/bench CASE... --systems ginnel,ssh     these, each also as the beginning of names: bulk, recovery
  ./scripts/bench --layout line --rtt 50 --loss 2  over a line
  ./scripts/bench --full                           everything there is, which takes hours

${list("Options", [
  ["--systems NAME,...", `those to compare; else ${SHORT_SYSTEMS.join(", ")}, or all with --full`],
  ["--layout KIND,...", "how they are placed; else loopback, or all with --full"],
  ["--rtt MS,...", `round trip of the line, else ${LINE.roundTripMs}`],
  ["--loss PERCENT,...", `share of packets the line loses, each way, else ${LINE.lossPercent}`],
  ["--rate MBIT", `of the line, else ${LINE.megabitsPerSecond}; 0: as fast as the machine`],
  ["--congestion NAME", "congestion control of TCP, everywhere; else cubic, or reno where the kernel keeps cubic back"],
  ["--rounds N", `each measures everything once, and the middle counts; else ${ROUNDS}`],
  ["--seconds N", `of load per measurement; else ${SHORT_EXTENT.seconds}, or ${FULL_EXTENT.seconds} with --full`],
  [
    "--soak MINUTES",
    `length of the soak; else ${SHORT_EXTENT.soakSeconds / 60}, or ${FULL_EXTENT.soakSeconds / 60} with --full`,
  ],
  ["--full", "all cases, systems and layouts that are not named, with numbers as large as in the goals"],
  ["--no-pin", "lets the kernel choose processors; else systems and load have their own"],
  ["--json FILE", "also writes every single measurement"],
])}${list("Layouts", Object.entries(LAYOUT_TITLES))}${list(
    "Systems",
    SYSTEMS.map(({ name, title }) => [name, title]),
  )}${list(
    "Cases",
    [...CASES, ...PROGRAM_CASES].map(({ name, questions }) => [name, questions.map(({ title }) => title).join("; ")]),
  )}`;
}

function systems(list: string | undefined, isFull: boolean): readonly string[] {
  const known = SYSTEMS.map(({ name }) => name);
  if (list === undefined) return isFull ? known : SHORT_SYSTEMS;
  return list.split(",").map((name) => {
    if (!known.includes(name)) throw new Error(`--systems: ${name} is none of ${known.join(", ")}`);
    return name;
  });
}

/** All whose name is this, or begins with it and a hyphen. */
function casesNamed(name: string): readonly string[] {
  const found = ALL_CASES.filter((known) => known === name || known.startsWith(`${name}-`));
  if (found.length === 0) throw new Error(`there is no case ${name}, but ${ALL_CASES.join(", ")}`);
  return found;
}

function casesIn({ kind }: Layout, named: readonly string[], isFull: boolean): readonly string[] {
  if (kind === "loopback") return named.length > 0 ? named : isFull ? ALL_CASES : SHORT_CASES;
  const wanted = named.length > 0 ? named : isFull ? NETWORK_CASES.flatMap(casesNamed) : SHORT_CASES;
  return wanted.filter((name) => CASES.some((one) => one.name === name));
}

function layouts(
  values: { readonly [Name in "layout" | "rtt" | "loss" | "rate"]?: string } & { readonly congestion: string },
  isFull: boolean,
): readonly Layout[] {
  const { congestion } = values;
  const roundTrips = numbersOf("--rtt", values.rtt) ?? (isFull ? FULL_ROUND_TRIPS : [LINE.roundTripMs]);
  const losses = numbersOf("--loss", values.loss) ?? (isFull ? FULL_LOSSES : [LINE.lossPercent]);
  const megabitsPerSecond = numberOf("--rate", values.rate) ?? LINE.megabitsPerSecond;
  return kinds(values.layout, isFull).flatMap((kind): readonly Layout[] => {
    if (kind !== "line") return [{ kind, congestion }];
    return roundTrips.flatMap((roundTripMs) =>
      losses.map((lossPercent) => ({ kind, congestion, line: { roundTripMs, lossPercent, megabitsPerSecond } })),
    );
  });
}

function kinds(list: string | undefined, isFull: boolean): readonly LayoutKind[] {
  const known = ["loopback", "namespaces", "line"] as const satisfies readonly LayoutKind[];
  if (list === undefined) return isFull ? known : ["loopback"];
  return list.split(",").map((name) => {
    const kind = known.find((one) => one === name);
    if (kind === undefined) throw new Error(`--layout: ${name} is none of ${known.join(", ")}`);
    return kind;
  });
}

function numberOf(option: string, text: string | undefined): number | undefined {
  return numbersOf(option, text)?.[0];
}

function numbersOf(option: string, list: string | undefined): readonly number[] | undefined {
  return list?.split(",").map((text) => {
    const number = text.trim() === "" ? Number.NaN : Number(text);
    if (!(number >= 0)) throw new Error(`${option}: ${JSON.stringify(text)} is not a number of 0 or more`);
    return number;
  });
}
