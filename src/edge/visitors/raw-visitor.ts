/** A visitor whose bytes the edge does not read: TCP endpoints, TLS passed through, and TLS that the edge ended. */
import type { Duplex } from "../../net/duplex.ts";
import { splice } from "../../net/splice.ts";
import type { Endpoint } from "../endpoint.ts";
import type { OpenVisitors } from "../open-visitors.ts";

/** Joins the visitor with the endpoint's agent; `initial` are bytes of the visitor that were read before. */
export function serveRawVisitor(
  connection: Duplex,
  endpoint: Endpoint,
  visitors: OpenVisitors,
  initial?: Uint8Array,
): void {
  const proxied = endpoint.openProxy(connection, initial);
  if (proxied === undefined) {
    connection.reset();
    return;
  }
  // Where its protocol could be left is not known here, so it goes on while the edge drains.
  const visitor = { drain: (): void => {}, cut: (): void => connection.reset() };
  visitors.add(visitor);
  splice(connection, proxied.stream, { onDone: () => visitors.remove(visitor) });
}
