/** Every path of the dashboard, and everything that keeps somebody out of it. */
import { describe, expect, test } from "bun:test";
import { newId } from "../../../src/base/record-id.ts";
import { PAGE_NAMES } from "../../../src/edge/dashboard/client/shell/page-name.ts";
import { SESSION_MS } from "../../../src/edge/dashboard/dashboard-sessions.ts";
import { accountAction } from "../../../src/edge/management/about-resources.ts";
import { RESOURCES } from "../../../src/edge/management/resource-table.ts";
import { DashboardCalls, jsonOf, type SendOptions } from "../../support/dashboard-calls.ts";

interface Path {
  readonly method: string;
  readonly path: string;
  readonly needsSession: boolean;
}

const apiPaths = [accountAction, ...RESOURCES.flatMap(({ actions }) => actions)].map(({ method, path }) => ({
  method,
  path: `/dashboard/api${path.replace("{id}", newId("rd", new Date(0)))}`,
  needsSession: true,
}));

const PATHS: readonly Path[] = [
  { method: "GET", path: "/dashboard/session", needsSession: true },
  { method: "GET", path: "/dashboard/traffic", needsSession: true },
  { method: "GET", path: "/dashboard/audit", needsSession: true },
  { method: "GET", path: "/dashboard/api/nowhere", needsSession: true },
  { method: "POST", path: "/dashboard/session", needsSession: false },
  { method: "DELETE", path: "/dashboard/session", needsSession: false },
  { method: "GET", path: "/dashboard/", needsSession: false },
  { method: "GET", path: "/dashboard/agents", needsSession: false },
  ...apiPaths,
];

type Fault = (scene: DashboardCalls, cookie: string) => Promise<SendOptions>;
type Kept = "all" | "changes" | "who needs a session";

const foreign = (headers: NonNullable<SendOptions["headers"]>, origin?: string): Fault => {
  return (_, cookie) => Promise.resolve({ cookie, headers, ...(origin === undefined ? {} : { origin }) });
};

const FAULTS: readonly (readonly [name: string, keptOut: Kept, status: number, fault: Fault])[] = [
  ["no session", "who needs a session", 401, async () => ({})],
  ["a session that is none", "who needs a session", 401, async () => ({ cookie: "__Host-ginnel=x" })],
  ["an id that nobody has", "who needs a session", 401, async () => ({ cookie: `__Host-ginnel=${"A".repeat(43)}` })],
  ["two sessions", "who needs a session", 401, async (_, cookie) => ({ cookie: `${cookie}; ${cookie}` })],
  ["a key", "who needs a session", 401, async ({ management: { one } }) => bearer(one.key)],
  ["a session by another name", "who needs a session", 401, async (_, cookie) => ({ cookie: cookie.slice(9) })],
  ["a session of another account", "who needs a session", 401, ofAnother],
  ["an expired session", "who needs a session", 401, expired],
  ["a session whose key was deleted", "who needs a session", 401, withoutKey],
  ["a session of a disabled account", "who needs a session", 401, disabled],
  ["no header of ours", "changes", 403, foreign({ "Ginnel-Dashboard": undefined })],
  ["another value of it", "changes", 403, foreign({ "Ginnel-Dashboard": "0" })],
  ["a foreign origin", "all", 403, foreign({ Origin: "https://a.e.test" })],
  ["an origin in clear", "all", 403, foreign({ Origin: "http://api.e.test" })],
  ["an origin at another port", "all", 403, foreign({ Origin: "https://api.e.test:8443" })],
  ["an origin without a name", "all", 403, foreign({ Origin: "null" })],
  ["a page of another site", "all", 403, foreign({ "Sec-Fetch-Site": "cross-site" })],
  ["a page of a tunnel", "all", 403, foreign({ "Sec-Fetch-Site": "same-site" })],
  ["a name of somebody else", "all", 403, foreign({}, "https://evil.example")],
  ["a name below ours", "all", 403, foreign({}, "https://x.api.e.test")],
  ["a Host of somebody else", "all", 403, foreign({ Host: "evil.example" })],
  ["a request in clear", "all", 403, foreign({}, "http://api.e.test")],
];

