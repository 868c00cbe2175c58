import { describe, expect, test } from "bun:test";
import { internalPlace, RoutingTable, type Routed } from "../../src/edge/routing-table.ts";

function tableWith(...entries: readonly Routed[]): RoutingTable<Routed> {
  const table = new RoutingTable<Routed>();
  for (const entry of entries) table.claim(entry);
  return table;
}

describe("RoutingTable.replace", () => {
  const former: Routed = { place: "https", host: "a.example.com" };

  test.each([
    ["in the same place", { place: "https", host: "a.example.com" }],
    ["in another place", { place: "http", host: "b.example.com" }],
  ] as const)("puts an endpoint %s", (_, next) => {
    const table = tableWith(former);
    const endpoint: Routed = { ...next };
    expect(table.replace(former, endpoint)).toBeUndefined();
    expect([table.size, table.has(former), table.has(endpoint)]).toEqual([1, false, true]);
  });

  test("answers who is there, and the former one has gone", () => {
    const holder: Routed = { place: "tls", host: "b.example.com" };
    const table = tableWith(former, holder);
    expect(table.replace(former, { place: "https", host: "b.example.com" })).toBe(holder);
    expect([...table.all()]).toEqual([holder]);
  });

  test("leaves others of a pool where they are", () => {
    const [one, other]: readonly [Routed, Routed] = [
      { ...former, pool: "ac_1" },
      { ...former, pool: "ac_1" },
    ];
    const table = tableWith(one, other);
    expect(table.replace(one, { ...former })).toBe(other);
    expect(table.replace(other, { ...other })).toBeUndefined();
    expect(table.size).toBe(1);
  });

  test("claims the place when the former one was nowhere", () => {
    const holder: Routed = { ...former };
    const table = tableWith(holder);
    expect(table.replace(former, { ...former })).toBe(holder);
  });
});

describe("internalPlace", () => {
  const place = internalPlace("ac_1", { scheme: "https", port: 443 });
  const table = tableWith({ place, host: "*.internal" }, { place, host: "api.internal" });

  test.each([
    ["the exact name", "ac_1", "https", 443, "api.internal", "api.internal"],
    ["a wildcard", "ac_1", "https", 443, "a.b.internal", "*.internal"],
    ["nobody at another port", "ac_1", "https", 444, "api.internal", undefined],
    ["nobody at another scheme", "ac_1", "http", 443, "api.internal", undefined],
    ["nobody of another account", "ac_2", "https", 443, "api.internal", undefined],
  ] as const)("leads to %s", (_, account, scheme, port, host, expected) => {
    expect(table.find(internalPlace(account, { scheme, port }), host)?.host).toBe(expected);
  });

  test.each(["http", "https", "tls"] as const)("is not met by visitors of %s", (visited) => {
    expect(table.find(visited, "api.internal")).toBeUndefined();
    expect([...table.onHost("api.internal")]).toEqual([]);
  });
});

describe("RoutingTable.find", () => {
  const wide: Routed = { place: "https", host: "*.example.com" };
  const narrow: Routed = { place: "https", host: "*.foo.example.com" };
  const exact: Routed = { place: "https", host: "foo.example.com" };
  const table = tableWith(wide, narrow, exact);

  test.each([
    ["the exact name before a wildcard", "foo.example.com", exact],
    ["the longer suffix before the shorter", "a.foo.example.com", narrow],
    ["a nested name by the wildcard above it", "foo.bar.baz.example.com", wide],
    ["not the name the wildcard stands below", "example.com", undefined],
    ["not a name that only ends alike", "notexample.com", undefined],
    ["not an empty label", "", undefined],
  ])("prefers %s", (_, host, expected) => {
    expect(table.find("https", host)).toBe(expected as Routed);
  });

  test("keeps http and https apart", () => {
    expect(table.find("http", "foo.example.com")).toBeUndefined();
  });

  test("falls back to the wildcard when the exact name goes", () => {
    const changing = tableWith(wide, exact);
    changing.release(exact);
    expect(changing.find("https", "foo.example.com")).toBe(wide);
  });
});

