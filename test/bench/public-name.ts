/** The names that visitors ask for. Within the benchmark they resolve to where the system listens (scripts/bench, layouts/). */

/** Of the edge itself. */
export const BASE_NAME = "bench.test";
/** Of the service that most cases ask. */
export const PUBLIC_NAME = "site.bench.test";
/** Of the same service where all the way to it is HTTP/2. */
export const HTTP2_NAME = "http2.bench.test";

/** Lines of /etc/hosts. */
export function hostsFile(address: string): string {
  return `127.0.0.1 localhost\n${address} ${BASE_NAME} ${PUBLIC_NAME} ${HTTP2_NAME}\n`;
}
