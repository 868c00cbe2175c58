import { describe, expect, test } from "bun:test";
import { assert, json, oneof, property, string } from "fast-check";
import { type ExpectedName, isAwaitedPlace } from "../../../src/edge/returning/expected-names.ts";
import {
  MAX_KEPT_NAMES,
  MAX_ONLINE_NAMES_BYTES,
  onlineNamesText,
  onlineNameText,
  parseOnlineName,
  parseOnlineNames,
} from "../../../src/edge/returning/online-names.ts";

const runs = { numRuns: process.env["DEEP"] === "1" ? 10_000 : 100 };

const NAMES: readonly ExpectedName[] = [
  { place: "https", host: "app.edge.test" },
  { place: "http", host: "*.app.edge.test" },
  { place: "tls", host: "xn--bcher-kva.test" },
  { place: "internal:ac_1aB:https:443", host: "api.internal" },
];
const TEXT =
  '{"version":1,"names":["https app.edge.test","http *.app.edge.test","tls xn--bcher-kva.test","internal:ac_1aB:https:443 api.internal"]}\n';

describe("onlineNamesText", () => {
  test("writes names that parseOnlineNames reads", () => {
    expect(onlineNamesText(NAMES)).toBe(TEXT);
    expect(parseOnlineNames(TEXT)).toEqual(NAMES);
  });

  test("writes no more than may be kept, which is within what is read", () => {
    const rest = `${"a".repeat(54)}.${"a".repeat(63)}.${"a".repeat(63)}.${"a".repeat(63)}`;
    const names = Array.from({ length: MAX_KEPT_NAMES + 1 }, (_, index) => `n${String(index).padStart(6, "0")}${rest}`);
    const text = onlineNamesText(names.map((host) => ({ place: "https", host }) as const));
    expect(parseOnlineNames(text)).toHaveLength(MAX_KEPT_NAMES);
    expect(text.length).toBeLessThan(MAX_ONLINE_NAMES_BYTES);
  });
});

describe("onlineNamesText of pools", () => {
  test("writes the name of a pool once, so that it takes no room of others", () => {
    const pool = Array.from({ length: MAX_KEPT_NAMES }, () => ({ place: "https", host: "pool.edge.test" }) as const);
    expect(onlineNamesText([...pool, ...NAMES])).toBe(TEXT.replace("[", '["https pool.edge.test",'));
  });
});

describe("parseOnlineNames", () => {
  test.each([
    ["nothing", ""],
    ["a piece of one", TEXT.slice(0, 40)],
    ["another version", TEXT.replace("1", "2")],
    ["no object", "[1]"],
    ["null", "null"],
    ["no list", '{"version":1,"names":"https app.edge.test"}'],
  ])("refuses a file with %s", (_, text) => {
    expect(parseOnlineNames(text)).toBeUndefined();
  });

  test("reads every cut as nothing or as the whole", () => {
    const whole = TEXT.length - 1;
    for (let at = 0; at <= TEXT.length; at += 1) {
      expect(parseOnlineNames(TEXT.slice(0, at))).toEqual(at < whole ? undefined : [...NAMES]);
    }
  });

  test("leaves out what is no name", () => {
    const names = [
      "https app.edge.test",
      "tcp:20000 edge.test",
      "https A.test",
      "https",
      "",
      7,
      null,
      "ftp a.test",
      "https a b",
    ];
    expect(parseOnlineNames(JSON.stringify({ version: 1, names }))).toEqual([
      { place: "https", host: "app.edge.test" },
    ]);
  });

  test("never throws, whatever stands there", () => {
    const anything = oneof(
      string(),
      json(),
      json().map((names) => `{"version":1,"names":${names}}`),
    );
    assert(
      property(anything, (text) => {
        for (const { place } of parseOnlineNames(text) ?? []) expect(isAwaitedPlace(place)).toBe(true);
      }),
      runs,
    );
  });
});

test.each(NAMES)("parseOnlineName reads what onlineNameText writes of %p", (name) => {
  expect(parseOnlineName(onlineNameText(name))).toEqual(name);
});
