import { describe, expect, test } from "bun:test";
import { ProtocolError } from "../../../src/base/errors.ts";
import { BIND } from "../../../src/protocol/rpc/bind.ts";
import { decodeReply } from "../../../src/protocol/rpc/rpc-call.ts";

function reply(url: unknown): Uint8Array {
  return Buffer.from(JSON.stringify({ Id: "b", URL: url, Proto: "https", Opts: {}, Extra: {} }));
}

describe("decodeReply of Bind", () => {
  test.each([
    "https://a.edge.test",
    "http://a.edge.test:8080",
    "tcp://edge.test:20001",
    "tls://a.edge.test",
    "https://a.internal",
    "https://xn--bcher-kva.test",
  ])("takes the URL %p", (url) => {
    expect(decodeReply(BIND, reply(url)).url).toBe(url);
  });

  test.each([
    ["none", undefined],
    ["an empty one", ""],
    ["a number", 1],
    ["a scheme that browsers obey", "javascript:alert(1)"],
    ["a file", "file:///etc/passwd"],
    ["no host", "https://"],
    ["a port that is none", "tcp://edge.test:99999"],
    ["half an address", "https://[::1"],
    ["a space", "https://a b"],
    ["an escape", "https://a.test/\u001b[2J"],
    ["a turn of direction", "https://a.test/\u202e"],
    ["more than any name has", `https://${"a".repeat(2_000)}.test`],
  ])("refuses %s in its place", (_, url) => {
    expect(() => decodeReply(BIND, reply(url))).toThrow(ProtocolError);
    expect(() => decodeReply(BIND, reply(url))).toThrow("url");
  });
});
