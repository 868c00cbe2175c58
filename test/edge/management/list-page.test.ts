import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { readFilter } from "../../../src/edge/management/filter/filter.ts";
import { PublicError } from "../../../src/base/errors.ts";
import { listedFields, listPage, MAX_PAGE_CHARACTERS, MAX_SCANNED } from "../../../src/edge/management/list-page.ts";
import { RESOURCES } from "../../../src/edge/management/resource-table.ts";
import { NO_LIMITS } from "../../../src/model/records/account.ts";
import { ManagementScene } from "../../support/management-scene.ts";
import type { ManagementCall, ResourceHandlers } from "../../../src/edge/management/management-call.ts";

interface Numbered {
  readonly id: string;
  readonly n: number;
}

/** Newest first, as a store lists them. */
function listed(count: number): readonly Numbered[] {
  return Array.from({ length: count }, (_, index) => ({ id: `r_${String(count - index).padStart(6, "0")}`, n: index }));
}

function listOf(records: readonly Numbered[]) {
  return async ({ page: { limit, beforeId } }: Pick<ManagementCall, "page">): Promise<readonly Numbered[]> =>
    records.filter(({ id }) => beforeId === undefined || id < beforeId).slice(0, limit);
}

const now = new Date();
const caller: ManagementCall["caller"] = {
  account: {
    id: "acct",
    createdAt: now,
    name: "n",
    isDisabled: false,
    limits: NO_LIMITS,
  },
  actor: { kind: "apiKey", id: "ak" },
};

function page(records: readonly Numbered[], filter: string | undefined, size: number, beforeId?: string) {
  const call: ManagementCall = { caller, id: "", body: {}, page: { limit: size + 1, beforeId } };
  return listPage(listOf(records), call, { filter: filter === undefined ? undefined : readFilter(filter, ["n"]), now });
}

