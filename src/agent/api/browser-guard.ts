import type { MiddlewareHandler } from "hono";
import { ApiProblem } from "./api-problem.ts";

const READING: ReadonlySet<string> = new Set(["GET", "HEAD"]);
/** Another port of this machine is the same site: there are the very services that tunnels show to strangers. */
const OTHER_SITES: ReadonlySet<string> = new Set(["cross-site", "same-site"]);
/** Everything else holds data, also where the API answers without its prefix. */
const PAGES = /^\/(?:$|status$|inspect(?:\/|$))/;

/**
 * Refuses what a page of somebody else makes a browser send (reference.md 3.1). Programs send none of these fields. A link
 * that leads here may be followed: pages hold no data, and none of them can be framed.
 */
export const browserGuard: MiddlewareHandler = async (context, next) => {
  const { req } = context;
  if (OTHER_SITES.has(req.header("Sec-Fetch-Site") ?? "") && !isFollowedLink(req)) {
    throw new ApiProblem("forbidden", "calls from other sites are not allowed");
  }
  const origin = req.header("Origin");
  if (!READING.has(req.method) && origin !== undefined && !isSameHost(origin, req.header("Host"))) {
    throw new ApiProblem("forbidden", `calls from the origin ${JSON.stringify(origin)} are not allowed`);
  }
  await next();
};

/** Whether a browser sent it: then it says at least one of these. */
export function isOfBrowser(headers: Headers): boolean {
  return [...headers.keys()].some((name) => name === "origin" || name === "referer" || name.startsWith("sec-fetch-"));
}

function isFollowedLink(req: {
  readonly method: string;
  readonly path: string;
  header(name: string): string | undefined;
}) {
  const isNavigation = req.header("Sec-Fetch-Mode") === "navigate" && req.header("Sec-Fetch-Dest") === "document";
  return isNavigation && req.method === "GET" && PAGES.test(req.path);
}

/** The scheme may differ: in front of a published page somebody else ends TLS. */
function isSameHost(origin: string, host: string | undefined): boolean {
  const from = URL.parse(origin);
  return from !== null && host !== undefined && from.host === URL.parse(`${from.protocol}//${host}`)?.host;
}
