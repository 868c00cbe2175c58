/** What the first version is to reach, as ratios within one run. */
import type { Measurements } from "./measurement.ts";

export interface Goal {
  readonly title: string;
  readonly kind: "at least" | "at most";
  /** Undefined where the cases or systems that it needs were not measured. */
  measure(measured: Measurements): { readonly reached: number | undefined; readonly bound: number };
}

const REQUESTS = ["http-1", "http-50", "http-500"];
const BULK = ["bulk-up-1", "bulk-up-8", "bulk-down-1", "bulk-down-8"];
const LINE = ["line-up", "line-down"];

/** CPU seconds per GB that need no comparison. */
const CPU_SECONDS_PER_GB = 1.6;
const CPU_TIMES_HAPROXY = 1.6;

export const GOALS: readonly Goal[] = [
  ...REQUESTS.map((name) => times(name, "ssh", 1.5)),
  ...REQUESTS.map((name) => times(name, "haproxy", 0.6)),
  ...REQUESTS.map((name) => times(name, "ginnel", 0.85, "ginnel-inspect")),
  times("connect-http-8", "ssh", 5),
  times("connect-http-50", "ssh", 5),
  ...BULK.map((name) => times(name, "ssh-aes", 0.9)),
  ...BULK.map((name) => times(name, "ssh", 1.4)),
  ...BULK.map(cpuPerGigabyte),
  ...LINE.map((name) => times(name, "direct", 0.8)),
  atMost("idle-http", "kB per idle http visitor", 12),
  atMost("idle-https", "kB per idle https visitor", 12),
  atMost("start-up", "ms until the URL is printed", 250),
];

export function verdict(kind: Goal["kind"], reached: number | undefined, bound: number): string {
  if (reached === undefined) return "not measured";
  return (kind === "at least" ? reached >= bound : reached <= bound) ? "met" : "**missed**";
}

function times(name: string, other: string, bound: number, ours = "ginnel"): Goal {
  return {
    title: `\`${name}\`, ${ours === "ginnel" ? "" : `${ours} `}times ${other}`,
    kind: "at least",
    measure(measured) {
      const [reached, compared] = [measured.value(name, ours), measured.value(name, other)];
      return { reached: reached === undefined || compared === undefined ? undefined : reached / compared, bound };
    },
  };
}

function cpuPerGigabyte(name: string): Goal {
  return {
    title: `\`${name}\`, CPU seconds per GB`,
    kind: "at most",
    measure(measured) {
      const native = CPU_TIMES_HAPROXY * (measured.cpuPerWork(name, "haproxy") ?? 0);
      return { reached: measured.cpuPerWork(name, "ginnel"), bound: Math.max(CPU_SECONDS_PER_GB, native) };
    },
  };
}

function atMost(name: string, title: string, bound: number): Goal {
  return { title, kind: "at most", measure: (measured) => ({ reached: measured.value(name, "ginnel"), bound }) };
}