describe("listPage", () => {
  test("listPage of every size walks over each match once, in order", async () => {
    const count = fc.integer({ min: 0, max: 350 });
    const wanted = fc.array(fc.integer({ min: 0, max: 350 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(count, wanted, fc.integer({ min: 1, max: 100 }), async (length, numbers, size) => {
        const records = listed(length);
        const seen: number[] = [];
        let beforeId: string | undefined;
        do {
          const found = await page(records, `obj.n in [${numbers.join(",")}]`, size, beforeId);
          expect(found.records.length).toBeLessThanOrEqual(size);
          seen.push(...found.records.map(({ id }) => records.findIndex((record) => record.id === id)));
          beforeId = found.beforeId;
        } while (beforeId !== undefined);
        const expected = [...new Set(numbers)].filter((n) => n < length).toSorted((one, other) => one - other);
        expect(seen).toEqual(expected);
      }),
      { numRuns: process.env["DEEP"] === undefined ? 60 : 2_000 },
    );
  });

  test("listPage looks at so many records, and says where to go on", async () => {
    const records = listed(MAX_SCANNED + 150);
    const first = await page(records, `obj.n == ${MAX_SCANNED + 100}`, 10);
    expect(first).toEqual({ records: [], beforeId: records[MAX_SCANNED - 1]?.id });
    const second = await page(records, `obj.n == ${MAX_SCANNED + 100}`, 10, first.beforeId);
    expect(second).toEqual({ records: [records[MAX_SCANNED + 100] ?? { id: "" }], beforeId: undefined });
  });
});

/** A filter with as many terms as fit. */
function manyTimes(term: string): string {
  return Array.from({ length: Math.floor(4_000 / (term.length + 2)) }, () => term).join("||");
}

describe("listPage with much to look at", () => {
  const records = Array.from({ length: 300 }, (_, index) => ({
    id: `r_${999 - index}`,
    text: `${"x".repeat(64_000)}${index}`,
    items: Array.from({ length: 100 }, () => "a"),
  }));
  const asked = (filter: string | undefined, size = 100, beforeId?: string) => {
    const list: ResourceHandlers["list"] = async ({ page: { limit, beforeId: before } }) =>
      records.filter(({ id }) => before === undefined || id < before).slice(0, limit);
    const call: ManagementCall = { caller, id: "", body: {}, page: { limit: size + 1, beforeId } };
    return listPage(list, call, {
      filter: filter === undefined ? undefined : readFilter(filter, ["text", "items"]),
      now,
    });
  };

  test.each([
    ["sizes", manyTimes("size(obj.text)>99999")],
    ["equal texts", manyTimes("obj.text!=obj.text")],
    ["ordered texts", manyTimes("obj.text<obj.text")],
    ["lists", manyTimes("'b'in obj.items")],
    ["times", manyTimes("timestamp(obj.text)>time.now")],
    ["terms", manyTimes("1>2")],
  ])("listPage refuses a filter that takes too much work: %s", async (_, filter) => {
    const failure = await asked(filter).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PublicError);
    expect(String(failure)).toContain("the filter is invalid: it takes too much work");
  });

  test.each([[undefined], ["true"]])(
    "listPage with the filter %j has as many records as fit, and goes on",
    async (filter) => {
      const seen: string[] = [];
      let beforeId: string | undefined;
      do {
        const found = await asked(filter, 100, beforeId);
        expect(JSON.stringify(found.records).length).toBeLessThan(1.1 * MAX_PAGE_CHARACTERS);
        seen.push(...found.records.map(({ id }) => id));
        beforeId = found.beforeId;
      } while (beforeId !== undefined);
      expect(seen).toEqual(records.map(({ id }) => id));
    },
  );

  test("listPage shows one record, however large", async () => {
    const large = [1, 2].map((n) => ({ id: `r_${9 - n}`, text: "x".repeat(MAX_PAGE_CHARACTERS + 1) }));
    const call: ManagementCall = { caller, id: "", body: {}, page: { limit: 11, beforeId: undefined } };
    const found = await listPage(async () => large, call, { filter: undefined, now });
    expect(found).toEqual({ records: large.slice(0, 1), beforeId: "r_8" });
  });
});

test("listedFields knows the fields of every list", () => {
  for (const spec of RESOURCES) {
    for (const action of spec.actions.filter(({ isList }) => isList)) {
      expect(listedFields(spec, action)).toContain("id");
    }
  }
});

describe("the management API filters lists", () => {
  test("the management API filters lists, and the next page goes on with the filter", async () => {
    await using scene = await ManagementScene.open();
    for (const metadata of ["a", "b", "a", "b", "a"]) await scene.create("ip_policies", { metadata });
    const seen: unknown[] = [];
    let path = `/ip_policies?limit=2&filter=${encodeURIComponent('obj.metadata == "a" && obj.created_at < time.now')}`;
    for (let pages = 0; pages < 5 && path !== ""; pages++) {
      const { status, json } = await scene.call("GET", path);
      expect(status).toBe(200);
      const records = json["ip_policies"];
      seen.push(Array.isArray(records) ? records.map(({ metadata }: { metadata: unknown }) => metadata) : undefined);
      const next = json["next_page_uri"];
      path = typeof next === "string" ? next.slice(next.indexOf("/ip_policies")) : "";
    }
    expect(seen).toEqual([["a", "a"], ["a"]]);
  });

  test("the management API shows no record of another account through a filter", async () => {
    await using scene = await ManagementScene.open();
    await scene.create("credentials", {}, scene.other);
    const { json } = await scene.call("GET", "/credentials?filter=true");
    expect(json["credentials"]).toEqual([]);
  });

  test.each([["obj.nothing == 1"], ["obj.id"], ["1"], ["obj.token.matches('x')"]])(
    "the management API answers %j with 400, unless it is a condition",
    async (filter) => {
      await using scene = await ManagementScene.open();
      const { status, json } = await scene.call("GET", `/credentials?filter=${encodeURIComponent(filter)}`);
      const expected = filter === "obj.id" ? [200, undefined] : [400, "ERR_NGROK_230"];
      expect([status, json["error_code"]]).toEqual(expected);
    },
  );
});
