/** A visitor whose bytes the edge does not read: TCP endpoints, TLS passed through, and TLS that the edge ended. */
import type { Duplex } from "../../net/duplex.ts";
import { splice } from "../../net/splice.ts";
import type { Endpoint } from "../endpoint.ts";

/** Joins the visitor with the endpoint's agent; `initial` are bytes of the visitor that were read before. */
export function serveRawVisitor(connection: Duplex, endpoint: Endpoint, initial?: Uint8Array): void {
  const stream = endpoint.openProxy(connection.remoteAddress, initial);
  if (stream === undefined) connection.reset();
  else splice(connection, stream);
}
