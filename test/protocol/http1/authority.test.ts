import { expect, test } from "bun:test";
import { isSameAuthority, parseAuthority, readAuthority } from "../../../src/protocol/http1/authority.ts";

test.each([
  ["a", "a", undefined],
  ["Example.COM", "example.com", undefined],
  ["example.com.", "example.com", undefined],
  ["example.com:", "example.com", undefined],
  ["example.com.:443", "example.com", 443],
  ["127.0.0.1:8080", "127.0.0.1", 8080],
  ["under_score.a-b", "under_score.a-b", undefined],
  ["[2001:DB8::1]", "[2001:db8::1]", undefined],
  ["[::ffff:1.2.3.4]:65535", "[::ffff:1.2.3.4]", 65535],
  ["a:00080", "a", 80],
  ["a".repeat(254), "a".repeat(254), undefined],
])("parseAuthority reads %s", (source, name, port) => {
  expect(parseAuthority(source)).toEqual({ name, port });
});

test.each(
  [
    [
      "",
      ":80",
      ".",
      "..",
      ".a",
      "a..b",
      "a b",
      " a",
      "a ",
      "a/b",
      "a?b",
      "a#b",
      "a@b",
      "a:b@c",
      "a%41",
      "a,b",
      "a;b",
      "a\\b",
      "*",
    ],
    [
      "[",
      "[]",
      "[::1",
      "::1",
      "[::1]a",
      "[::1]]",
      "[::1%25eth0]",
      "[v1.a]",
      "[g::]",
      "a:0",
      "a:65536",
      "a:-1",
      "a:1a",
      "a: 1",
    ],
    ["a:80:80", "\xe4", "a\0", `a:${"9".repeat(400)}`, "a".repeat(255), "a\n"],
  ].flat(),
)("parseAuthority refuses %j", (source) => {
  expect(parseAuthority(source)).toBeUndefined();
});

test.each([
  ["a", "A:80", 80, true],
  ["a:80", "a", 80, true],
  ["a", "a:443", 80, false],
  ["a", "b", 80, false],
  ["a:80", "a:80", undefined, true],
  ["a", "a:80", undefined, false],
] as const)("isSameAuthority of %s and %s with default port %p is %p", (a, b, port, expected) => {
  const [first, second] = [parseAuthority(a), parseAuthority(b)];
  expect(first !== undefined && second !== undefined && isSameAuthority(first, second, port)).toBe(expected);
});

test("readAuthority tells hosts apart that lie in the same place of its memory", () => {
  const hosts = Array.from({ length: 2_000 }, (_, i) => `host-${i.toString(36)}.example:${1 + i}`);
  for (const host of [...hosts, ...hosts, ...hosts.toReversed()]) {
    const octets = Buffer.from(`Host: ${host}\r\n`, "latin1");
    expect(readAuthority(octets, 6, 6 + host.length)).toEqual(parseAuthority(host));
  }
});

test.each(["", "a b", "a@b", "é"])("readAuthority refuses %p, asked once or twice", (host) => {
  const octets = Buffer.from(host, "latin1");
  for (let time = 0; time < 2; time++) expect(readAuthority(octets, 0, octets.length)).toBeUndefined();
});
