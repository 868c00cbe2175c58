/** Every case that is measured. */
import type { Case } from "./case.ts";
import { FAR_TITLE } from "./far-line.ts";
import { idleBytes } from "./loads/idle.ts";
import { iperf } from "./loads/iperf.ts";
import { latency, REQUESTS_PER_SECOND } from "./loads/latency.ts";
import { wrk } from "./loads/wrk.ts";
import { Visitor } from "./loads/visitor.ts";
import { memoryBytes } from "./process-usage.ts";
import { PUBLIC_NAME, type RunningSystem } from "./system.ts";
import { LARGE_BYTES, LARGE_PATH } from "./upstreams.ts";

type Scheme = "http" | "https";

const MANY_VISITORS = 500;
const LARGE_VISITORS = 8;

export const CASES: readonly Case[] = [
  ...[1, 50, MANY_VISITORS].map((connections) => requests("http", connections)),
  ...[1, 50, MANY_VISITORS].map((connections) => requests("https", connections)),
  newConnections("http", 8),
  newConnections("http", 50),
  newConnections("https", 50),
  largeAnswers("http"),
  largeAnswers("https"),
  ...[1, 8].map((streams) => bulk("up", streams)),
  ...[1, 8].map((streams) => bulk("down", streams)),
  overLine("up"),
  overLine("down"),
  latencyAt("p50"),
  latencyAt("p99"),
  idle("http"),
  idle("https"),
  memory("edge"),
  memory("agent"),
];

function requests(scheme: Scheme, connections: number): Case {
  return {
    name: `${scheme}-${connections}`,
    title: `${scheme} requests, ${connections} visitor${connections > 1 ? "s" : ""}`,
    unit: "per second",
    better: "more",
    cpuUnit: "request",
    async measure(system, seconds) {
      // Opening hundreds of connections takes part of the time.
      const duration = connections >= MANY_VISITORS ? 2 * seconds : seconds;
      const result = await wrk({ url: urlOf(system, scheme), connections, seconds: duration });
      return { value: result.requestsPerSecond, work: result.requests };
    },
  };
}

function newConnections(scheme: Scheme, connections: number): Case {
  return {
    name: `connect-${scheme}-${connections}`,
    title: `new ${scheme} connections, ${connections} at a time`,
    unit: "per second",
    better: "more",
    cpuUnit: "request",
    async measure(system, seconds) {
      const load = { url: urlOf(system, scheme), connections, seconds, closes: true };
      const result = await wrk(load);
      return { value: result.requestsPerSecond, work: result.requests };
    },
  };
}

function largeAnswers(scheme: Scheme): Case {
  return {
    name: `large-${scheme}`,
    title: `${scheme} answers of 1 MiB, ${LARGE_VISITORS} visitors`,
    unit: "GB/s",
    better: "more",
    cpuUnit: "GB",
    async measure(system, seconds) {
      const load = { url: urlOf(system, scheme) + LARGE_PATH, connections: LARGE_VISITORS, seconds };
      const result = await wrk(load);
      const gigabytesEach = LARGE_BYTES / 1e9;
      return { value: result.requestsPerSecond * gigabytesEach, work: result.requests * gigabytesEach };
    },
  };
}

function bulk(direction: "up" | "down", streams: number): Case {
  return {
    name: `bulk-${direction}-${streams}`,
    title: `tcp ${direction}, ${streams} stream${streams > 1 ? "s" : ""}`,
    unit: "GB/s",
    better: "more",
    cpuUnit: "GB",
    async measure({ bulkPort: port }, seconds) {
      const { bytes, bytesPerSecond } = await iperf({ port, direction, streams, seconds });
      return { value: bytesPerSecond / 1e9, work: bytes / 1e9 };
    },
  };
}

function overLine(direction: "up" | "down"): Case {
  const near = bulk(direction, 1);
  return {
    ...near,
    name: `line-${direction}`,
    title: `tcp ${direction}, 1 stream, ${FAR_TITLE}`,
    isFar: true,
    // Windows grow first, on any system.
    measure: (system, seconds) => near.measure(system, 2 * seconds),
  };
}

function latencyAt(share: "p50" | "p99"): Case {
  return {
    name: `latency-${share}`,
    title: `time to the answer at ${REQUESTS_PER_SECOND} requests per second, ${share}`,
    unit: "µs",
    better: "less",
    async measure({ httpPort }, seconds) {
      const { p50Micros, p99Micros } = await latency(httpPort, seconds);
      return { value: share === "p50" ? p50Micros : p99Micros };
    },
  };
}

function idle(scheme: Scheme): Case {
  return {
    name: `idle-${scheme}`,
    title: `memory per idle ${scheme} visitor, both processes`,
    unit: "kB",
    better: "less",
    asksForMemory: true,
    async measure({ httpPort, httpsPort, processes }) {
      const port = scheme === "http" ? httpPort : httpsPort;
      return { value: (await idleBytes(port, scheme === "https", Object.values(processes))) / 1000 };
    },
  };
}

function memory(role: "edge" | "agent"): Case {
  return {
    name: `memory-${role}`,
    title: `memory of the ${role} after a thousand requests`,
    unit: "MB",
    better: "less",
    asksForMemory: true,
    async measure({ processes, httpPort }) {
      using visitor = await Visitor.connect(httpPort, { secure: false });
      for (let count = 0; count < 1000; count++) await visitor.ask();
      return { value: (await memoryBytes([processes[role] ?? 0])) / 1e6 };
    },
  };
}

function urlOf({ httpPort, httpsPort }: RunningSystem, scheme: Scheme): string {
  return `${scheme}://${PUBLIC_NAME}:${scheme === "http" ? httpPort : httpsPort}`;
}
