import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { parseFilter } from "../../../../src/agent/inspector/body/filter-query.ts";
import type { FilterSubject } from "../../../../src/agent/inspector/body/filter-subject.ts";

const REQUEST = { method: "POST", uri: "/api/v1/Hooks?x=a%20b", bytes: 2048, content_type: "application/json" };
const RESPONSE = { status: "404 Not Found", status_code: 404, bytes: 1500, content_type: "text/html; charset=utf-8" };
const SUMMARY: FilterSubject = {
  tunnel_name: "web (http)",
  remote_addr: "203.0.113.7",
  duration: 250_000_000,
  outcome: "complete",
  replay_of: null,
  stream: null,
  request: REQUEST,
  response: RESPONSE,
};
const WHOLE: FilterSubject = {
  ...SUMMARY,
  request: { ...REQUEST, headers: { "X-Hook-Id": ["abc", "Def ghi"], "Content-Type": ["application/json"] } },
  response: { ...RESPONSE, headers: { Server: ["nginx/1"] } },
};
const WAITING: FilterSubject = { ...SUMMARY, outcome: "open", response: null };

function fits(text: string, subject: FilterSubject): boolean | undefined {
  const { query, fault } = parseFilter(text);
  if (query === undefined) throw new Error(fault.reason);
  return query.test(subject);
}