describe("RoutingTable.claim", () => {
  const CASES: readonly (readonly [string, Routed, Routed, boolean])[] = [
    ["the same place twice", { place: "http", host: "a.test" }, { place: "http", host: "a.test" }, false],
    ["http beside https", { place: "https", host: "a.test" }, { place: "http", host: "a.test" }, true],
    ["http beside tls", { place: "tls", host: "a.test" }, { place: "http", host: "a.test" }, true],
    ["https beside tls", { place: "tls", host: "a.test" }, { place: "https", host: "a.test" }, false],
    ["tls beside https", { place: "https", host: "a.test" }, { place: "tls", host: "a.test" }, false],
    ["one port under two names", { place: "tcp:1000", host: "a" }, { place: "tcp:1000", host: "b" }, false],
    ["two ports", { place: "tcp:1000", host: "a" }, { place: "tcp:1001", host: "a" }, true],
    ["a name beside its wildcard", { place: "http", host: "*.a.test" }, { place: "http", host: "x.a.test" }, true],
  ];
  test.each(CASES)("answers the holder for %s", (_, first, second, free) => {
    expect(tableWith(first).claim(second)).toBe(free ? undefined : first);
  });

  test("does not put a refused endpoint in", () => {
    const first: Routed = { place: "tls", host: "a.test" };
    const table = tableWith(first, { place: "https", host: "a.test" });
    expect([table.find("tls", "a.test"), table.size]).toEqual([first, 1]);
  });
});

describe("RoutingTable keeps a pool in one place", () => {
  const member = (isOnline: boolean, pool = "ac_1"): Routed => ({ place: "https", host: "a.test", pool, isOnline });

  test("and finds each of those that are online, as the choice falls", () => {
    const choices = [0, 1, 1, 0];
    const table = new RoutingTable<Routed>((count) => Math.min(choices.shift() ?? 0, count - 1));
    const [first, gone, second] = [member(true), member(false), member(true)];
    for (const each of [first, gone, second]) expect(table.claim(each)).toBeUndefined();
    const found = [1, 2, 3, 4].map(() => table.find("https", "a.test"));
    expect(found.map((each) => [first, gone, second].findIndex((one) => one === each))).toEqual([0, 2, 2, 0]);
    expect(table.size).toBe(1);
  });

  test("from which a member that goes is never found again", () => {
    const table = new RoutingTable<Routed>(() => 0);
    const [first, second] = [member(true), member(true)];
    table.claim(first);
    table.claim(second);
    expect([table.release(first), table.release(first), table.has(first), table.has(second)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(table.find("https", "a.test")).toBe(second);
    table.release(second);
    expect([table.find("https", "a.test"), table.size]).toEqual([undefined, 0]);
  });

  test.each([
    ["one without a pool", { ...member(true), pool: undefined }],
    ["one of another pool", member(true, "ac_2")],
    ["a rival of the same pool", { ...member(true), place: "tls" as const }],
  ])("that %s may not enter, nor be entered by it", (_, other) => {
    const own = member(true);
    expect(tableWith(own).claim(other)).toBe(own);
    expect(tableWith(other).claim(own)).toBe(other);
  });

  test("any member of which is found as often as any other", () => {
    const table = new RoutingTable<Routed>();
    const members = [member(true), member(true), member(true)];
    for (const each of members) table.claim(each);
    const counts = members.map(() => 0);
    for (let turn = 0; turn < 3_000; turn += 1) {
      const found = table.find("https", "a.test");
      const index = members.findIndex((each) => each === found);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    // Nine times the standard deviation: a fair choice is never so far off.
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(240);
  });
});

test("RoutingTable.release leaves a newer endpoint in the same place", () => {
  const old: Routed = { place: "https", host: "a.test" };
  const table = tableWith(old);
  table.release(old);
  const next: Routed = { place: "https", host: "a.test" };
  table.claim(next);
  expect(table.release(old)).toBe(false);
  expect(table.find("https", "a.test")).toBe(next);
});
