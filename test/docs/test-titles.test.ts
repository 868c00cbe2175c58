import { expect, test } from "bun:test";
import { testTitles } from "./test-titles.ts";

const SOURCE = `
describe("a group", () => {
  test("in one line", () => {
    expect("a text").toBe("another");
  });
  test(
    "on the next line",
    async () => {
      call("no title");
    },
  );
  test.each([1, 2])("behind a table %d", () => {});
  test.each(ROWS)(
    "behind a table, on the next line",
    () => {},
  );
  test.each<readonly [string]>([
    ["a row"],
    [f(1)("no title")],
  ])("behind a long table", () => {});
  test.concurrent.each([
    ["a row"],
  ])(
    "all of it",
    () => {},
  );
  test('with "quotes"', () => {});
  // test("in a comment", () => {});
});
describe.each([
  ["a row"],
])("a group of rows", () => {});
`;

test("testTitles knows the titles of tests, and neither groups nor rows nor other texts", () => {
  expect(testTitles(SOURCE)).toEqual([
    "in one line",
    "on the next line",
    "behind a table %d",
    "behind a table, on the next line",
    "behind a long table",
    "all of it",
    'with "quotes"',
  ]);
});

test.each(["test.skip", "test.todo", "test.if(true)", "describe.skip", "test.concurrent.skip", "test.only"])(
  "testTitles takes no file with %s",
  (call) => {
    expect(() => testTitles(`${call}("a title", () => {});`)).toThrow("may not run");
  },
);