describe("parseFilter", () => {
  test.each<[filter: string, yes: boolean]>([
    ["", true],
    ["   ", true],
    ["hooks", true],
    ["post", true],
    ["web", true],
    ["203.0.113", true],
    ["html", true],
    ["nothing", false],
    ['"not found"', true],
    ['"found not"', false],
    ["hooks nothing", false],
    ["hooks AND post", true],
    ["!nothing", true],
    ["!hooks", false],
    ["!!hooks", true],
    ["4xx", true],
    ["5XX", false],
    ["method:post", true],
    ["method:GET,POST", true],
    ["method=GET", false],
    ["method!=GET", true],
    ["status:404", true],
    ["status:40x", true],
    ["status:5xx,400-410", true],
    ["status:405-499", false],
    ["status=404", true],
    ["status!=404", false],
    ["status>=404", true],
    ["status≥404", true],
    ["status>404", false],
    ["status<500", true],
    ["status≤403", false],
    ["status:none", false],
    ["path:hooks", true],
    ["path:/api/*", true],
    ["path:*/hooks", false],
    ["path:/api/*x=*b", true],
    ["path:/api/*/*/*", false],
    ["path=/api/v1/Hooks?x=a%20b", true],
    ["path=/api/v1/hooks?x=a%20b", false],
    ['path:"a b"', false],
    ["PATH:hooks", true],
    ["duration>249.9", true],
    ["duration>250ms", false],
    ["duration>=250ms", true],
    ["duration<1s", true],
    ["duration<=0.25s", true],
    ["duration>1m30s", false],
    ["size>1kB", true],
    ["size>1.5kB", false],
    ["size<2KiB", true],
    ["request-size>=2KiB", true],
    ["tunnel:web", true],
    ['tunnel="web (http)"', true],
    ["tunnel=web", false],
    ["ip:203.", true],
    ["type:json", true],
    ["type:image", false],
    ["is:open", false],
    ["is:replay", false],
    ["is:websocket", false],
    ["is:failed", false],
    ["text:hooks", true],
    ["header:content-type:json", true],
    ["response-header:content-type:html", true],
    ["request-header:content-type=application/json", true],
  ])("parseFilter of %j answers %p for a summary", (filter, yes) => {
    expect(fits(filter, SUMMARY)).toBe(yes);
  });

  test.each<[filter: string, yes: boolean]>([
    ["header:x-hook-id", true],
    ["header:X-HOOK-ID=abc", true],
    ["header:x-hook-id=Abc", false],
    ["header:x-hook-id:GHI", true],
    ['header:x-hook-id="Def ghi"', true],
    ['header:"x-hook-id:Def g*"', true],
    ["header:server:nginx", true],
    ["request-header:server", false],
    ["response-header:server", true],
    ["!header:x-none", true],
    ["header:x-none", false],
  ])("parseFilter of %j answers %p for a whole exchange", (filter, yes) => {
    expect(fits(filter, WHOLE)).toBe(yes);
  });

  test("parseFilter leaves open what only the headers could tell", () => {
    expect(fits("header:x-hook-id", SUMMARY)).toBeUndefined();
    expect(fits("!header:x-hook-id", SUMMARY)).toBeUndefined();
    expect(fits("hooks header:x-hook-id", SUMMARY)).toBeUndefined();
    expect(fits("header:x-hook-id nothing", SUMMARY)).toBe(false);
    expect(fits("header:content-type:html", SUMMARY)).toBe(true);
    expect(parseFilter("header:x").query?.wantsHeaders).toBe(true);
    expect(parseFilter("!response-header:x").query?.wantsHeaders).toBe(true);
    expect(parseFilter("path:x").query?.wantsHeaders).toBe(false);
  });

  test.each<[filter: string, yes: boolean]>([
    ["status:none", true],
    ["4xx", false],
    ["!4xx", true],
    ["status>=100", false],
    ["size<1MB", false],
    ["is:open", true],
    ["response-header:x", false],
  ])("parseFilter of %j answers %p while there is no response", (filter, yes) => {
    expect(fits(filter, WAITING)).toBe(yes);
  });

  test.each<[state: string, change: Partial<FilterSubject>]>([
    ["replay", { replay_of: "airt_1" }],
    ["websocket", { stream: { kind: "websocket" } }],
    ["events", { stream: { kind: "events" } }],
    ["failed", { outcome: "unreachable" }],
  ])("parseFilter knows the state %s", (state, change) => {
    expect(fits(`is:${state}`, { ...SUMMARY, ...change })).toBe(true);
  });

  test.each<[filter: string, wrong: string, reason: string]>([
    ["a pth:x", "pth", "there is no field pth: did you mean path; text with a colon must stand in double quotes"],
    ["path:", ":", "a value is missing here, as in path:/api"],
    ["path: x", ":", "a value is missing here, as in path:/api"],
    ["status:44", "44", "this is no value for status; write status:404,5xx or status>=400"],
    ["status:404,", "404,", "this is no value for status; write status:404,5xx or status>=400"],
    ["status>4xx", "4xx", "this is no value for status; write status:404,5xx or status>=400"],
    ["path>x", "path>", "path cannot be used with >; write path:/api"],
    ["size:1", "size:", "size cannot be used with :; write size>1kB"],
    ["size!=1", "size!=", "size cannot be used with !=; write size>1kB"],
    ["x duration>soon", "soon", "this is no value for duration; write duration>100ms"],
    ["duration>-1s", "-1s", "this is no value for duration; write duration>100ms"],
    ["size>1parsec", "1parsec", "this is no value for size; write size>1kB"],
    ["is:happy", "happy", "this is no value for is; write is:open, replay, websocket, events or failed"],
    ["header:=x", "=x", "this is no value for header; write header:x-id=value"],
    ['path:"abc', '"abc', "the closing quote is missing"],
    ['"abc', '"abc', "the closing quote is missing"],
    ["a !", "!", "! must stand right before the term that should not fit"],
    ["! a", "!", "! must stand right before the term that should not fit"],
    ["a OR b", "OR", "there is no OR: all terms must fit. Some fields take several values: status:404,5xx"],
  ])("parseFilter says what is wrong with %j", (filter, wrong, reason) => {
    const { fault } = parseFilter(filter);
    expect(fault?.reason).toBe(reason);
    expect(filter.slice(fault?.offset, (fault?.offset ?? 0) + (fault?.length ?? 0))).toBe(wrong);
  });

  test("parseFilter lists the fields when none is near", () => {
    expect(parseFilter("https://x").fault?.reason).toContain("the fields are method, status, path, header,");
  });

  test("parseFilter bounds length and terms", () => {
    expect(parseFilter("x".repeat(2001)).fault?.reason).toBe("a filter can have at most 2000 characters");
    expect(parseFilter("x ".repeat(50)).query?.terms).toBe(50);
    expect(parseFilter("x ".repeat(51)).fault?.reason).toBe("a filter can have at most 50 terms");
  });

  test("parseFilter finds any word that stands in double quotes", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (word) => {
        const quoted = `"${word.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
        const uri = `/x${word}y`;
        expect(fits(`path=${quoted}`, { ...SUMMARY, request: { ...REQUEST, uri: word } })).toBe(true);
        if (!word.includes("*")) expect(fits(quoted, { ...SUMMARY, request: { ...REQUEST, uri } })).toBe(true);
      }),
      { numRuns: process.env["DEEP"] === "1" ? 50_000 : 500 },
    );
  });

  test("parseFilter answers with a query or a fault inside the text, whatever is typed", () => {
    const piece = fc.constantFrom(
      ...'!":=<>≥ ax4*,\\'.split(""),
      "status",
      "path:",
      "header:",
      "size>",
      "duration<",
      "is:",
    );
    fc.assert(
      fc.property(fc.string({ unit: piece, maxLength: 12 }), (text) => {
        const { query, fault } = parseFilter(text);
        if (fault === undefined) expect([true, false, undefined]).toContain(query.test(SUMMARY));
        else expect(fault.offset >= 0 && fault.length > 0 && fault.offset + fault.length <= text.length).toBe(true);
      }),
      { numRuns: process.env["DEEP"] === "1" ? 100_000 : 3000 },
    );
  });
});
