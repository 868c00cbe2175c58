import { describe, expect, test } from "bun:test";
import { DashboardSessions, IDLE_MS } from "../../../src/edge/dashboard/dashboard-sessions.ts";

const KEY = { keyId: "ak_1", accountId: "acct_1" };

describe("DashboardSessions", () => {
  test("DashboardSessions makes ids of 256 random bits", () => {
    const sessions = new DashboardSessions();
    const ids = Array.from({ length: 100 }, () => sessions.begin(KEY, 0));
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(Buffer.from(id, "base64url")).toHaveLength(32);
  });

  test.each(["", "x", "A".repeat(43), "A".repeat(44), "__proto__", `${"A".repeat(42)}=`])(
    "DashboardSessions knows no session %j",
    (id) => {
      const sessions = new DashboardSessions();
      sessions.begin(KEY, 0);
      expect(sessions.use(id, 1)).toBeUndefined();
    },
  );

  test("DashboardSessions takes nothing but the very id for one", () => {
    const sessions = new DashboardSessions();
    const id = sessions.begin(KEY, 0);
    expect(sessions.use(`${id} `, 1)).toBeUndefined();
    expect(sessions.use(id.slice(1), 1)).toBeUndefined();
    expect(sessions.use(id, 1)).toEqual({ ...KEY, endsAtMs: 1 + IDLE_MS });
  });

  test("DashboardSessions ends of an account that has too many the one that was not used for longest", () => {
    const sessions = new DashboardSessions({ ofAccount: 3, ofAll: 100 });
    const foreign = sessions.begin({ keyId: "ak_2", accountId: "acct_2" }, 0);
    const ids = Array.from({ length: 3 }, () => sessions.begin(KEY, 0));
    expect(sessions.use(ids[0] ?? "", 1)).toBeDefined();
    const last = sessions.begin(KEY, 2);
    const gone = [foreign, ...ids, last].filter((id) => sessions.use(id, 3) === undefined);
    expect(gone).toEqual([ids[1] ?? ""]);
  });

  test("DashboardSessions keeps a number of sessions that many accounts cannot exceed", () => {
    const sessions = new DashboardSessions({ ofAccount: 3, ofAll: 10 });
    const accounts = Array.from({ length: 12 }, (_, index) => `acct_${index}`);
    const ids = accounts.map((accountId) => sessions.begin({ keyId: "ak_1", accountId }, 0));
    const gone = ids.filter((id) => sessions.use(id, 1) === undefined);
    expect(gone).toEqual(ids.slice(0, 2));
  });
});
