import { expect, test } from "bun:test";
import { UsageError } from "../../src/base/errors.ts";
import { parseListenAddress } from "../../src/config/listen-address.ts";

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
