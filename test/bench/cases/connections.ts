import { type Case, soleQuestion } from "../case.ts";
import { wrk } from "../loads/wrk.ts";
import { hasScheme, type Scheme, urlOf } from "../scheme.ts";

/** A request on each connection. */
function newConnections(scheme: Scheme, connections: number): Case {
  const name = `connect-${scheme}-${connections}`;
  const title = `new ${scheme} connections, ${connections} at a time`;
  return {
    ...soleQuestion({ name, title, unit: "per second", better: "more" }),
    cpuUnit: "request",
    appliesTo: ({ system }) => hasScheme(system, scheme),
    async measure({ system, extent: { seconds } }) {
      const result = await wrk({ url: urlOf(system, scheme), connections, seconds, closes: true });
      return { values: { [name]: result.requestsPerSecond }, work: result.requests };
    },
  };
}

export const CONNECTION_CASES: readonly Case[] = [
  newConnections("http", 8),
  newConnections("http", 50),
  newConnections("https", 50),
];
