import { expect, test } from "bun:test";
import { UsageError } from "../../../src/base/errors.ts";
import { parseProxyUrl, proxyLabel } from "../../../src/protocol/outbound-proxy/proxy-url.ts";

test.each([
  ["http://proxy.example:3128", { scheme: "http", host: "proxy.example", port: 3128 }, "http://proxy.example:3128"],
  ["http://proxy.example", { scheme: "http", host: "proxy.example", port: 80 }, "http://proxy.example:80"],
  ["https://Proxy.example/", { scheme: "https", host: "proxy.example", port: 443 }, "https://proxy.example:443"],
  ["socks5://[::1]", { scheme: "socks5", host: "::1", port: 1080 }, "socks5://[::1]:1080"],
  ["proxy.example:3128", { scheme: "http", host: "proxy.example", port: 3128 }, "http://proxy.example:3128"],
  ["socks5h://10.0.0.1:9", { scheme: "socks5", host: "10.0.0.1", port: 9 }, "socks5://10.0.0.1:9"],
  [
    "http://me:p%40ss%3A@proxy:1",
    { scheme: "http", host: "proxy", port: 1, credentials: { user: "me", password: "p@ss:" } },
    "http://proxy:1",
  ],
  [
    "socks5://me@proxy",
    { scheme: "socks5", host: "proxy", port: 1080, credentials: { user: "me", password: "" } },
    "socks5://proxy:1080",
  ],
] as const)("parseProxyUrl reads %s, and proxyLabel shows no credentials", (text, expected, label) => {
  const proxy = parseProxyUrl(text);
  expect(proxy).toEqual(expected);
  expect(proxyLabel(proxy)).toBe(label);
});

test.each([
  ["", "it is not a URL"],
  ["://proxy.example", "it is not a URL"],
  ["ftp://me:secret@proxy", 'the scheme "ftp" is not known'],
  ["socks4://me:secret@proxy", 'the scheme "socks4" is not known'],
  ["http://me:secret@proxy:99999", "it is not a URL"],
  ["http://me:secret@proxy/path", "something follows the port"],
  ["http://me:secret@proxy?q", "something follows the port"],
  ["http://m%3Ae:secret@proxy", "the user name holds a colon"],
  ["http://me:secret%zz@proxy", "a percent sign"],
  ["socks5://:secret@proxy", "the user name is empty"],
  [`socks5://me:secret${"x".repeat(255)}@proxy`, "longer than 255 bytes"],
])("parseProxyUrl refuses %s, says how to write it and hides the password", (text, reason) => {
  const failure = failureOf(() => parseProxyUrl(text));
  expect(failure).toBeInstanceOf(UsageError);
  expect(failure.message).toStartWith("expected a proxy URL such as http://host:3128");
  expect(failure.message).toContain(reason);
  expect(failure.message).not.toContain("secret");
});

function failureOf(run: () => unknown): Error {
  try {
    run();
  } catch (cause) {
    if (cause instanceof Error) return cause;
  }
  throw new Error("nothing was thrown");
}
