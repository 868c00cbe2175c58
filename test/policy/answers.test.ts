import { expect, test } from "bun:test";
import { customAnswer } from "../../src/policy/answers.ts";

test.each([
  ['{"a":1}', "application/json"],
  [" [1]", "application/json"],
  ["{not json", "text/plain; charset=utf-8"],
  ["<!DOCTYPE html><p>", "text/html; charset=utf-8"],
  ["<html>", "text/html; charset=utf-8"],
  ["hello", "text/plain; charset=utf-8"],
])("customAnswer takes %p for %s", (body, type) => {
  expect(customAnswer(200, [], body).fields).toEqual([["Content-Type", type]]);
});

test("customAnswer keeps a type that was given, and gives none to an empty body", () => {
  expect(customAnswer(200, [["content-type", "x/y"]], "{}").fields).toEqual([["content-type", "x/y"]]);
  expect(customAnswer(204, [], "").fields).toEqual([]);
});
