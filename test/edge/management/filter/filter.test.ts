import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { type Filter, readFilter } from "../../../../src/edge/management/filter/filter.ts";
import { FilterProblem } from "../../../../src/edge/management/filter/filter-problem.ts";
import { FilterWork } from "../../../../src/edge/management/filter/filter-work.ts";
import { MAX_FILTER_LENGTH } from "../../../../src/edge/management/filter/filter-tokens.ts";

const RECORD = {
  id: "ep_2",
  created_at: "2026-01-08T12:00:00Z",
  port: 443,
  pooling_enabled: true,
  bindings: ["public", "internal"],
  metadata: "",
  description: 'a "quoted" é😀\n',
  domain: { id: "rd_1", uri: "https://api.e.test/reserved_domains/rd_1" },
  certificate: null,
  labels: { env: "prod" },
};
const FIELDS = [...Object.keys(RECORD), "region"];
const NOW = new Date("2026-01-15T12:00:00Z");

function matches(text: string): boolean {
  return readFilter(text, FIELDS).matches(RECORD, { now: NOW, work: new FilterWork() });
}

describe("Filter", () => {
  test.each([
    ['obj.id == "second"', true],
    ['"second" == obj.id', true],
    ['obj.id == "ep_2"', true],
    ['obj.id != "second"', false],
    ['obj.id in ["first", "second"]', true],
    ['!(obj.id in ["first"])', true],
    ['obj.id in [obj.metadata, "second"]', true],
    ['obj.metadata != "second"', true],
    ['obj.labels.id != "second"', true],
    ['"second" != "ep_2"', true],
    ['obj.id == "get"', false],
  ] as const)("Filter takes other words for values of a field: %s is %p", (text, expected) => {
    const words = new Map([["id", new Map([["second", "ep_2"]])]]);
    const filter = readFilter(text, FIELDS, words);
    expect(filter.matches(RECORD, { now: NOW, work: new FilterWork() })).toBe(expected);
  });

  test.each([
    'obj.id == "ep_2"',
    "obj.id == 'ep_2'",
    'obj.id != "ep_1"',
    'obj.id>"ep_1"&&obj.id<"ep_3"',
    'obj.id >= "ep_2" && obj.id <= "ep_2"',
    "obj.port == 443",
    "obj.port > -1 && obj.port < 4.43e3",
    "obj.pooling_enabled",
    "obj.pooling_enabled == true",
    "!(obj.port == 80)",
    "!!obj.pooling_enabled",
    "true || obj.port == 80 && false",
    "(true || false) && true",
    '"public" in obj.bindings',
    'obj.id in ["ep_1", "ep_2"]',
    "!(obj.id in [])",
    '"env" in obj.labels',
    'obj.labels.env == "prod"',
    "size(obj.bindings) == 2",
    'size(obj.metadata) == 0 && size("é😀") == 2 && size(obj.labels) == 1',
    'obj.description == "a \\"quoted\\" \\u00e9😀\\n"',
    'obj.domain.id == "rd_1"',
    "obj.certificate == null",
    "obj.region == null",
    "obj.certificate.id == null",
    "obj.bindings == ['public', 'internal']",
    'timestamp(obj.created_at) == timestamp("2026-01-08T13:00:00+01:00")',
    'obj.created_at > timestamp("2026-01-01T00:00:00Z")',
    'timestamp("2026-01-01T00:00:00Z") < obj.created_at',
    'obj.created_at == timestamp(time.now).subtract("7d")',
    'obj.created_at < timestamp(time.now).subtract("6d23h59m")',
    'obj.created_at.size == null || timestamp(time.now).add("1h").subtract("60m") == time.now',
    'obj.id != timestamp("2026-01-01T00:00:00Z")',
    "\tobj.port\n>=\r 443 ",
  ])("Filter %s lets the record through", (text) => {
    expect(matches(text)).toBe(true);
  });

  test.each([
    'obj.id == "ep_1"',
    "obj.port == '443'",
    'obj.port < "5"',
    "obj.metadata",
    "obj.bindings",
    "obj.region > 1",
    "obj.certificate < 1",
    'obj.id in "ep_2"',
    '"toString" in obj.labels',
    "obj.labels.constructor != null",
    "obj.id.length > 0",
    "size(obj.port) == 3",
    "false || obj.port == 80",
    "timestamp(obj.id) == timestamp(time.now)",
    "timestamp(obj.id) < timestamp(time.now)",
    'timestamp(time.now).add("300000000d") > time.now',
    "obj.domain == obj.certificate",
    "1 in [[1]]",
  ])("Filter %s keeps it back", (text) => {
    expect(matches(text)).toBe(false);
  });
});

