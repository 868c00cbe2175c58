import { expect, test } from "bun:test";
import { writeResponse } from "../../../src/protocol/http1/response-writer.ts";
import { octets, readResponses, text } from "../../support/http-transcript.ts";

const ANSWER = { status: 404, fields: [["Content-Type", "text/plain"]], body: octets("no\xe9") } as const;

test("writeResponse writes head and body", () => {
  const written = writeResponse({ ...ANSWER, reason: "Not Found" });
  expect(text(written)).toBe("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nno\xe9");
});

test("writeResponse leaves out the body for HEAD, and says how long it is", () => {
  const written = writeResponse({ ...ANSWER, toHead: true });
  expect(text(written)).toBe("HTTP/1.1 404 \r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\n");
});

test("writeResponse writes what our reader takes", () => {
  const written = [writeResponse(ANSWER), writeResponse({ ...ANSWER, toHead: true })];
  expect(readResponses(written, ["GET", "HEAD"]).filter((call) => !call.startsWith("head "))).toEqual([
    "body no\xe9",
    "complete",
    "complete",
  ]);
});

test.each([101, 199, 600, 200.5, Number.NaN])("writeResponse refuses the status %p", (status) => {
  expect(() => writeResponse({ ...ANSWER, status })).toThrow("status");
});

test.each([204, 304])("writeResponse writes neither body nor length for the status %p", (status) => {
  expect(text(writeResponse({ ...ANSWER, status }))).toBe(`HTTP/1.1 ${status} \r\nContent-Type: text/plain\r\n\r\n`);
});

test("writeResponse refuses what would break the head", () => {
  expect(() => writeResponse({ ...ANSWER, reason: "a\r\nb" })).toThrow("a reason phrase cannot hold U+000D");
  expect(() => writeResponse({ ...ANSWER, fields: [["X", "a\nb"]] })).toThrow("X cannot hold U+000A");
  expect(() => writeResponse({ ...ANSWER, fields: [["X Y", "a"]] })).toThrow("is not a field name");
});
