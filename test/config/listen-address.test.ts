import { expect, test } from "bun:test";
import { UsageError } from "../../src/base/errors.ts";
import { excludeEachOther, type ListenAddress, parseListenAddress } from "../../src/config/listen-address.ts";

test.each([
  [":80", { host: "", port: 80 }],
  ["80", { host: "", port: 80 }],
  ["127.0.0.1:8080", { host: "127.0.0.1", port: 8080 }],
  ["[::]:443", { host: "::", port: 443 }],
  ["localhost:0", { host: "localhost", port: 0 }],
  [":0", { host: "", port: 0 }],
  ["0", { host: "", port: 0 }],
  ["off", undefined],
  ["false", undefined],
] as const)("parseListenAddress reads %s", (text, address) => {
  expect(parseListenAddress(text)).toEqual(address);
});

test("parseListenAddress puts a port alone on the default host", () => {
  expect(parseListenAddress("4040", "127.0.0.1")).toEqual({ host: "127.0.0.1", port: 4040 });
  expect(parseListenAddress(":4040", "127.0.0.1")).toEqual({ host: "", port: 4040 });
});

test.each(["", "on", "host", "a:b", "::1:80", ":65536", "http://a:80", "a b:0"])(
  "parseListenAddress refuses %p",
  (text) => {
    expect(() => parseListenAddress(text)).toThrow(UsageError);
  },
);

function addressOf(text: string): ListenAddress {
  return parseListenAddress(text) ?? { host: "off", port: 0 };
}

test.each([
  [":443", "443"],
  [":443", "0.0.0.0:443"],
  [":443", "[::]:443"],
  [":443", "[::1]:443"],
  [":443", "192.0.2.1:443"],
  [":443", "edge.example.org:443"],
  ["[::]:443", "0.0.0.0:443"],
  ["0.0.0.0:443", "127.0.0.1:443"],
  ["0.0.0.0:443", "edge.example.org:443"],
  ["localhost:443", "0.0.0.0:443"],
  ["localhost:443", "[::]:443"],
  ["LocalHost:443", "127.0.0.1:443"],
  ["[::1]:443", "[0:0::1]:443"],
  ["[::ffff:192.0.2.1]:443", "192.0.2.1:443"],
  ["edge.example.org:443", "Edge.example.org:443"],
  ["[fe80::1%eth0]:443", "[fe80:0::1%eth0]:443"],
])("excludeEachOther knows that %s leaves no room for %s", (one, other) => {
  expect(excludeEachOther(addressOf(one), addressOf(other))).toBe(true);
  expect(excludeEachOther(addressOf(other), addressOf(one))).toBe(true);
});

test.each([
  [":443", ":80"],
  [":0", ":0"],
  ["0.0.0.0:443", "[::1]:443"],
  ["127.0.0.1:443", "[::1]:443"],
  ["localhost:443", "[::1]:443"],
  ["127.0.0.1:443", "127.0.0.2:443"],
  ["192.0.2.1:443", "edge.example.org:443"],
  ["[fe80::1%eth0]:443", "[fe80::1%eth1]:443"],
])("excludeEachOther lets %s stand beside %s", (one, other) => {
  expect(excludeEachOther(addressOf(one), addressOf(other))).toBe(false);
  expect(excludeEachOther(addressOf(other), addressOf(one))).toBe(false);
});