describe("readFilter", () => {
  test.each([
    ["", "it ends where something is missing"],
    ["obj", "a field is expected behind obj"],
    ["obj.", "a name is expected behind ."],
    ["obj.ip", 'these records have no field "ip"; did you mean obj.id?'],
    ["obj.nothing_like_it", 'these records have no field "nothing_like_it"; they have id,'],
    ["obj[0]", "a field is expected behind obj"],
    ["obj.bindings[0] == 1", "[ is not expected there"],
    ["obj.port + 1 == 2", 'it cannot be read from "+ 1 == 2" on'],
    ["obj.port == 1 ? true : false", "it cannot be read from"],
    ['obj.id.matches("a+")', "there is no .matches"],
    ['obj.id.startsWith("a")', "there is no .startsWith"],
    ["obj.id == ", "it ends where something is missing"],
    ["obj.id == 'a' 'b'", '"b" is not expected there'],
    ["1 < obj.port < 3", "comparisons cannot be chained"],
    ["size(obj.id)", "something that is true or false is expected"],
    ['"a" && true', "something that is true or false is expected"],
    ["!1", "something that is true or false is expected"],
    ["(obj.pooling_enabled", ") is missing"],
    ["size obj.id", "( is missing"],
    ['timestamp("never") == time.now', "timestamp takes a time"],
    ["timestamp(7) == time.now", "timestamp takes a time"],
    ['timestamp("2026-01-01T00:00:00") == time.now', "timestamp takes a time"],
    ["frobnicate(1)", '"frobnicate" is not known'],
    ["time.later", "of time there is only time.now"],
    ["timestamp(time.now).add(7) == time.now", "a length of time is expected"],
    ['timestamp(time.now).add("-7d") == time.now', "a length of time is expected"],
    ['timestamp(time.now).add("soon") == time.now', "a length of time is expected"],
    ['"a".add("7d") == 1', "there is no .add"],
    ["- obj.port == 1", "a number is expected behind -"],
    ["'\\x' == 'x'", "there is no escape \\x"],
    ["'open", 'it cannot be read from "\'open" on'],
    ["obj.id == 'a\nb'", "it cannot be read from"],
    [`${"(".repeat(40)}true${")".repeat(40)}`, "it is nested more than 32 deep"],
    [`${"!".repeat(40)}true`, "it is nested more than 32 deep"],
    [`true${" ".repeat(MAX_FILTER_LENGTH)}`, "it has more than 4096 characters"],
  ])("readFilter refuses %j", (text, message) => {
    expect(() => matches(text)).toThrow(FilterProblem);
    expect(() => matches(text)).toThrow(message);
  });

  test("readFilter takes the longest chain that fits", () => {
    expect(matches(Array(500).fill("false").join("||") + "||true")).toBe(true);
  });

  const numRuns = process.env["DEEP"] === undefined ? 500 : 100_000;
  const word = fc.constantFrom(
    ..."obj .id .port .region true false null ! && || < <= == != >= > in ( ) [ ] , - 1 2.5 'a' + ? { '".split(" "),
    "size(",
    "timestamp(",
    "time.now",
    '.add("1d")',
    '.subtract("1h")',
  );

  test("readFilter of any words is a filter that answers, or a FilterProblem", () => {
    const text = fc.oneof(
      fc.array(word, { maxLength: 20 }).map((words) => words.join(" ")),
      fc.string(),
    );
    fc.assert(
      fc.property(text, fc.jsonValue(), (written, value) => {
        const filter = readOrProblem(written);
        if (filter !== undefined)
          expect(filter.matches({ id: value, port: value }, { now: NOW, work: new FilterWork() })).toBeBoolean();
      }),
      { numRuns },
    );
  });

  test("Filter of a comparison agrees with what it compares", () => {
    const scalar = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(scalar, scalar, (one, other) => {
        const text = `obj.id == ${JSON.stringify(other)}`;
        expect(readFilter(text, ["id"]).matches({ id: one }, { now: NOW, work: new FilterWork() })).toBe(one === other);
      }),
      { numRuns },
    );
  });
});

function readOrProblem(text: string): Filter | undefined {
  try {
    return readFilter(text, FIELDS);
  } catch (error) {
    expect(error).toBeInstanceOf(FilterProblem);
    return undefined;
  }
}
