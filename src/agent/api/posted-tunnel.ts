/** From the body of a call to the tunnel that it asks for. The definition itself is read as one of a configuration file is. */
import { PublicError, UsageError } from "../../base/errors.ts";
import { randomHex } from "../../base/random.ts";
import type { Blame } from "../../config/config-problem.ts";
import { readEndpoint } from "../../config/endpoint-reader.ts";
import { readTunnel } from "../../config/tunnel-reader.ts";
import type { TunnelDefinition } from "../../model/tunnel-definition.ts";
import { TUNNEL_PROTOS } from "../../model/upstream-address.ts";
import { ApiProblem } from "./api-problem.ts";
import type { JsonObject } from "./request-body.ts";

/** Wrappers make names of addresses and folders, with a random part behind them. */
const MAX_NAME_CHARS = 4_096;

/** Wrappers send their own options along (clients.md K-121). */
const OF_DRIVERS: ReadonlySet<string> = new Set([
  "authtoken",
  "configPath",
  "binPath",
  "port",
  "host",
  "httpauth",
  "region",
  "path",
  "web_addr",
  "tunnelName",
]);

/** Without a name it gets a random one. Throws ApiProblem. */
export function postedTunnel(body: JsonObject): TunnelDefinition {
  const { name: _, ...rest } = withoutDriverKeys(body);
  // An old spelling of a wrapper's, which it also sends as `auth`: to drop it alone would open what it closes.
  const fields = body["auth"] === undefined && body["httpauth"] ? { ...rest, auth: body["httpauth"] } : rest;
  const { proto } = fields;
  if (typeof proto === "string" && proto !== "" && !TUNNEL_PROTOS.some((known) => known === proto)) {
    throw invalid(`unknown protocol name ${JSON.stringify(proto)}; known are ${TUNNEL_PROTOS.join(", ")}`);
  }
  return read(() => readTunnel(nameOf(body), fields, { blame: blameBody, isStrict: true, defaultSchemes: ["https"] }));
}

/** An endpoint of version 3. `pathName`: the name that the path of the call has. Throws ApiProblem. */
export function postedEndpoint(body: JsonObject, pathName?: string): TunnelDefinition {
  const { name: _, upstream, ...fields } = withoutDriverKeys(body);
  const name = pathName ?? nameOf(body);
  if (pathName !== undefined && body["name"] !== undefined && body["name"] !== pathName) {
    throw invalid(`field name: the path names ${JSON.stringify(pathName)}`);
  }
  const wanted = upstream === undefined ? {} : { upstream: withoutForeignProtocol(upstream) };
  return read(() => readEndpoint(name, { ...fields, ...wanted, name }, blameBody));
}

/** A problem of the definition in the words of readers: with the published code, where there is one, on a line of its own. */
export function invalidTunnel(error: UsageError | PublicError): ApiProblem {
  const cause = error instanceof PublicError ? error : error.cause;
  return invalid(cause instanceof PublicError ? `${error.message}\r\n\r\n${cause.code}\r\n` : error.message);
}

function invalid(err: string): ApiProblem {
  return new ApiProblem("invalidTunnel", err);
}

const blameBody: Blame = (_path, message, cause) => new UsageError(message, { cause });

function read(reading: () => TunnelDefinition): TunnelDefinition {
  try {
    return reading();
  } catch (error) {
    if (error instanceof UsageError || error instanceof PublicError) throw invalidTunnel(error);
    throw error;
  }
}

function withoutDriverKeys(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([key, value]) => !OF_DRIVERS.has(key) && value !== null));
}

function nameOf({ name = null }: JsonObject): string {
  if (name === null || name === "") return randomHex(8);
  if (typeof name !== "string" && typeof name !== "number") throw invalid("field name: expected a text");
  if (String(name).length > MAX_NAME_CHARS) throw invalid(`field name: may have at most ${MAX_NAME_CHARS} characters`);
  return String(name);
}

/** A published sample has the scheme of the upstream there (reference.md 3.6). */
function withoutForeignProtocol(upstream: unknown): unknown {
  if (typeof upstream !== "object" || upstream === null || !("protocol" in upstream)) return upstream;
  const { protocol, ...rest } = upstream;
  return protocol === "http1" || protocol === "http2" ? upstream : rest;
}
