import { PublicError } from "../../base/errors.ts";
import { newId } from "../../base/record-id.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { OwnSite, SiteHead } from "../own-site.ts";
import { MAX_BODY_BYTES, MAX_SIGN_IN_BYTES } from "./call-request.ts";
import { failureAnswer } from "./failure-answer.ts";

/** What answers requests; the address of the visitor goes with each. */
export interface WebApp {
  fetch(request: Request, visitor: { readonly ip: string }): Response | Promise<Response>;
}

export interface ManagementSiteOptions {
  /** Lower case. */
  readonly host: string;
  /** `undefined` while the edge starts: what they answer depends on the ports that it gets. */
  readonly apps: () => ManagementApps | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ManagementApps {
  readonly api: WebApp;
  /** Gets everything below `/dashboard`. */
  readonly dashboard: WebApp;
}

const DASHBOARD_PATH = "/dashboard";
const SIGN_IN_PATH = `${DASHBOARD_PATH}/session`;

/** The management API and the dashboard, behind one name. */
export function managementSite({ host, apps, clock, log }: ManagementSiteOptions): OwnSite {
  return {
    host,
    // Behind the limit that the API tells there is room for its own words.
    maxBodyBytes: 2 * MAX_BODY_BYTES,
    bodyLimit: bodyLimitOf,
    fetch: async (request, visitor) => {
      const serving = apps();
      if (serving === undefined) {
        return failureAnswer(new PublicError("ERR_GINNEL_STARTING", {}), newId("op", clock.date()), log);
      }
      const { api, dashboard } = serving;
      const { pathname } = new URL(request.url);
      if (pathname === "/" && isPageWanted(request)) return redirect(`${DASHBOARD_PATH}/`);
      const isBelow = pathname === DASHBOARD_PATH || pathname.startsWith(`${DASHBOARD_PATH}/`);
      return (isBelow ? dashboard : api).fetch(request, visitor);
    },
  };
}

/** Bodies are for those who say who they are; who does not is told so for nothing. */
function bodyLimitOf({ path, headers }: SiteHead): number {
  if (path === SIGN_IN_PATH) return 2 * MAX_SIGN_IN_BYTES;
  const proof = path.startsWith(`${DASHBOARD_PATH}/`) ? headers.get("Cookie") : headers.get("Authorization");
  return proof === null || proof === "" ? 0 : 2 * MAX_BODY_BYTES;
}

/** A person with a browser; programs ask for JSON or for anything. */
function isPageWanted({ method, headers }: Request): boolean {
  return (method === "GET" || method === "HEAD") && (headers.get("Accept") ?? "").includes("text/html");
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { Location: location, "Cache-Control": "no-store" } });
}
