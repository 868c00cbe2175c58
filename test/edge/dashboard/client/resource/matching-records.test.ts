import { describe, expect, test } from "bun:test";
import { matchingRecords } from "../../../../../src/edge/dashboard/client/resource/matching-records.ts";
import { AUTHTOKENS } from "../../../../../src/edge/dashboard/client/resources/authtokens.ts";

const RECORDS = [
  { id: "cr_1", description: "Build of the shop", acl: ["bind:*.ci.example.com"], created_at: "2026-01-01T00:00:00Z" },
  { id: "cr_2", description: "Shop front", metadata: "team-a", acl: [] },
  { id: "cr_3", description: "", acl: [] },
];

describe("matchingRecords", () => {
  test.each([
    ["shop", ["cr_1", "cr_2"]],
    ["SHOP build", ["cr_1"]],
    ["  front\tshop ", ["cr_2"]],
    ["ci.example", ["cr_1"]],
    ["everything", ["cr_2", "cr_3"]],
    ["team-a", ["cr_2"]],
    ["cr_3", ["cr_3"]],
    ["frontteam", []],
    ["2026", []],
    ["", ["cr_1", "cr_2", "cr_3"]],
    [" ", ["cr_1", "cr_2", "cr_3"]],
  ])("finds by %p the authtokens %p", (query, ids) => {
    expect(matchingRecords(AUTHTOKENS, RECORDS, query).map(({ id }) => id)).toEqual([...ids]);
  });
});
