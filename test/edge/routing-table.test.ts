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

  /** Which of the members serve so many visitors, one after the other. */
  function turns(members: readonly Routed[], count: number, table = tableWith(...members)): readonly number[] {
    return Array.from({ length: count }, () => {
      const found = table.find("https", "a.test");
      if (found !== undefined) table.served(found);
      return members.findIndex((each) => each === found);
    });
  }

  test.each([
    ["one alone", [true], [0, 0, 0]],
    ["two", [true, true], [0, 1, 0, 1, 0]],
    ["three", [true, true, true], [0, 1, 2, 0, 1, 2, 0]],
    ["three of which the first is offline", [false, true, true], [1, 2, 1, 2]],
    ["three of which one in the middle is offline", [true, false, true], [0, 2, 0, 2]],
    ["two of which none is online", [false, false], [0, 1]],
  ] as const)("whose members take turns: %s", (_, online, expected) => {
    const members = online.map((isOnline) => member(isOnline));
    expect(turns(members, expected.length)).toEqual(expected);
  });

  test("in which looking up costs nobody a turn", () => {
    const members = [member(true), member(true)];
    const table = tableWith(...members);
    for (let time = 0; time < 3; time += 1) {
      table.find("https", "a.test");
      expect(table.at({ place: "https", host: "a.test" })).toBe(members[0] as Routed);
    }
    expect(turns(members, 3, table)).toEqual([0, 1, 0]);
  });

  test("in which one that joins waits for those that were there", () => {
    const members = [member(true), member(true), member(true)] as const;
    const table = tableWith(members[0], members[1]);
    expect(turns(members, 1, table)).toEqual([0]);
    table.claim(members[2]);
    expect(turns(members, 6, table)).toEqual([1, 0, 2, 1, 0, 2]);
  });

  test.each([
    ["has just had its turn", 0, [1, 2, 1, 2]],
    ["has the next turn", 1, [2, 0, 2, 0]],
    ["has the last turn", 2, [1, 0, 1, 0]],
  ] as const)("in which nobody is skipped when the member leaves that %s", (_, leaving, expected) => {
    const members = [member(true), member(true), member(true)] as const;
    const table = tableWith(...members);
    expect(turns(members, 1, table)).toEqual([0]);
    table.release(members[leaving]);
    expect(turns(members, 4, table)).toEqual(expected);
    table.served(members[leaving]);
    expect([table.has(members[leaving]), ...turns(members, 4, table)]).toEqual([false, ...expected]);
  });

  test.each([
    ["one of three is silent", [false, true, false], [0, 2, 0, 2]],
    ["the first of two is silent", [true, false], [1, 1, 1]],
    ["all are silent", [true, true], [0, 1, 0]],
  ] as const)("whose members take turns when %s", (_, silent, expected) => {
    const members = silent.map((isSilent) => ({ ...member(true), isSilent }));
    expect(turns(members, expected.length)).toEqual(expected);
  });

  test("in which a silent member comes before one that is offline", () => {
    expect(turns([member(false), { ...member(true), isSilent: true }], 2)).toEqual([1, 1]);
  });

  test("in which a member that answers again has its turn again", () => {
    const back = { ...member(true), isSilent: true };
    const members = [member(true), back];
    const table = tableWith(...members);
    expect(turns(members, 2, table)).toEqual([0, 0]);
    back.isSilent = false;
    expect(turns(members, 3, table)).toEqual([1, 0, 1]);
  });

  test("in which a member that comes back online has its turn again", () => {
    const back = { ...member(true), isOnline: false };
    const members = [member(true), back, member(true)];
    const table = tableWith(...members);
    expect(turns(members, 3, table)).toEqual([0, 2, 0]);
    back.isOnline = true;
    expect(turns(members, 4, table)).toEqual([1, 2, 0, 1]);
  });

  test("from which a member that goes is never found again", () => {
    const table = new RoutingTable<Routed>();
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

describe("RoutingTable.listen", () => {
  test("tells who takes a place and who leaves one, behind the change, and nothing that changes nothing", () => {
    const table = new RoutingTable<Routed>();
    const heard: string[] = [];
    const one: Routed = { place: "https", host: "a.example.com", pool: "ac_1" };
    const [other, moved, stranger]: readonly Routed[] = [
      { ...one },
      { place: "http", host: "b.example.com" },
      { place: "tls", host: "a.example.com" },
    ];
    const nameOf = (endpoint: Routed): string => (endpoint === one ? "one" : endpoint === other ? "other" : "moved");
    table.listen({
      onTaken: (endpoint) => heard.push(`${nameOf(endpoint)} comes ${table.has(endpoint)}`),
      onLeft: (endpoint) => heard.push(`${nameOf(endpoint)} leaves ${table.has(endpoint)}`),
    });
    table.claim(one);
    if (other === undefined || moved === undefined || stranger === undefined) throw new Error("three are made");
    table.claim(other);
    table.claim(stranger);
    table.release(stranger);
    table.replace(other, moved);
    table.replace(one, one);
    table.release(one);
    table.release(one);
    expect(heard).toEqual([
      "one comes true",
      "other comes true",
      "other leaves false",
      "moved comes true",
      "one comes true",
      "one leaves false",
    ]);
  });
});
