import { expect, test } from "bun:test";
import { responseHead } from "../../support/http-transcript.ts";

test.each([
  ["HTTP/1.1 200 OK", 200, "OK"],
  ["HTTP/1.0 404 Not  Found ", 404, "Not  Found "],
  ["HTTP/1.1 200", 200, ""],
  ["HTTP/1.1 200 ", 200, ""],
  ["HTTP/1.1 500 caf\xe9", 500, "caf\xe9"],
] as const)("ResponseHead reads %j", (line, status, reason) => {
  const head = responseHead(`${line}\r\n\r\n`);
  expect([head.status, head.reason]).toEqual([status, reason]);
});

const LENGTH = "Content-Length: 5";
const CODED = "Transfer-Encoding: chunked";

test.each([
  ["GET", 200, LENGTH, "length"],
  ["GET", 200, CODED, "chunked"],
  ["GET", 200, "X: y", "until-close"],
  ["HEAD", 200, LENGTH, "none"],
  ["HEAD", 200, CODED, "none"],
  ["HEAD", 200, "X: y", "none"],
  ["GET", 204, LENGTH, "none"],
  ["GET", 205, "X: y", "until-close"],
  ["GET", 304, CODED, "none"],
  ["GET", 100, "Content-Length: 0", "none"],
  ["GET", 101, LENGTH, "none"],
  ["CONNECT", 200, CODED, "none"],
  ["CONNECT", 403, LENGTH, "length"],
  ["head", 200, LENGTH, "length"],
] as const)("ResponseHead.framing of %s, %d, %s is %s", (method, status, line, expected) => {
  expect(responseHead(`HTTP/1.1 ${status} X\r\n${line}\r\n\r\n`, method).framing.type).toBe(expected);
});

test.each([
  ["GET", 100, true, false],
  ["GET", 101, false, true],
  ["GET", 103, true, false],
  ["GET", 199, true, false],
  ["GET", 200, false, false],
  ["CONNECT", 200, false, true],
  ["CONNECT", 299, false, true],
  ["CONNECT", 300, false, false],
] as const)("ResponseHead of %s, %d: interim %p, upgraded %p", (method, status, interim, upgraded) => {
  const head = responseHead(`HTTP/1.1 ${status} X\r\n\r\n`, method);
  expect([head.interim, head.upgraded]).toEqual([interim, upgraded]);
});

test.each([
  ["1.1", LENGTH, true],
  ["1.1", "X: y", false], // only the end of the connection ends the body
  ["1.1", `${LENGTH}\r\nConnection: close`, false],
  ["1.0", LENGTH, false],
  ["1.0", `${LENGTH}\r\nConnection: keep-alive`, true],
] as const)("ResponseHead.keepAlive of HTTP/%s with %j is %p", (version, lines, expected) => {
  expect(responseHead(`HTTP/${version} 200 OK\r\n${lines}\r\n\r\n`).keepAlive).toBe(expected);
});

test.each([
  [204, "X: y", true],
  [204, "Content-Length: 0", true], // what many servers send
  [204, LENGTH, false],
  [204, CODED, false],
  [304, LENGTH, true], // of what a GET would have got (RFC 9110 section 15.4.5)
  [304, CODED, true],
] as const)(
  "ResponseHead.keepAlive of a %d with %j is %p: a body that is claimed must not be looked for",
  (status, lines, expected) => {
    const head = responseHead(`HTTP/1.1 ${status} X\r\n${lines}\r\n\r\n`);
    expect([head.framing.type, head.keepAlive]).toEqual(["none", expected]);
  },
);

test("ResponseHead.upgrade names the protocol chosen", () => {
  const head = responseHead("HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  expect(head.upgrade).toEqual(["websocket"]);
});
