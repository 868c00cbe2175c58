import { describe, expect, test } from "bun:test";
import { DashboardCalls, jsonOf } from "../../support/dashboard-calls.ts";

const FIGURES = { requests: 7, visitors: 3, visitorsOpen: 1, bytesIn: 10, bytesOut: 2 ** 40 };

describe("dashboardApp", () => {
  test("dashboardApp answers the management API to who is signed in, and the audit log tells who changed what", async () => {
    await using scene = await DashboardCalls.open();
    const cookie = await scene.signIn();
    const body = { description: "made here" };
    const created = await scene.send("POST", "/dashboard/api/credentials", { cookie, body });
    const { id, token } = await jsonOf(created);
    expect([created.status, typeof token]).toEqual([201, "string"]);
    const shown = await jsonOf(await scene.send("GET", `/dashboard/api/credentials/${String(id)}`, { cookie }));
    expect(shown).toMatchObject({ id, token: null, uri: `https://api.e.test/credentials/${String(id)}` });
    const { entries } = await jsonOf(await scene.send("GET", "/dashboard/audit?limit=1", { cookie }));
    expect(entries).toEqual([
      {
        id: expect.stringMatching(/^au_/),
        at: expect.stringMatching(/^2026-01-01T/),
        actor: { kind: "dashboard", id: scene.management.one.keyId },
        action: "created",
        record_type: "credential",
        record_id: id,
        changes: expect.objectContaining({ description: [null, "made here"] }),
      },
    ]);
    expect(JSON.stringify(entries)).not.toContain(String(token));
  });

  test("dashboardApp wants to know which version of the API is meant", async () => {
    await using scene = await DashboardCalls.open();
    const cookie = await scene.signIn();
    const headers = { "Ngrok-Version": undefined };
    expect((await scene.send("GET", "/dashboard/api/account", { cookie, headers })).status).toBe(400);
  });

  test("dashboardApp shows the audit log of the account alone, page by page, newest first", async () => {
    await using scene = await DashboardCalls.open();
    const { management } = scene;
    const ids: unknown[] = [];
    for (const description of ["a", "b", "c"]) {
      ids.unshift((await management.create("credentials", { description })).id);
      await management.create("credentials", { description }, management.other);
    }
    const cookie = await scene.signIn();
    const seen: unknown[] = [];
    let query = "limit=2";
    for (let pages = 0; query !== "" && pages < 10; pages += 1) {
      const page = await jsonOf(await scene.send("GET", `/dashboard/audit?${query}`, { cookie }));
      const { entries, next_before_id: next } = page;
      if (!Array.isArray(entries)) throw new Error("no entries");
      seen.push(...entries.map((entry: Readonly<Record<string, unknown>>) => entry["record_id"]));
      query = typeof next === "string" ? `limit=2&before_id=${next}` : "";
    }
    // The account itself and its key came first, both at once.
    expect(seen.slice(0, 3)).toEqual(ids);
    expect(new Set(seen.slice(3))).toEqual(new Set([management.one.id, management.one.keyId]));
  });

  test.each(["limit=0", "limit=101", "limit=x", "limit=1&limit=2", "before_id=x", "other=1"])(
    "dashboardApp refuses the audit log by %s",
    async (query) => {
      await using scene = await DashboardCalls.open();
      const cookie = await scene.signIn();
      expect((await scene.send("GET", `/dashboard/audit?${query}`, { cookie })).status).toBe(400);
    },
  );

  test("dashboardApp shows the traffic of the account alone", async () => {
    await using scene = await DashboardCalls.open();
    const { one, other } = scene.management;
    scene.traffic.set(one.id, [{ endpointId: "ep_1", url: "https://a.e.test", ...FIGURES }]);
    scene.traffic.set(other.id, [{ endpointId: "ep_2", url: "https://b.e.test", ...FIGURES }]);
    const cookie = await scene.signIn();
    expect(await jsonOf(await scene.send("GET", "/dashboard/traffic", { cookie }))).toEqual({
      at: expect.stringMatching(/^2026-01-01T.*\.\d{3}Z$/),
      endpoints_online: 1,
      totals: { requests: 7, visitors_open: 1, bytes_in: 10, bytes_out: 2 ** 40 },
      endpoints: [
        {
          id: "ep_1",
          url: "https://a.e.test",
          requests: 7,
          visitors: 3,
          visitors_open: 1,
          bytes_in: 10,
          bytes_out: 2 ** 40,
        },
      ],
    });
  });

  test.each([
    ["PUT", "/dashboard/session"],
    ["POST", "/dashboard/traffic"],
    ["DELETE", "/dashboard/audit"],
    ["POST", "/dashboard/agents"],
  ])("dashboardApp answers %s %s with 405", async (method, path) => {
    await using scene = await DashboardCalls.open();
    const cookie = await scene.signIn();
    expect((await scene.send(method, path, { cookie })).status).toBe(405);
  });

  test.each(["/dashboard/session", "/dashboard/traffic", "/dashboard/audit", "/dashboard/api/account"])(
    "dashboardApp lets nobody keep, guess or load %s",
    async (path) => {
      await using scene = await DashboardCalls.open();
      for (const cookie of [await scene.signIn(), undefined]) {
        const { headers } = await scene.send("GET", path, { cookie });
        const names = ["Cache-Control", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy"];
        expect(names.map((name) => headers.get(name))).toEqual(["no-store", "nosniff", "no-referrer", "same-origin"]);
        expect(headers.get("Content-Security-Policy")).toBe("default-src 'none'; frame-ancestors 'none'");
        expect(headers.get("Content-Type")).toBe("application/json");
      }
    },
  );
});
