import { type Case, soleQuestion } from "../case.ts";
import { wrk } from "../loads/wrk.ts";
import { hasScheme, type Scheme, urlOf } from "../scheme.ts";

const MANY_VISITORS = 500;

/** As many requests as fit, over connections that are kept alive. */
function requests(scheme: Scheme, connections: number): Case {
  const visitors = `${connections} visitor${connections > 1 ? "s" : ""}`;
  const name = `${scheme}-${connections}`;
  return {
    ...soleQuestion({ name, title: `${scheme} requests, ${visitors}`, unit: "per second", better: "more" }),
    cpuUnit: "request",
    appliesTo: ({ system }) => hasScheme(system, scheme),
    async measure({ system, extent: { seconds } }) {
      // Opening hundreds of connections takes part of the time.
      const duration = connections >= MANY_VISITORS ? 2 * seconds : seconds;
      const result = await wrk({ url: urlOf(system, scheme), connections, seconds: duration });
      return { values: { [name]: result.requestsPerSecond }, work: result.requests };
    },
  };
}

export const REQUEST_CASES: readonly Case[] = (["http", "https"] as const).flatMap((scheme) =>
  [1, 50, MANY_VISITORS].map((connections) => requests(scheme, connections)),
);
