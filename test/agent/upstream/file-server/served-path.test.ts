import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { encodeServedPath, parseServedPath } from "../../../../src/agent/upstream/file-server/served-path.ts";

const ODD_LETTERS = Array.from("/.%2eEfF5cC\\0 a\u0000?#:");

describe("parseServedPath", () => {
  test.each([
    ["/", [], true],
    ["/a", ["a"], false],
    ["/a/", ["a"], true],
    ["//a///b", ["a", "b"], false],
    ["/a%20b/c?x=1#y", ["a b", "c"], false],
    ["/%C3%A4", ["ä"], false],
    ["/a%2520b", ["a%20b"], false],
    ["/.git/config", [".git", "config"], false],
    ["/...", ["..."], false],
    ["http://host/a/b", ["a", "b"], false],
    ["http://host", [], true],
    ["https://host?x", [], true],
    ["/a:b", ["a:b"], false],
  ] as const)("reads %p", (target, names, asksForFolder) => {
    expect(parseServedPath(target, "linux")).toMatchObject({ names: [...names], asksForFolder });
  });

  test.each([
    "",
    "*",
    "a",
    "ftp://host/a",
    "/..",
    "/a/../b",
    "/./a",
    "/%2e%2e/etc/passwd",
    "/%2E./x",
    "/a%2fb",
    "/a%5cb",
    "/..\\..\\x",
    "/a%00b",
    "/%",
    "/%zz",
    "/%c0%ae%c0%ae/x",
    "http://host/../x",
  ])("refuses %p", (target) => {
    expect(parseServedPath(target, "linux")).toBeUndefined();
  });

  test.each(["/a:b", "/C:", "/con", "/NUL.txt", "/com1", "/a.", "/a%20", "/a.txt::$DATA", "/lpt9.log"])(
    "refuses %p on Windows only",
    (target) => {
      expect(parseServedPath(target, "win32")).toBeUndefined();
      expect(parseServedPath(target, "linux")).toBeDefined();
    },
  );

  test("never yields a name that leads elsewhere, whatever is asked", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...ODD_LETTERS) }), (text) => {
        for (const name of parseServedPath(`/${text}`, "linux")?.names ?? []) {
          expect(name).not.toMatch(/^\.{0,2}$|[/\\\0]/);
        }
      }),
      { numRuns: process.env["DEEP"] === "1" ? 100_000 : 2_000 },
    );
  });

  test("reads back what encodeServedPath wrote", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme", minLength: 1 })), fc.boolean(), (names, asksForFolder) => {
        fc.pre(names.every((name) => !/^\.{1,2}$|[/\\\0]/.test(name) && name.isWellFormed()));
        const path = encodeServedPath(names, asksForFolder);
        expect(path.startsWith("//")).toBe(false);
        expect(parseServedPath(path, "linux")?.names).toEqual(names);
      }),
    );
  });
});
