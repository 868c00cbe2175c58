import { expect, test } from "bun:test";
import { formatHostPort, parseHostPort, parsePort } from "../../src/base/host-port.ts";

test.each([
  ["example.org:443", "example.org", 443],
  ["Example.ORG:443", "example.org", 443],
  ["127.0.0.1:80", "127.0.0.1", 80],
  ["[::1]:22", "::1", 22],
  ["[fe80::1%eth0]:22", "fe80::1%eth0", 22],
  ["my_service:8080", "my_service", 8080],
  [":80", "", 80],
] as const)("parseHostPort splits %s", (text, host, port) => {
  expect(parseHostPort(text)).toEqual({ host, port });
});

test.each(["", "example.org", "a:b", "::1", "[::1", "[x]:1", "a:0", "a:65536", "a b:1", "a:1:2", "[]:1", "a\n:1"])(
  "parseHostPort refuses %p without a default port",
  (text) => {
    expect(parseHostPort(text)).toBeUndefined();
  },
);

test("parseHostPort takes the default port for a host alone, and for nothing else", () => {
  expect(parseHostPort("example.org", 443)).toEqual({ host: "example.org", port: 443 });
  expect(parseHostPort("[::1]", 443)).toEqual({ host: "::1", port: 443 });
  expect(parseHostPort("", 443)).toBeUndefined();
  expect(parseHostPort("example.org:", 443)).toBeUndefined();
});

test("formatHostPort puts IPv6 into brackets", () => {
  expect(formatHostPort({ host: "::1", port: 22 })).toBe("[::1]:22");
  expect(formatHostPort({ host: "localhost", port: 80 })).toBe("localhost:80");
});

test.each([
  ["1", 1],
  ["65535", 65_535],
  ["0", undefined],
  ["65536", undefined],
  ["080", 80],
  ["+1", undefined],
  ["", undefined],
] as const)("parsePort of %p is %p", (text, port) => {
  expect(parsePort(text)).toBe(port);
});
