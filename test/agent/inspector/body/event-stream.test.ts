import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { readEvents } from "../../../../src/agent/inspector/body/event-stream.ts";

const NONE = { name: undefined, id: undefined };

/** Examples of the HTML standard, section 9.2.6, among them. */
test.each([
  ["nothing", "", []],
  ["lines of data", "data: YHOO\ndata: +2\ndata: 10\n\n", [{ ...NONE, data: "YHOO\n+2\n10" }]],
  [
    "comments, ids, and an event that is not ended",
    ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
    [
      { ...NONE, id: "1", data: "first event" },
      { ...NONE, id: "", data: "second event" },
    ],
  ],
  [
    "data without a value",
    "data\n\ndata\ndata\n\ndata:",
    [
      { ...NONE, data: "" },
      { ...NONE, data: "\n" },
    ],
  ],
  [
    "a space behind the colon, and none",
    "data:test\n\ndata: test\n\n",
    [
      { ...NONE, data: "test" },
      { ...NONE, data: "test" },
    ],
  ],
  ["every kind of line end", "event: a\rdata: 1\r\ndata: 2\n\r\n", [{ ...NONE, name: "a", data: "1\n2" }]],
  [
    "a name for one event only",
    "event: a\ndata: 1\n\ndata: 2\n\n",
    [
      { ...NONE, name: "a", data: "1" },
      { ...NONE, data: "2" },
    ],
  ],
  ["a name without data", "event: a\n\ndata: 2\n\n", [{ ...NONE, data: "2" }]],
  ["fields that nobody knows", "retry: 1\nDATA: 1\n data: 2\ndata: a:b\n\n", [{ ...NONE, data: "a:b" }]],
])("readEvents reads %s", (_, text, events) => {
  expect(readEvents(text)).toEqual({ events, omitted: 0 });
});

test("readEvents has a limit, and counts what is beyond", () => {
  const { events, omitted } = readEvents("data\n\n".repeat(20_003));
  expect([events.length, omitted]).toEqual([20_000, 3]);
});

test("readEvents reads back whatever was written, with any line end", () => {
  const word = fc.stringMatching(/^[^\r\n:]{0,8}$/);
  const event = fc.record({ name: fc.option(word), lines: fc.array(word, { minLength: 1, maxLength: 3 }) });
  fc.assert(
    fc.property(fc.array(event), fc.constantFrom("\n", "\r", "\r\n"), (written, end) => {
      const text = written.map(({ name, lines }) =>
        [...(name === null ? [] : [`event: ${name}`]), ...lines.map((line) => `data: ${line}`), "", ""].join(end),
      );
      const expected = written.map(({ name, lines }) => ({
        name: name || undefined,
        id: undefined,
        data: lines.join("\n"),
      }));
      expect(readEvents(text.join("")).events).toEqual(expected);
    }),
  );
});
