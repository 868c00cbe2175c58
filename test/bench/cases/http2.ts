import { type Case, soleQuestion } from "../case.ts";
import { h2load } from "../loads/h2load.ts";
import { HTTP2_NAME, PUBLIC_NAME } from "../public-name.ts";
import { hasScheme, urlOf } from "../scheme.ts";
import { GRPC_PATH } from "../upstreams.ts";

const CONNECTIONS = 10;
const AT_A_TIME = 10;
const LOAD = `${CONNECTIONS} visitors with ${AT_A_TIME} at a time each`;

/** The upstream is asked as the system likes to, and over HTTP/2 for `grpc`. */
function overHttp2(name: string, title: string, isGrpc: boolean): Case {
  return {
    ...soleQuestion({ name, title: `${title}, ${LOAD}`, unit: "per second", better: "more" }),
    cpuUnit: "request",
    appliesTo: ({ system }) => hasScheme(system, "https"),
    async measure({ system, extent: { seconds } }) {
      const url = isGrpc ? urlOf(system, "https", HTTP2_NAME) + GRPC_PATH : urlOf(system, "https", PUBLIC_NAME);
      const load = { url, connections: CONNECTIONS, atATime: AT_A_TIME, seconds, isGrpc };
      const { requests, requestsPerSecond } = await h2load(load);
      return { values: { [name]: requestsPerSecond }, work: requests };
    },
  };
}

export const HTTP2_CASES: readonly Case[] = [
  overHttp2("h2", "requests over HTTP/2", false),
  overHttp2("grpc", "gRPC calls", true),
];
