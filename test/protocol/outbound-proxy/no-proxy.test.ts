import { expect, test } from "bun:test";
import { UsageError } from "../../../src/base/errors.ts";
import { environmentProxy } from "../../../src/protocol/outbound-proxy/environment-proxy.ts";
import { isLoopbackTarget, NoProxyList } from "../../../src/protocol/outbound-proxy/no-proxy.ts";

const CASES: readonly (readonly [string, string, boolean])[] = [
  ["", "a.example:443", false],
  [" , ,", "a.example:443", false],
  ["*", "a.example:443", true],
  ["b.example, *", "a.example:443", true],
  ["localhost, example.com:443", "example.com:443", true],
  ["localhost example.com", "example.com:443", true],
  ["ample.com", "example.com:443", false],
  ["example.com", "example.com:443", true],
  ["example.com", "EXAMPLE.com.:443", true],
  ["Example.COM", "a.example.com:443", true],
  ["example.com", "notexample.com:443", false],
  [".example.com", "example.com:443", false],
  [".example.com", "a.example.com:443", true],
  ["*.example.com", "example.com:443", false],
  ["*.example.com", "a.b.example.com:443", true],
  ["example.com:443", "example.com:443", true],
  ["example.com:443", "example.com:80", false],
  [".example.com:80", "a.example.com:80", true],
  ["10.0.0.1", "10.0.0.1:443", true],
  ["10.0.0.1", "10.0.0.2:443", false],
  ["10.0.0.1:80", "10.0.0.1:443", false],
  ["10.0.0.1:80", "10.0.0.1:80", true],
  ["10.0.0.0/8", "10.200.0.2:443", true],
  ["10.0.0.0/8", "11.0.0.1:443", false],
  ["10.0.0.0/8", "10.example:443", false],
  ["10.0.0.0/8", "::ffff:10.0.0.1:443", true],
  ["2001:db8::/32", "2001:db8::9:443", true],
  ["2001:db8::/32", "10.0.0.1:443", false],
  ["2001:DB8:0::1", "2001:db8::1:443", true],
  ["[2001:db8::1]:443", "2001:db8::1:443", true],
  ["[2001:db8::1]:443", "2001:db8::1:80", false],
  ["[2001:db8::1]", "2001:db8::1:80", true],
  [":443", "a.example:443", false],
  [".", "a.example:443", false],
  ["10.0.0.0/99", "10.0.0.1:443", false],
];

function target(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(":");
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}

test.each(CASES)("NoProxyList %j for %s: %p", (list, destination, expected) => {
  expect(new NoProxyList(list).matches(target(destination))).toBe(expected);
});

test.each([
  ["localhost:1", true],
  ["LocalHost.:1", true],
  ["127.9.9.9:1", true],
  ["::1:1", true],
  ["::ffff:127.0.0.1:1", true],
  ["a.localhost:1", false],
  ["10.0.0.1:1", false],
])("isLoopbackTarget says of %s: %p", (destination, expected) => {
  expect(isLoopbackTarget(target(destination))).toBe(expected);
});

const EDGE = { host: "edge.example", port: 443 };
test.each([
  ["nothing", {}, EDGE, undefined],
  ["nothing out of an empty variable", { http_proxy: "" }, EDGE, undefined],
  ["http_proxy", { http_proxy: "http://a:1" }, EDGE, "a"],
  ["http_proxy before all_proxy", { http_proxy: "http://a:1", ALL_PROXY: "socks5://b:1" }, EDGE, "a"],
  ["socks5h", { all_proxy: "socks5h://b:1" }, EDGE, "b"],
  ["ALL_PROXY", { ALL_PROXY: "socks5://b:1" }, EDGE, "b"],
  ["an address without a scheme", { HTTPS_PROXY: "c:3128" }, EDGE, "c"],
  [
    "the variable for https before the others",
    { ALL_PROXY: "http://a:1", http_proxy: "http://b:1", https_proxy: "http://c:1" },
    EDGE,
    "c",
  ],
  ["capitals before lower case", { HTTPS_PROXY: "http://a:1", https_proxy: "http://b:1" }, EDGE, "a"],
  ["the next one for an empty one", { HTTPS_PROXY: "", http_proxy: "http://b:1" }, EDGE, "b"],
  ["no proxy for an excluded edge", { HTTPS_PROXY: "http://a:1", NO_PROXY: "example" }, EDGE, undefined],
  ["no proxy for this machine", { HTTPS_PROXY: "http://a:1" }, { host: "127.0.0.1", port: 443 }, undefined],
])("environmentProxy takes %s", (_, environment, edge, host) => {
  expect(environmentProxy(environment, edge)?.host).toBe(host);
});

test("environmentProxy names the variable that is wrong", () => {
  expect(() => environmentProxy({ https_proxy: "ftp://a" }, EDGE)).toThrow(UsageError);
  expect(() => environmentProxy({ https_proxy: "ftp://a" }, EDGE)).toThrow(
    "environment variable https_proxy: expected a proxy URL",
  );
});
