import type { Case, Question } from "../case.ts";
import { openLoop, type OpenLoopTimes } from "../loads/open-loop.ts";
import { wrk } from "../loads/wrk.ts";
import { urlOf } from "../scheme.ts";

const SHARES = { p50: "half of them", p99: "99 of 100", p999: "999 of 1,000" } as const;
const CONNECTIONS = 50;

function questions(name: string, load: string): readonly Question[] {
  return Object.entries(SHARES).map(([share, words]) => ({
    name: `${name}-${share}`,
    title: `time to the answer, ${load}: ${words} within`,
    unit: "µs",
    better: "less",
  }));
}

function values(name: string, times: OpenLoopTimes): Readonly<Record<string, number>> {
  return { [`${name}-p50`]: times.p50, [`${name}-p99`]: times.p99, [`${name}-p999`]: times.p999 };
}

/** The same rate for all, whatever they are capable of. */
function atRate(requestsPerSecond: number): Case {
  const name = `open-loop-${requestsPerSecond}`;
  return {
    name,
    questions: questions(name, `${requestsPerSecond.toLocaleString("en")} requests per second`),
    cpuUnit: "request",
    async measure({ system: { address, httpPort: port }, extent: { seconds } }) {
      const times = await openLoop({ address, port, requestsPerSecond, seconds });
      return { values: values(name, times), work: times.requests };
    },
  };
}

const HALF_PEAK = "half-peak";
/**
 * Half of the processor that load and upstream share, where they have one. Beyond that the times would be theirs: asked on time, one by one,
 * a request costs them several times what it costs under full load, where many are read and written at a time.
 */
const MAX_RATE = 12_000;

/** Each at half of what it was capable of a moment ago. */
const atHalfOfPeak: Case = {
  name: HALF_PEAK,
  questions: questions(
    HALF_PEAK,
    `half of its peak with ${CONNECTIONS} visitors, ${MAX_RATE.toLocaleString("en")} per second at most`,
  ),
  async measure({ system, extent: { seconds } }) {
    const peak = await wrk({ url: urlOf(system, "http"), connections: CONNECTIONS, seconds });
    const { address, httpPort: port } = system;
    const requestsPerSecond = Math.min(Math.round(peak.requestsPerSecond / 2), MAX_RATE);
    return { values: values(HALF_PEAK, await openLoop({ address, port, requestsPerSecond, seconds })) };
  },
};

export const OPEN_LOOP_CASES: readonly Case[] = [atRate(500), atRate(2000), atRate(8000), atHalfOfPeak];
