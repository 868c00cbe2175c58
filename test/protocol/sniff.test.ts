import { expect, test } from "bun:test";
import { sniff, type Sniffed } from "../../src/protocol/sniff.ts";

const CASES: readonly (readonly [string, string, Sniffed])[] = [
  ["nothing yet", "", "more"],
  ["one byte of a TLS handshake", "\x16", "more"],
  ["a TLS handshake", "\x16\x03", "tls"],
  ["a TLS handshake of SSL 3 form", "\x16\x03\x00", "tls"],
  ["a handshake byte that no TLS version follows", "\x16\x02\x00", "unknown"],
  ["a TLS alert", "\x15\x03\x01", "unknown"],
  ["the first frame of an agent", "\x00\x00\x04\x12", "mux"],
  ["one byte of an agent", "\x00", "mux"],
  ["a request", "GET / HTTP/1.1\r\n", "http1"],
  ["one letter of a method", "P", "http1"],
  ["an empty line before a request", "\r\nGET /", "http1"],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n", "http1"],
  ["an SSH greeting, which deserves the answer 400", "SSH-2.0-OpenSSH_9.2", "http1"],
  ["an SSLv2 hello", "\x80\x2e\x01", "unknown"],
  ["a space", " GET", "unknown"],
  ["the signature of PROXY protocol version 2 reads as an empty line", "\r\n\r\n\0\r\nQUIT\n", "http1"],
];

test.each(CASES)("sniff knows %s", (_, start, expected) => {
  expect(sniff(Buffer.from(start, "latin1"))).toBe(expected);
});

test("sniff never takes back an answer when more bytes come", () => {
  for (const [, start] of CASES) {
    const bytes = Buffer.from(start, "latin1");
    const answers = Array.from({ length: bytes.length + 1 }, (_, end) => sniff(bytes.subarray(0, end)));
    const decided = answers.filter((answer) => answer !== "more");
    expect(new Set(decided).size).toBeLessThanOrEqual(1);
  }
});