describe("the dashboard", () => {
  test.each(FAULTS)("the dashboard keeps out %s: %s", async (_, keptOut, status, fault) => {
    await using scene = await DashboardCalls.open();
    const cookie = await scene.signIn();
    const options = await fault(scene, cookie);
    for (const { method, path, needsSession } of PATHS) {
      const answer = await scene.send(method, path, options);
      const isKeptOut =
        keptOut === "all" || (keptOut === "changes" && method !== "GET") || (keptOut !== "changes" && needsSession);
      if (isKeptOut) {
        const { status_code, error_code } = await jsonOf(answer);
        expect([path, answer.status, status_code]).toEqual([path, status, status]);
        expect(error_code).toBe(status === 401 ? "ERR_GINNEL_NOT_SIGNED_IN" : "ERR_GINNEL_STRANGE_CALL");
      } else expect([path, [401, 403, 500].includes(answer.status)]).toEqual([path, false]);
    }
  });

  test("the dashboard lets in who is signed in, whatever is asked", async () => {
    await using scene = await DashboardCalls.open();
    const cookie = await scene.signIn();
    const paths = PATHS.filter(({ needsSession }) => needsSession);
    const statuses: number[] = [];
    for (const { method, path } of paths) {
      statuses.push((await scene.send(method, path, { cookie, body: body(method) })).status);
    }
    expect(statuses.filter((status) => ![200, 201, 400, 404].includes(status))).toEqual([]);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(10);
  });

  test.each([
    ...["", "/", ...PAGE_NAMES.map((name) => `/${name}`), "/domains/rd_1"].map(
      (path) => ["a page", `/dashboard${path}`, "document", path === "" ? 302 : 200] as const,
    ),
    ["what is no page", "/dashboard/nowhere", "document", 403],
    ["the session", "/dashboard/session", "document", 403],
    ["the audit log", "/dashboard/audit", "document", 403],
    ["a file", "/dashboard/assets/main.js", "document", 403],
    ["data", "/dashboard/traffic", "document", 403],
    ["data of the API", "/dashboard/api/credentials", "document", 403],
    ["a page in a frame", "/dashboard/agents", "iframe", 403],
  ])("the dashboard is asked from another site by a link for %s", async (_, path, destination, status) => {
    await using scene = await DashboardCalls.open();
    const cookie = await scene.signIn();
    const headers = {
      "Sec-Fetch-Site": "cross-site",
      "Sec-Fetch-Mode": "navigate",
      "Sec-Fetch-Dest": destination,
    };
    expect((await scene.send("GET", path, { cookie, headers })).status).toBe(status);
  });

  test.each(["https://console.example", "https://a.e.test"])(
    "the dashboard answers no preflight of %s, also where the API does",
    async (origin) => {
      await using scene = await DashboardCalls.open();
      const cookie = await scene.signIn();
      const headers = {
        Origin: origin,
        "Ginnel-Dashboard": undefined,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "ginnel-dashboard",
      };
      const answer = await scene.send("OPTIONS", "/dashboard/api/credentials", { cookie, headers });
      expect([answer.status, answer.headers.get("Access-Control-Allow-Origin")]).toEqual([403, null]);
    },
  );

  test.each([
    ["http://localhost:4041", 204],
    ["http://127.0.0.1:4041", 204],
    ["http://[::1]:4041", 204],
    ["https://127.0.0.1:4041", 204],
    ["https://api.e.test:8443", 204],
    ["https://API.e.test", 204],
    ["http://192.0.2.1", 403],
    ["https://192.0.2.1", 403],
  ])("the dashboard lets one sign in at %s: %d", async (origin, status) => {
    await using scene = await DashboardCalls.open();
    const answer = await scene.trySignIn(scene.management.one.key, { origin, headers: { Origin: undefined } });
    expect(answer.status).toBe(status);
  });

  test("the dashboard shows an account nothing of another", async () => {
    await using scene = await DashboardCalls.open();
    const { id } = await scene.management.create("credentials", {}, scene.management.other);
    const cookie = await scene.signIn();
    expect((await scene.send("GET", `/dashboard/api/credentials/${id}`, { cookie })).status).toBe(404);
    expect((await scene.send("DELETE", `/dashboard/api/credentials/${id}`, { cookie })).status).toBe(404);
    const list = await jsonOf(await scene.send("GET", "/dashboard/api/credentials", { cookie }));
    expect(list["credentials"]).toEqual([]);
  });
});

function body(method: string): object | undefined {
  return method === "POST" || method === "PATCH" ? {} : undefined;
}

function bearer(key: string): SendOptions {
  return { headers: { Authorization: `Bearer ${key}` } };
}

async function ofAnother({ management: { other } }: DashboardCalls, cookie: string): Promise<SendOptions> {
  return { cookie, headers: { "Ginnel-Account": other.id } };
}

async function expired({ management }: DashboardCalls, cookie: string): Promise<SendOptions> {
  management.clock.advance(SESSION_MS);
  return { cookie };
}

async function withoutKey({ management: { store, one } }: DashboardCalls, cookie: string): Promise<SendOptions> {
  await store.change({ kind: "operator", id: "test" }, (transaction) => transaction.remove("apiKey", one.keyId));
  return { cookie };
}

async function disabled({ management: { store, one } }: DashboardCalls, cookie: string): Promise<SendOptions> {
  const change = { isDisabled: true };
  await store.change({ kind: "operator", id: "test" }, (transaction) => transaction.update("account", one.id, change));
  return { cookie };
}
