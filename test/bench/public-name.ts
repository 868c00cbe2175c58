/** The names that visitors ask for. Within the benchmark they resolve to where the system listens (scripts/bench, layouts/). */

/** Of the edge itself. */
export const BASE_NAME = "bench.test";
/** Of the service that most cases ask. */
export const PUBLIC_NAME = "site.bench.test";
/** Of the same service where all the way to it is HTTP/2. */
export const HTTP2_NAME = "http2.bench.test";

/** Of the service itself, where no tunnel leads to it. */
export const UPSTREAM_NAME = "upstream.bench.test";

/** Lines of /etc/hosts. */
export function hostsFile(edgeAddress: string, upstreamAddress: string): string {
  const edge = `${edgeAddress} ${BASE_NAME} ${PUBLIC_NAME} ${HTTP2_NAME}`;
  return `127.0.0.1 localhost\n${edge}\n${upstreamAddress} ${UPSTREAM_NAME}\n`;
}
