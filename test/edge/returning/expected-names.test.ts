import { describe, expect, test } from "bun:test";
import { type AwaitedPlace, type ExpectedName, ExpectedNames } from "../../../src/edge/returning/expected-names.ts";

const APP: ExpectedName = { place: "https", host: "app.edge.test" };
const PLAIN: ExpectedName = { place: "http", host: "app.edge.test" };
const ALL_BELOW: ExpectedName = { place: "https", host: "*.edge.test" };
const UNTIL_MS = 1_000;

function expecting(...names: readonly ExpectedName[]): ExpectedNames {
  const expected = new ExpectedNames();
  expected.expect(names, UNTIL_MS);
  return expected;
}

describe("ExpectedNames.find", () => {
  const CASES: readonly (readonly [
    string,
    readonly ExpectedName[],
    AwaitedPlace,
    string,
    number,
    string | undefined,
  ])[] = [
    ["the name itself", [APP], "https", "app.edge.test", 0, "app.edge.test"],
    ["the wildcard above it", [ALL_BELOW], "https", "app.edge.test", 0, "*.edge.test"],
    ["the name before the wildcard", [ALL_BELOW, APP], "https", "app.edge.test", 0, "app.edge.test"],
    ["nothing in another place", [APP], "http", "app.edge.test", 0, undefined],
    ["nothing in a place that excludes it", [APP], "tls", "app.edge.test", 0, undefined],
    ["nothing of another name", [APP], "https", "other.edge.test", 0, undefined],
    ["the name up to its last moment", [APP], "https", "app.edge.test", UNTIL_MS - 1, "app.edge.test"],
    ["nothing from that moment on", [APP], "https", "app.edge.test", UNTIL_MS, undefined],
    ["nothing where nothing is expected", [], "https", "app.edge.test", 0, undefined],
  ];
  test.each(CASES)("finds %s", (_, names, place, host, nowMs, found) => {
    expect(expecting(...names).find(place, host, nowMs)?.host).toBe(found);
  });

  test("finds nothing any more once the time was over, whatever the clock says then", () => {
    const expected = expecting(APP);
    expect(expected.find("https", APP.host, UNTIL_MS)).toBeUndefined();
    expect(expected.find("https", APP.host, 0)).toBeUndefined();
  });
});

describe("ExpectedNames.came", () => {
  test("answers the name as it was found, once, and leaves the others", () => {
    const expected = expecting(APP, PLAIN, ALL_BELOW);
    const found = expected.find("https", APP.host, 0);
    expect(found).toEqual(APP);
    expect(expected.came({ ...APP })).toBe(found);
    expect(expected.came({ ...APP })).toBeUndefined();
    expect(expected.all(0)).toEqual([PLAIN, ALL_BELOW]);
    expect(expected.find("https", APP.host, 0)).toEqual(ALL_BELOW);
  });

  test.each([
    ["a wildcard above it", ALL_BELOW],
    ["another place of its host", PLAIN],
    ["a TCP port", { place: "tcp:20000", host: "edge.test" } as const],
  ])("keeps a name that %s does not bring", (_, came) => {
    const expected = expecting(APP);
    expect(expected.came(came)).toBeUndefined();
    expect(expected.all(0)).toEqual([APP]);
  });
});

describe("ExpectedNames.expect", () => {
  test("adds names, and never shortens the time of those that are there", () => {
    const expected = expecting(APP);
    expected.expect([PLAIN], 10);
    expect([expected.all(10), expected.size, expected.leftMs(400)]).toEqual([[APP, PLAIN], 2, UNTIL_MS - 400]);
    expected.expect([], 2_000);
    expect([expected.all(1_999).length, expected.all(2_000), expected.leftMs(3_000)]).toEqual([2, [], 0]);
  });
});
