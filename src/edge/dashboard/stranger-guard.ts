/** Keeps out what a page of somebody else makes a browser send: tunnels are such pages, at names beside that of the dashboard. */
import type { MiddlewareHandler } from "hono";
import { PublicError } from "../../base/errors.ts";
import { AllowedHosts, hostOfHeader, isLoopbackHost } from "../../http-api/allowed-hosts.ts";

/** A page of another origin can send it only after a question that is answered with no. */
export const CALL_HEADER = "Ginnel-Dashboard";

const READING: ReadonlySet<string> = new Set(["GET", "HEAD"]);
/** Absent in what programs and old browsers send. `same-site` is not among them: tunnels are of the same site. */
const OWN_SITE: ReadonlySet<string | undefined> = new Set([undefined, "same-origin", "none"]);

/**
 * Refuses (403) requests by other names than those of the loopback and `hosts`, those in clear beyond the loopback, those that pages of
 * other origins caused, and changes without {@link CALL_HEADER}. A link to a page may be followed, since pages hold no data.
 */
export function strangerGuard(hosts: readonly string[], isPage: (path: string) => boolean): MiddlewareHandler {
  const allowed = new AllowedHosts({ listensOn: "localhost", allowHosts: hosts });
  return async ({ req }, next) => {
    const url = new URL(req.url);
    const header = req.header("Host") ?? url.host;
    const names = [hostOfHeader(header), hostOfHeader(url.host)];
    if (!names.every((name) => name !== undefined && allowed.allows(name))) {
      throw strange(`it was asked for as ${JSON.stringify(header)}, which is not its name`);
    }
    if (url.protocol !== "https:" && !names.every((name) => name !== undefined && isLoopbackHost(name))) {
      throw strange("it came in clear");
    }
    const isLink = req.header("Sec-Fetch-Mode") === "navigate" && req.header("Sec-Fetch-Dest") === "document";
    if (!OWN_SITE.has(req.header("Sec-Fetch-Site")) && !(isLink && req.method === "GET" && isPage(req.path))) {
      throw strange("it came from another site");
    }
    const origin = req.header("Origin");
    if (origin !== undefined && origin !== URL.parse(`${url.protocol}//${header}`)?.origin) {
      throw strange(`it came from the origin ${JSON.stringify(origin)}`);
    }
    if (!READING.has(req.method) && req.header(CALL_HEADER) !== "1") {
      throw strange(`it has no header ${CALL_HEADER}: 1`);
    }
    await next();
  };
}

function strange(reason: string): PublicError {
  return new PublicError("ERR_GINNEL_STRANGE_CALL", { reason });
}
