import { describe, expect, test } from "bun:test";
import { SecretMarks } from "./secret-marks.ts";

const SECRET = 'pa"ss<wo\\rd>ÿ?~';
const BYTES = Buffer.from(SECRET);
const behind = (before: string, encoding: "base64" | "base64url"): string =>
  Buffer.from(`${before}${SECRET}and more`).toString(encoding);

const SPELLINGS: readonly (readonly [name: string, text: string])[] = [
  ["itself", SECRET],
  ["in a URL", `?a=${encodeURIComponent(SECRET)}&b`],
  ["in JSON", JSON.stringify({ a: SECRET })],
  ["in JSON, all escaped", Array.from(SECRET, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")],
  ["in HTML", `<p>${Bun.escapeHTML(SECRET)}</p>`],
  ["in hexadecimal", BYTES.toString("hex")],
  ["in capital hexadecimal", BYTES.toString("hex").toUpperCase()],
  ["in pairs", [...BYTES].map((byte) => byte.toString(16).padStart(2, "0")).join(":")],
  ["percent by percent", [...BYTES].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")],
  ["as octets", BYTES.toString("latin1")],
  ...["", "a", "ab", "abc", "user:"].flatMap((before) =>
    (["base64", "base64url"] as const).map(
      (encoding) => [`${encoding} behind '${before}'`, behind(before, encoding)] as const,
    ),
  ),
];

describe("SecretMarks", () => {
  test.each(SPELLINGS)("finds a secret %s", (_, text) => {
    const marks = new SecretMarks();
    marks.note("here", SECRET);
    marks.make("elsewhere");
    expect(marks.in(`before ${text} behind`)).toEqual(["here"]);
  });

  test("finds nothing in other texts", () => {
    const marks = new SecretMarks();
    marks.note("here", SECRET);
    expect(marks.in(Buffer.from(SECRET.slice(1)).toString("base64"))).toEqual([]);
    expect(marks.in("")).toEqual([]);
  });

  test("names the places that nothing has shown to be reached", () => {
    const marks = new SecretMarks();
    const one = marks.make("one");
    marks.make("two");
    marks.make("three");
    marks.arrivedIn(`got ${one}`);
    marks.arrived("three");
    expect(marks.astray).toEqual(["two"]);
    expect(() => marks.arrived("four")).toThrow("there is no secret for four");
  });
});
