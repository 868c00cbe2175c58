import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import * as fc from "fast-check";
import { parse } from "yaml";
import { lineText } from "../../../src/agent/console/screen-line.ts";
import type { ScreenStatus, ShownExchange } from "../../../src/agent/console/screen-status.ts";
import { screenLines, type ScreenSize } from "../../../src/agent/console/screen.ts";
import { shownExchange, USUAL_STATUS } from "./shown-status.ts";
import { anyCharacter } from "../../support/any-character.ts";

const GOLDEN = join(import.meta.dir, "../../golden/console");
const RULE = "----------\n";
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

/** What differs from the usual status; exchanges as `[time, method, target, status, outcome]`. */
interface GoldenInput extends Partial<Omit<ScreenStatus, "exchanges" | "webUrl">> {
  readonly columns: number;
  readonly rows: number;
  readonly webUrl?: string | null;
  readonly exchanges?: readonly (readonly [string, string, string, string, ShownExchange["outcome"]?])[] | null;
}

function textOf(status: ScreenStatus, size: ScreenSize): readonly string[] {
  return screenLines(status, size).map(lineText);
}

function drawn(input: string): string {
  const { columns, rows, exchanges = [], webUrl, ...differing } = parse(input) as GoldenInput; // files of ours
  const shown = exchanges?.map(([time, method, target, status, outcome = "complete"]) =>
    shownExchange(method, target, status, { startedAt: new Date(`2026-11-23T${time}Z`), outcome }),
  );
  const shownUrl = webUrl === undefined ? USUAL_STATUS.webUrl : (webUrl ?? undefined);
  const status = { ...USUAL_STATUS, ...differing, webUrl: shownUrl, exchanges: shown };
  return textOf(status, { columns, rows })
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

describe("golden screens", () => {
  test.each([...new Glob("*.txt").scanSync(GOLDEN)].sort())("screenLines draws %s", async (name) => {
    const path = join(GOLDEN, name);
    const golden = await Bun.file(path).text();
    const input = golden.slice(0, golden.indexOf(RULE));
    const whole = input + RULE + drawn(input);
    if (process.env["UPDATE_GOLDEN"] === "1") await Bun.write(path, whole);
    else expect(whole).toBe(golden);
  });
});

const anyText = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc
    .array(
      fc.constantFrom("\u001b[2J", "\u202e", "日本", "e\u0301\u0301\u0301\u0301\u0301", "👨‍👩‍👧", "\u009b", " ", "a", "\n"),
    )
    .map((parts) => parts.join("")),
);
const outcomes = fc.constantFrom("open", "complete", "visitorCut", "upstreamCut", "unreachable", "unreadable");
const anyExchange = fc.record({
  startedAt: fc.date({ noInvalidDate: true }),
  outcome: outcomes,
  request: fc.record({ method: anyText, target: anyText }),
  response: fc.option(fc.record({ statusCode: fc.nat(999), status: anyText }), { nil: undefined }),
});
const anyStatus: fc.Arbitrary<ScreenStatus> = fc.record({
  program: anyText,
  messages: fc.array(anyText, { maxLength: 4 }),
  session: fc.record({
    state: fc.constantFrom("online", "connecting", "reconnecting", "offline"),
    reason: fc.option(anyText, { nil: undefined }),
    region: anyText,
    latencyMs: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
  }),
  expiresInMs: fc.option(fc.nat(), { nil: undefined }),
  account: fc.record({ name: anyText, plan: anyText }),
  version: anyText,
  webUrl: fc.option(anyText, { nil: undefined }),
  forwardings: fc.array(fc.record({ url: anyText, address: anyText }), { maxLength: 40 }),
  connections: fc.record({
    count: fc.nat(),
    gauge: fc.nat(),
    rate1: fc.double({ min: 0, max: 1e9, noNaN: true }),
    rate5: fc.double({ min: 0, max: 1e9, noNaN: true }),
    p50: fc.double({ min: 0, max: 1e15, noNaN: true }),
    p90: fc.double({ min: 0, max: 1e15, noNaN: true }),
  }),
  exchanges: fc.option(fc.array(anyExchange, { maxLength: 30 }), { nil: undefined }),
});
const anySize = fc.record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 60 }) });
const RUNS = { numRuns: process.env["DEEP"] === "1" ? 20_000 : 300 };

describe("screenLines", () => {
  test("screenLines stays within the terminal, and gives no control to anybody, whatever is shown", () => {
    fc.assert(
      fc.property(anyStatus, anySize, (status, size) => {
        const lines = textOf(status, size);
        expect(lines.length).toBeLessThanOrEqual(size.rows);
        for (const line of lines) {
          expect(Bun.stringWidth(line)).toBeLessThanOrEqual(size.columns);
          expect(line).not.toMatch(UNPRINTABLE);
        }
      }),
      RUNS,
    );
  });

  test("screenLines tells the state of the session on every terminal that has room for a word", () => {
    fc.assert(
      fc.property(anySize, ({ columns, rows }) => {
        const size = { columns: columns + 30, rows };
        expect(textOf(USUAL_STATUS, size).join("\n")).toContain("online");
      }),
      RUNS,
    );
  });

  test("screenLines shows as many requests as there is room for, the newest", () => {
    const exchanges = Array.from({ length: 50 }, (_, index) => shownExchange("GET", `/${index}`, "200 OK"));
    const lines = textOf({ ...USUAL_STATUS, exchanges }, { columns: 80, rows: 24 });
    expect(lines).toHaveLength(24);
    expect(lines.filter((line) => line.includes("GET"))).toHaveLength(8);
    expect(lines.at(-1)).toContain("GET /7 ");
  });

  test.each([
    ["UTF-8", "/ä", "GET /ä"],
    ["a control character of UTF-8", "/\u009b2J", "GET /\\u009b2J"],
    ["octets that are none", Buffer.from([0x2f, 0x9b, 0xe4]), "GET /\\u009bä"],
    ["a character that was cut", Buffer.from([0x2f, 0xe4, 0xb8]), "GET /ä¸"],
    ["a long text", `/${"漢".repeat(500)}`, `GET /${"漢".repeat(14)}…`],
  ])("screenLines shows a path of %s as what it means", (_, path, shown) => {
    const target = Buffer.from(path).toString("latin1");
    const exchange = { ...shownExchange("GET", "", "200 OK"), request: { method: "GET", target } };
    const lines = textOf({ ...USUAL_STATUS, exchanges: [exchange] }, { columns: 60, rows: 24 });
    expect(lines.at(-1)).toMatch(new RegExp(`GMT ${RegExp.escape(shown)} `));
  });

  test("screenLines lets an edge that says much take a quarter of the terminal, for what it said last", () => {
    const messages = Array.from({ length: 10_000 }, (_, index) => `message ${index}`);
    const lines = textOf({ ...USUAL_STATUS, messages }, { columns: 80, rows: 24 });
    expect(lines.filter((line) => line.startsWith("message"))).toHaveLength(6);
    expect(lines).toContain("message 9999");
    expect(lines.join("\n")).toContain("https://app.example.org");
  });
});
