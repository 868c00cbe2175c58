import { describe, expect, test } from "bun:test";
import type { RequestHead } from "../../../src/protocol/http1/request-head.ts";
import { RequestReader } from "../../../src/protocol/http1/request-reader.ts";
import { acceptingHead, readHandshake } from "../../../src/protocol/websocket/handshake.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const GOOD = [
  "GET /chat HTTP/1.1",
  "Host: h.test",
  "Upgrade: websocket",
  "Connection: keep-alive, Upgrade",
  `Sec-WebSocket-Key: ${KEY}`,
  "Sec-WebSocket-Version: 13",
];

function requestOf(lines: readonly string[]): RequestHead {
  const heads: RequestHead[] = [];
  const ignore = (): void => {};
  const reader = new RequestReader({
    onHead: (head) => heads.push(head),
    onBody: ignore,
    onComplete: ignore,
    onNoMore: ignore,
    onCut: ignore,
    onRefused: ignore,
  });
  reader.receive(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`));
  const [head] = heads;
  if (head === undefined) throw new Error("no head");
  return head;
}

/** One line of the good handshake replaced, or left out. */
const changed = (start: string, line?: string): readonly string[] =>
  GOOD.flatMap((each) => (each.startsWith(start) ? (line === undefined ? [] : [line]) : [each]));

describe("readHandshake", () => {
  test.each([
    ["as in RFC 6455", GOOD],
    ["in other letters", changed("Upgrade", "UPGRADE: WebSocket")],
    ["among other protocols", changed("Upgrade", "Upgrade: h2c, websocket")],
  ])("takes a handshake %s", (_, lines) => {
    expect(readHandshake(requestOf(lines))).toEqual({ type: "webSocket", key: KEY });
  });

  test.each([
    ["a plain GET", GOOD.slice(0, 2), "none"],
    ["another method", changed("GET", "POST /chat HTTP/1.1"), "none"],
    ["HTTP/1.0", changed("GET", "GET /chat HTTP/1.0"), "none"],
    ["no Upgrade", changed("Upgrade"), "none"],
    ["another protocol", changed("Upgrade", "Upgrade: h2c"), "none"],
    ["Upgrade that Connection does not list", changed("Connection"), "none"],
    ["no key", changed("Sec-WebSocket-Key"), "none"],
    ["a short key", changed("Sec-WebSocket-Key", "Sec-WebSocket-Key: dGhl"), "none"],
    ["a key of 17 bytes", changed("Sec-WebSocket-Key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZSE="), "none"],
    ["two keys", [...GOOD, `Sec-WebSocket-Key: ${KEY}`], "none"],
    ["a body", [...GOOD, "Content-Length: 1"], "none"],
    ["no version", changed("Sec-WebSocket-Version"), "version"],
    ["an old version", changed("Sec-WebSocket-Version", "Sec-WebSocket-Version: 8"), "version"],
  ])("takes none with %s", (_, lines, type) => {
    expect(readHandshake(requestOf(lines)).type).toBe(type as "none");
  });
});

describe("acceptingHead", () => {
  const headFor = (...more: readonly string[]): string =>
    Buffer.from(acceptingHead(requestOf([...GOOD, ...more]), KEY)).toString();

  test("proves that the key was read (RFC 6455 section 1.3)", () => {
    expect(headFor()).toBe(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    );
  });

  test.each([
    [["Sec-WebSocket-Protocol: mqtt, chat"], "mqtt"],
    [["Sec-WebSocket-Protocol: base64", "Sec-WebSocket-Protocol: binary"], "binary"],
  ])("chooses one of the subprotocols %p", (lines, chosen) => {
    expect(headFor(...lines)).toContain(`\r\nSec-WebSocket-Protocol: ${chosen}\r\n\r\n`);
  });

  test("takes no extension", () => {
    expect(headFor("Sec-WebSocket-Extensions: permessage-deflate")).not.toContain("Extensions");
  });
});
