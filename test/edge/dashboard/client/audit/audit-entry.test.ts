import { expect, test } from "bun:test";
import {
  actorText,
  auditPageIn,
  changesIn,
  pageOfEntry,
  typeText,
} from "../../../../../src/edge/dashboard/client/audit/audit-entry.ts";

const ENTRY = {
  id: "au_1",
  actor: { kind: "apiKey", id: "ak_1" },
  action: "updated",
  record_type: "reservedDomain",
  record_id: "rd_1",
  changes: { description: ["a", "b"], acl: [null, ["x"]], odd: 1 },
};

test("changesIn tells each field before and after, in words", () => {
  expect(changesIn(ENTRY)).toEqual([
    { field: "description", before: "a", after: "b" },
    { field: "acl", before: "", after: '["x"]' },
    { field: "odd", before: "", after: "" },
  ]);
  expect(changesIn({ id: "au_2" })).toEqual([]);
});

test("actorText, typeText and pageOfEntry say who and what in the words of the pages", () => {
  expect([actorText(ENTRY), typeText(ENTRY), pageOfEntry(ENTRY)]).toEqual(["API key", "domain", "domains"]);
  expect(pageOfEntry({ ...ENTRY, action: "deleted" })).toBeUndefined();
  expect(typeText({ ...ENTRY, record_type: "unheardOf" })).toBe("unheardOf");
});

test("auditPageIn takes the entries, and whether there are older ones", () => {
  expect(auditPageIn({ entries: [ENTRY], next_before_id: "au_1" })).toEqual({ records: [ENTRY], hasOlder: true });
  expect(auditPageIn({ entries: [], next_before_id: null })).toEqual({ records: [], hasOlder: false });
});
