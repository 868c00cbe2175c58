import { describe, expect, test } from "bun:test";
import { MAX_BODY_BYTES, MAX_SIGN_IN_BYTES } from "../../../src/edge/management/call-request.ts";
import { type ManagementApps, managementSite } from "../../../src/edge/management/management-site.ts";
import { noLog } from "../../../src/telemetry/logger.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const VISITOR = { ip: "192.0.2.1" };
const named = (name: string) => ({
  fetch: (_: Request, { ip }: { readonly ip: string }) => new Response(`${name} for ${ip}`),
});
const BOTH: ManagementApps = { api: named("api"), dashboard: named("dashboard") };

async function ask(path: string, headers: Record<string, string>, apps: ManagementApps | undefined): Promise<string> {
  const site = managementSite({ host: "api.e.test", apps: () => apps, clock: new ManualClock(), log: noLog });
  const answer = await site.fetch(new Request(`https://api.e.test${path}`, { headers }), VISITOR);
  return answer.headers.get("Location") ?? (answer.status === 200 ? await answer.text() : String(answer.status));
}

describe("managementSite", () => {
  test.each<[string, Record<string, string>, ManagementApps | undefined, string]>([
    ["/account", {}, BOTH, "api for 192.0.2.1"],
    ["/dashboard", {}, BOTH, "dashboard for 192.0.2.1"],
    ["/dashboard/agents?x=1", {}, BOTH, "dashboard for 192.0.2.1"],
    ["/dashboards", {}, BOTH, "api for 192.0.2.1"],
    ["/", { Accept: "text/html,*/*;q=0.8" }, BOTH, "/dashboard/"],
    ["/", { Accept: "application/json" }, BOTH, "api for 192.0.2.1"],
    ["/", {}, BOTH, "api for 192.0.2.1"],
    ["/account", {}, undefined, "503"],
  ])("managementSite leads %s with %j to its place", async (path, headers, apps, answer) => {
    expect(await ask(path, headers, apps)).toBe(answer);
  });

  test.each<[string, Record<string, string>, number]>([
    ["/credentials", {}, 0],
    ["/credentials", { Authorization: "" }, 0],
    ["/credentials", { Cookie: "__Host-ginnel=x" }, 0],
    ["/credentials", { Authorization: "Bearer x" }, 2 * MAX_BODY_BYTES],
    ["/dashboard/api/credentials", { Authorization: "Bearer x" }, 0],
    ["/dashboard/api/credentials", { Cookie: "__Host-ginnel=x" }, 2 * MAX_BODY_BYTES],
    ["/dashboard/session", {}, 2 * MAX_SIGN_IN_BYTES],
    ["/dashboard/session", { Cookie: "__Host-ginnel=x" }, 2 * MAX_SIGN_IN_BYTES],
  ])("managementSite lets a request for %s with %j have %d bytes", (path, headers, bytes) => {
    const site = managementSite({ host: "api.e.test", apps: () => BOTH, clock: new ManualClock(), log: noLog });
    expect(site.bodyLimit?.({ path, headers: new Headers(headers) })).toBe(bytes);
  });
});
