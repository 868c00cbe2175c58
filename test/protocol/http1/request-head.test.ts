import { expect, test } from "bun:test";
import { requestHead, text } from "../../support/http-transcript.ts";

const LINES = "Host: Shop.Example.com.:8080\r\nX-One: 1\r\nx-one:  two words \t\r\nCafe: \xe9\x80\r\nEmpty:\r\n";
const SOURCE = `GET /a%20b?q=1 HTTP/1.1\r\n${LINES}\r\n`;

test("RequestHead holds the head as received", () => {
  const head = requestHead(`\r\n${SOURCE}behind`);
  expect(text(head.raw)).toBe(SOURCE);
});

test("RequestHead reads the start line and the authority", () => {
  const { method, target, originForm, targetForm, version, host, framing } = requestHead(SOURCE);
  expect({ method, target, originForm, targetForm, version, host, framing }).toEqual({
    method: "GET",
    target: "/a%20b?q=1",
    originForm: "/a%20b?q=1",
    targetForm: "origin",
    version: 11,
    host: { name: "shop.example.com", port: 8080 },
    framing: { type: "none" },
  });
});

test("RequestHead lists its fields in order, as spelled, one character per octet", () => {
  expect([...requestHead(SOURCE)]).toEqual([
    ["Host", "Shop.Example.com.:8080"],
    ["X-One", "1"],
    ["x-one", "two words"],
    ["Cafe", "\xe9\x80"],
    ["Empty", ""],
  ]);
});

test("RequestHead finds fields whatever the case of their letters", () => {
  const head = requestHead(SOURCE);
  expect(head.get("x-one")).toBe("1");
  expect(head.values("x-one")).toEqual(["1", "two words"]);
  expect(head.get("empty")).toBe("");
  expect(head.get("x-on")).toBeUndefined();
  expect(head.values("absent")).toEqual([]);
});

test("RequestHead.fields knows where each line stands", () => {
  const { raw, fields } = requestHead(SOURCE);
  const lines = Array.from({ length: fields.count }, (_, line) =>
    text(raw.subarray(fields.nameStart(line), fields.lineEnd(line))),
  );
  expect(lines.join("")).toBe(LINES);
  expect(text(raw.subarray(fields.valueStart(2), fields.valueEnd(2)))).toBe("two words");
});

test.each([
  ["GET /x?y", "a", "origin", "/x?y"],
  ["GET //b/x", "a", "origin", "//b/x"],
  ["OPTIONS *", "a", "asterisk", "*"],
  ["GET http://a/x?y", "a", "absolute", "/x?y"],
  ["GET HTTP://A:80", "a", "absolute", "/"],
  ["GET https://a?y", "a:443", "absolute", "/?y"],
  ["OPTIONS http://a", "a", "absolute", "*"],
  ["CONNECT a:443", "A:443", "authority", ""],
  ["CONNECT [::1]:443", "[::1]:443", "authority", ""],
] as const)("RequestHead: %s with Host %s is in %s form", (line, host, form, originForm) => {
  const head = requestHead(`${line} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  expect([head.targetForm as string, head.originForm]).toEqual([form, originForm]);
  expect(head.target).toBe(line.split(" ")[1] ?? "");
});

test.each([
  ["1.1", "", true],
  ["1.1", "Connection: close", false],
  ["1.1", "Connection: x, Close", false],
  ["1.1", "Connection: keep-alive\r\nConnection: close", false],
  ["1.1", "Connection: closed", true],
  ["1.0", "", false],
  ["1.0", "Connection: Keep-Alive", true],
  ["1.0", "Connection: keep-alive, close", false],
] as const)("RequestHead.keepAlive of HTTP/%s with %j is %p", (version, lines, expected) => {
  expect(withFields(version, lines).keepAlive).toBe(expected);
});

test.each([
  ["1.1", "Connection: Upgrade\r\nUpgrade: websocket", ["websocket"]],
  ["1.1", "Connection: keep-alive, upgrade\r\nUpgrade: h2c, a/1\r\nupgrade: ,b", ["h2c", "a/1", "b"]],
  ["1.1", "Upgrade: websocket", undefined],
  ["1.1", "Connection: upgrade", undefined],
  ["1.1", "Connection: upgrade\r\nUpgrade: ,", undefined],
  ["1.0", "Connection: upgrade\r\nUpgrade: websocket", undefined],
] as const)("RequestHead.upgrade of HTTP/%s with %j is %p", (version, lines, expected) => {
  expect(withFields(version, lines).upgrade).toEqual(expected === undefined ? undefined : [...expected]);
});

test.each([
  ["1.1", "Expect: 100-Continue", true],
  ["1.1", "Expect: 200-ok", false],
  ["1.0", "Expect: 100-continue", false],
] as const)("RequestHead.expectsContinue of HTTP/%s with %j is %p", (version, lines, expected) => {
  expect(withFields(version, lines).expectsContinue).toBe(expected);
});

test.each([
  ["", { type: "none" }],
  ["Content-Length: 0", { type: "length", bytes: 0 }],
  ["Content-Length: 9007199254740991", { type: "length", bytes: 9007199254740991 }],
  ["Transfer-Encoding: chunked", { type: "chunked" }],
] as const)("RequestHead.framing with %j is %j", (lines, expected) => {
  expect(withFields("1.1", lines).framing).toEqual(expected);
});

function withFields(version: string, lines: string) {
  return requestHead(`POST / HTTP/${version}\r\nHost: a\r\n${lines === "" ? "" : `${lines}\r\n`}\r\n`);
}
