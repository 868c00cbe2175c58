import { type Case, soleQuestion } from "../case.ts";
import { wrk } from "../loads/wrk.ts";
import { hasScheme, type Scheme, urlOf } from "../scheme.ts";
import { LARGE_BYTES, LARGE_PATH } from "../upstreams.ts";

const VISITORS = 8;

function largeAnswers(scheme: Scheme): Case {
  const name = `large-${scheme}`;
  const title = `${scheme} answers of 1 MiB, ${VISITORS} visitors`;
  return {
    ...soleQuestion({ name, title, unit: "GB/s", better: "more" }),
    cpuUnit: "GB",
    appliesTo: ({ system }) => hasScheme(system, scheme),
    async measure({ system, extent: { seconds } }) {
      const result = await wrk({ url: urlOf(system, scheme) + LARGE_PATH, connections: VISITORS, seconds });
      const gigabytesEach = LARGE_BYTES / 1e9;
      return {
        values: { [name]: result.requestsPerSecond * gigabytesEach },
        work: result.requests * gigabytesEach,
      };
    },
  };
}

export const LARGE_ANSWER_CASES: readonly Case[] = [largeAnswers("http"), largeAnswers("https")];
