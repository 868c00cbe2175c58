import { describe, expect, test } from "bun:test";
import { RoutingTable, type Routed } from "../../src/edge/routing-table.ts";

function tableWith(...entries: readonly Routed[]): RoutingTable<Routed> {
  const table = new RoutingTable<Routed>();
  for (const entry of entries) table.claim(entry);
  return table;
}

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

test("RoutingTable.release leaves a newer endpoint in the same place", () => {
  const old: Routed = { place: "https", host: "a.test" };
  const table = tableWith(old);
  table.release(old);
  const next: Routed = { place: "https", host: "a.test" };
  table.claim(next);
  expect(table.release(old)).toBe(false);
  expect(table.find("https", "a.test")).toBe(next);
});
