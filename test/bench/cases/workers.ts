import { type Case, soleQuestion } from "../case.ts";
import { wrk } from "../loads/wrk.ts";
import { cpuSeconds, withDescendants } from "../process-usage.ts";
import { limitCpu } from "../quota/cpu-quota.ts";
import { type Scheme, urlOf } from "../scheme.ts";

/**
 * Of a processor, for each process of the edge: so little that even two leave load, upstream and agent more than they need on the rest of two
 * processors.
 */
const SHARE = 0.2;
/** Of its share. What uses less was waiting for others, and its number says nothing about the edge. */
const USED_AT_LEAST = 0.8;
/** Enough for each process: the kernel spreads them as dice do. */
const VISITORS = 200;
/** Handshakes of visitors who stay are to be a small part. */
const TIMES_LONGER = 3;

/** What an edge serves of which each process has a slow processor to itself: how much a second one gains (goals.ts). */
function onSlowProcessors(kind: "requests" | "connections", scheme: Scheme): Case {
  const name = kind === "requests" ? `workers-${scheme}` : `workers-connect-${scheme}`;
  const load = kind === "requests" ? `${scheme} requests, ${VISITORS} visitors` : `new ${scheme} connections`;
  return {
    ...soleQuestion({
      name,
      title: `${load}, ${SHARE} of a processor for each process of the edge`,
      unit: "per second",
      better: "more",
    }),
    cpuUnit: "request",
    appliesTo: ({ system }) => system.admission !== undefined && system.programs.edge !== undefined,
    async measure({ system, extent }) {
      const edge = [system.programs.edge?.pid ?? 0];
      const processes = await withDescendants(edge);
      await using _quota = await limitCpu(processes, SHARE);
      const seconds = TIMES_LONGER * extent.seconds;
      const load = { url: urlOf(system, scheme), connections: VISITORS, seconds, patienceSeconds: seconds };
      const before = await cpuSeconds(edge);
      const result = await wrk({ ...load, closes: kind === "connections" });
      const used = ((await cpuSeconds(edge)) - before) / (SHARE * processes.length * seconds);
      if (used < USED_AT_LEAST) {
        throw new Error(`the edge used ${Math.round(used * 100)} % of what it may: something else was in its way`);
      }
      return { values: { [name]: result.requestsPerSecond }, work: result.requests };
    },
  };
}

export const WORKER_CASES: readonly Case[] = [
  onSlowProcessors("requests", "http"),
  onSlowProcessors("requests", "https"),
  onSlowProcessors("connections", "https"),
];
