import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { HeadEdits } from "../../../src/protocol/http1/head-edits.ts";
import { requestHead, responseHead, text } from "../../support/http-transcript.ts";

const START = "GET http://a/x HTTP/1.1\r\n";
const HOST = "hOST:\ta \r\n";
const REST = "X: 1\r\nAccept:*/*\r\nx:  2 \t\r\nEmpty:\r\n";
const RUNS = { numRuns: process.env["DEEP"] === "1" ? 20_000 : 300 };

interface Case {
  readonly name: string;
  readonly edit: (edits: HeadEdits) => HeadEdits;
  readonly result: string;
}

const CASES: readonly Case[] = [
  { name: "nothing", edit: (e) => e, result: START + HOST + REST },
  { name: "set in place", edit: (e) => e.set("Host", "b:80"), result: `${START}hOST:\tb:80 \r\n${REST}` },
  {
    name: "set, dropping further lines",
    edit: (e) => e.set("X", "new"),
    result: `${START}${HOST}X: new\r\nAccept:*/*\r\nEmpty:\r\n`,
  },
  { name: "set to nothing", edit: (e) => e.set("accept", ""), result: (START + HOST + REST).replace("*/*", "") },
  {
    name: "set an empty value",
    edit: (e) => e.set("empty", "no"),
    result: `${START}${HOST}${REST.slice(0, -2)}no\r\n`,
  },
  { name: "set without a line", edit: (e) => e.set("New", "1"), result: `${START}${HOST}${REST}New: 1\r\n` },
  { name: "add", edit: (e) => e.add("X", "3").add("X", "4"), result: `${START}${HOST}${REST}X: 3\r\nX: 4\r\n` },
  {
    name: "append to the last line",
    edit: (e) => e.append("X", "3"),
    result: (START + HOST + REST).replace("x:  2 \t", "x:  2, 3 \t"),
  },
  {
    name: "append to an empty line",
    edit: (e) => e.append("Empty", "1"),
    result: `${START}${HOST}${REST.slice(0, -2)}1\r\n`,
  },
  {
    name: "append twice",
    edit: (e) => e.append("Accept", "a").append("accept", "b"),
    result: (START + HOST + REST).replace("*/*", "*/*, a, b"),
  },
  {
    name: "append without a line",
    edit: (e) => e.append("New", "1").append("New", "2"),
    result: `${START}${HOST}${REST}New: 1, 2\r\n`,
  },
  { name: "remove all lines", edit: (e) => e.remove("x"), result: `${START}${HOST}Accept:*/*\r\nEmpty:\r\n` },
  {
    name: "remove the last line",
    edit: (e) => e.remove("Empty"),
    result: `${START}${HOST}${REST.replace("Empty:\r\n", "")}`,
  },
  { name: "remove without a line", edit: (e) => e.remove("Accep"), result: START + HOST + REST },
  { name: "set a target", edit: (e) => e.setTarget("/x"), result: `GET /x HTTP/1.1\r\n${HOST}${REST}` },
  {
    name: "remove, then append",
    edit: (e) => e.remove("X").append("X", "3"),
    result: `${START}${HOST}Accept:*/*\r\nEmpty:\r\nX: 3\r\n`,
  },
  {
    name: "set, then append",
    edit: (e) => e.set("X", "3").append("X", "4"),
    result: `${START}${HOST}X: 3, 4\r\nAccept:*/*\r\nEmpty:\r\n`,
  },
  {
    name: "add, then append",
    edit: (e) => e.add("X", "3").append("X", "4"),
    result: `${START}${HOST}${REST}X: 3, 4\r\n`,
  },
  {
    name: "add, then remove",
    edit: (e) => e.add("X", "3").remove("X"),
    result: `${START}${HOST}Accept:*/*\r\nEmpty:\r\n`,
  },
  { name: "add, then set", edit: (e) => e.add("New", "1").set("New", "2"), result: `${START}${HOST}${REST}New: 2\r\n` },
  {
    name: "remove, then set",
    edit: (e) => e.remove("Accept").set("Accept", "a"),
    result: (START + HOST + REST).replace("*/*", "a"),
  },
  {
    name: "everything at once",
    edit: (e) => e.setTarget("/long/target").set("HOST", "b").remove("x").append("Accept", "\xe9").add("Z", ""),
    result: `GET /long/target HTTP/1.1\r\nhOST:\tb \r\nAccept:*/*, \xe9\r\nEmpty:\r\nZ: \r\n`,
  },
];

test.each(CASES)("HeadEdits: $name", ({ edit, result }) => {
  const head = requestHead(`${START}${HOST}${REST}\r\n`);
  const before = text(head.raw);
  const edits = edit(new HeadEdits());
  expect(text(edits.applyTo(head))).toBe(`${result}\r\n`);
  expect(text(edits.applyTo(head))).toBe(`${result}\r\n`);
  expect(text(head.raw)).toBe(before);
});

test("HeadEdits changes heads of responses and of heads without fields", () => {
  const edits = new HeadEdits().set("Connection", "close");
  expect(text(edits.applyTo(responseHead("HTTP/1.1 200\r\n\r\n")))).toBe("HTTP/1.1 200\r\nConnection: close\r\n\r\n");
});

test.each(["a\r\nb", "a\rb", "a\nb", "\0", "\x7f", "\x1b", "\u0100", "\u{1f600}"])(
  "HeadEdits refuses the value %j",
  (value) => {
    expect(() => new HeadEdits().set("X", value)).toThrow("X cannot hold U+");
    expect(() => new HeadEdits().add("X", value)).toThrow("X cannot hold U+");
    expect(() => new HeadEdits().append("X", value)).toThrow("X cannot hold U+");
  },
);

test.each(["", "a b", "a:", "\xe9", "a\r\n"])("HeadEdits refuses the name %j", (name) => {
  expect(() => new HeadEdits().set(name, "")).toThrow("is not a field name");
  expect(() => new HeadEdits().remove(name)).toThrow("is not a field name");
});

test.each(["", "/a b", "/a\t", "/a\r\n", "/\u0100"])("HeadEdits refuses the target %j", (target) => {
  expect(() => new HeadEdits().setTarget(target)).toThrow("a request target");
});

test("HeadEdits.setTarget is for requests", () => {
  expect(() => new HeadEdits().setTarget("/").applyTo(responseHead("HTTP/1.1 200\r\n\r\n"))).toThrow("only a request");
});

const NAME = fc.constantFrom("A", "b", "X-Forwarded-For", "Cookie");
const VALUE = fc.stringMatching(/^[ -~]{0,12}$/);
const LINE = fc.tuple(NAME, VALUE).map(([name, value]) => ({ name, line: `${name}:${value}\r\n` }));

test("HeadEdits keeps every octet of lines that no change names", () => {
  fc.assert(
    fc.property(fc.array(LINE), NAME, VALUE, (lines, name, value) => {
      const others = lines.filter((line) => line.name !== name).map(({ line }) => line);
      const head = requestHead(`GET / HTTP/1.1\r\nHost: a\r\n${lines.map(({ line }) => line).join("")}\r\n`);
      const edits = [
        new HeadEdits().set(name, value),
        new HeadEdits().append(name, value),
        new HeadEdits().remove(name),
      ];
      for (const edit of edits) {
        const changed = text(edit.applyTo(head)).split(/(?<=\r\n)/);
        const kept = changed.slice(2, -1).filter((line) => !line.startsWith(`${name}:`));
        expect(kept).toEqual(others);
        expect(changed.slice(0, 2)).toEqual(["GET / HTTP/1.1\r\n", "Host: a\r\n"]);
      }
    }),
    RUNS,
  );
});
