import { expect, test } from "bun:test";
import { NO_LIMITS } from "../../src/model/records/account.ts";
import { TABLES } from "../../src/store/tables.ts";

const ROW = { id: "acct_1", created_at: "2026-01-01T00:00:00.000Z", name: "a", is_disabled: 0 };

test("TABLES.account reads limits of a version that knew fewer of them", () => {
  const limits = JSON.stringify({ sessions: 2, endpoints: null, reservedDomains: null });
  expect(TABLES.account.decode({ ...ROW, limits })).toMatchObject({ limits: { ...NO_LIMITS, sessions: 2 } });
});
