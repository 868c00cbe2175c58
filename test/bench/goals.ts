/** What is to be reached, as far as it can be ratios within one run. */
import type { Measurements } from "./measurement.ts";

export interface Goal {
  readonly title: string;
  readonly kind: "at least" | "at most";
  readonly bound: number;
  /** Undefined where the cases or systems that it needs were not measured. */
  reached(measured: Measurements): number | undefined;
}

const BULK = ["up", "down"].flatMap((direction) => [1, 8, 64].map((streams) => `bulk-${direction}-${streams}`));

export const GOALS: readonly Goal[] = [
  ...["https-1", "https-50", "https-500"].map((name) => times("at least", name, 0.8)),
  ...["bulk-up-1", "bulk-down-1"].map((name) => times("at least", name, 0.8)),
  ...BULK.map((name) => cpuTimes(name, 1.5)),
  times("at most", "half-peak-p99", 1.5),
  ours("at most", "noisy-ratio", "times the quiet p99, beside bulk", 2),
  ours("at least", "slow-readers-speed", "of the speed, beside stuck visitors", 0.9),
  ...["http", "https", "websocket"].map((kind) => ours("at most", `idle-${kind}`, "kB per idle visitor", 20)),
  ours("at most", "idle-agent", "kB of the edge per idle agent", 100),
  ours("at most", "start-up-served", "ms until the first request is served", 300),
  ours("at most", "soak-slope", "MB of growth per hour", 5),
  ...["http-1", "http-50"].map((name) => captured(name, 0.85)),
  ...["workers-http", "workers-https", "workers-connect-https"].map((name) => ofTwo(name, 1.6)),
];

export function verdict({ kind, bound }: Goal, reached: number | undefined): string {
  if (reached === undefined) return "not measured";
  return (kind === "at least" ? reached >= bound : reached <= bound) ? "met" : "**missed**";
}

function times(kind: Goal["kind"], name: string, bound: number): Goal {
  return {
    title: `\`${name}\`, times haproxy`,
    kind,
    bound,
    reached: (measured) => quotient(measured.value(name, "ginnel"), measured.value(name, "haproxy")),
  };
}

function cpuTimes(name: string, bound: number): Goal {
  return {
    title: `\`${name}\`, CPU per GB, times haproxy`,
    kind: "at most",
    bound,
    reached: (measured) => quotient(measured.cpuPerWork(name, "ginnel"), measured.cpuPerWork(name, "haproxy")),
  };
}

function captured(name: string, bound: number): Goal {
  return {
    title: `\`${name}\`, captured, times not captured`,
    kind: "at least",
    bound,
    reached: (measured) => quotient(measured.value(name, "ginnel-inspect"), measured.value(name, "ginnel")),
  };
}

/** What a second process of the edge gains. */
function ofTwo(name: string, bound: number): Goal {
  return {
    title: `\`${name}\`, two processes, times one`,
    kind: "at least",
    bound,
    reached: (measured) => quotient(measured.value(name, "ginnel-2"), measured.value(name, "ginnel")),
  };
}

function ours(kind: Goal["kind"], name: string, title: string, bound: number): Goal {
  return { title: `\`${name}\`, ${title}`, kind, bound, reached: (measured) => measured.value(name, "ginnel") };
}

function quotient(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one / other;
}
