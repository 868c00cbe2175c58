import type { Context, MiddlewareHandler } from "hono";
import { type AllowedHosts, hostOfHeader } from "../../http-api/allowed-hosts.ts";
import { ApiProblem } from "./api-problem.ts";

/** All that a visitor who came through a tunnel may see (clients.md X-07). */
const PUBLISHED_PATHS: ReadonlySet<string> = new Set(["/api/status", "/status"]);

export interface HostGuardOptions {
  readonly allowed: AllowedHosts;
  /** Whether a tunnel may lead to the web port (`web_publish`). */
  readonly mayBePublished: boolean;
  /** Public URLs of the tunnels that run. */
  readonly publicUrls: () => readonly string[];
}

/** Refuses calls by other names than those of this machine (403). */
export function hostGuard({ allowed, mayBePublished, publicUrls }: HostGuardOptions): MiddlewareHandler {
  return async (context, next) => {
    const header = context.req.header("Host") ?? "";
    const host = hostOfHeader(header);
    const isOurs = host !== undefined && (allowed.allows(host) || (mayBePublished && isPublished(context, host)));
    if (!isOurs) {
      const name = JSON.stringify(header);
      throw new ApiProblem("forbidden", `host ${name} is not allowed here; web_allow_hosts lists further hosts`);
    }
    await next();
  };

  function isPublished(context: Context, host: string): boolean {
    if (context.req.method !== "GET" || !PUBLISHED_PATHS.has(context.req.path)) return false;
    return publicUrls().some((url) => URL.parse(url)?.hostname === host);
  }
}
