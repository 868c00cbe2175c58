/** Which endpoint may have a request, decided from the parsed head that authorisation sees too (RFC 9110 section 17). */
import { PublicError } from "../../base/errors.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import type { Endpoint } from "../endpoint.ts";

export type Scheme = "http" | "https";

/** The endpoint that serves a host name on a scheme, if one is online. */
export type FindEndpoint = (scheme: Scheme, host: string) => Endpoint | undefined;

export interface VisitorConnection {
  readonly scheme: Scheme;
  /** The name of the TLS handshake, if the visitor sent one. */
  readonly serverName?: string | undefined;
  /** What the handshake was good for (see {@link EndpointTls.mark}); `undefined`: for endpoints that ask for nothing. */
  readonly tlsMark?: string | undefined;
  /** What it takes at most of a body that nobody reads, beside what has come in one read; absent: nothing. */
  readonly bodyAheadBytes?: number | undefined;
}

/** Otherwise what the visitor is to be told. */
export function admit(
  request: RequestHead,
  findEndpoint: FindEndpoint,
  connection: VisitorConnection,
): Endpoint | PublicError {
  const host = request.host.name;
  if (request.method === "CONNECT") return new PublicError("ERR_GINNEL_CONNECT", {});
  const endpoint = findEndpoint(connection.scheme, host);
  if (endpoint === undefined) return new PublicError("ERR_NGROK_3200", { host });
  if (!meetsTerms(endpoint, host, connection) || !isWithinHandshake(endpoint, host, findEndpoint, connection)) {
    return new PublicError("ERR_GINNEL_MISDIRECTED", { host });
  }
  return endpoint;
}

/**
 * Who asks for certificates of visitors, or for versions of TLS, gets nobody by a connection that was opened for another name or
 * under other terms, also former ones of its own.
 */
function meetsTerms({ facts }: Endpoint, host: string, { serverName, tlsMark }: VisitorConnection): boolean {
  const terms = facts.options.terminateTls;
  return terms === undefined || (serverName === host && tlsMark === terms.mark);
}

/** One TLS connection may carry requests for several names, but only of the account whose name opened it. */
function isWithinHandshake(
  endpoint: Endpoint,
  host: string,
  findEndpoint: FindEndpoint,
  { scheme, serverName }: VisitorConnection,
): boolean {
  if (serverName === undefined || serverName === host) return true;
  return findEndpoint(scheme, serverName)?.facts.accountId === endpoint.facts.accountId;
}
