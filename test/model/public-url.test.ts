import { expect, test } from "bun:test";
import { parsePublicUrl, parseRemoteAddress, parseSubdomain } from "../../src/model/public-url.ts";

const RANDOM = { kind: "random" } as const;
const APP = { kind: "host", host: "app.example.com" } as const;
const ADDRESS = { host: "1.tcp.example.com", port: 20_022 };

test.each([
  ["", undefined, { scheme: "https", host: RANDOM }],
  ["https://", undefined, { scheme: "https", host: RANDOM }],
  ["http://", undefined, { scheme: "http", host: RANDOM }],
  ["tls://", undefined, { scheme: "tls", host: RANDOM }],
  ["tcp://", undefined, { scheme: "tcp", address: undefined }],
  ["", "tls", { scheme: "tls", host: RANDOM }],
  ["", "tcp", { scheme: "tcp", address: undefined }],
  ["app.example.com", undefined, { scheme: "https", host: APP }],
  ["App.Example.com", "http", { scheme: "https", host: APP }],
  ["app.example.com", "tls", { scheme: "tls", host: APP }],
  ["app.example.com:443", "http", { scheme: "https", host: APP }],
  ["http://app.example.com:80", "http", { scheme: "http", host: APP }],
  ["https://app.example.com:8443", "http", { scheme: "https", host: { ...APP, port: 8443 } }],
  ["http://app.example.com:443", "http", { scheme: "http", host: { ...APP, port: 443 } }],
  ["tls://app.example.com:65535", "tls", { scheme: "tls", host: { ...APP, port: 65_535 } }],
  ["https://app.example.com/", "http", { scheme: "https", host: APP }],
  ["tls://*.example.com:443", "tls", { scheme: "tls", host: { kind: "host", host: "*.example.com" } }],
  ["https://api.Internal", "http", { scheme: "https", host: { kind: "host", host: "api.internal" } }],
  ["http://api.internal:8080", "http", { scheme: "http", host: { kind: "host", host: "api.internal", port: 8080 } }],
  ["tcp://db.internal:5432", "tcp", { scheme: "tcp", address: { host: "db.internal", port: 5432 } }],
  ["1.tcp.example.com:20022", "tcp", { scheme: "tcp", address: ADDRESS }],
  ["tcp://1.tcp.example.com:20022", undefined, { scheme: "tcp", address: ADDRESS }],
] as const)("parsePublicUrl reads %p for %p", (text, proto, wish) => {
  expect(parsePublicUrl(text, proto)).toEqual(wish);
});

test.each([
  ["https://app.example.com:0", "http", "1 to 65535"],
  ["https://app.example.com:65536", "http", "1 to 65535"],
  ["https://app.example.com:", "http", "1 to 65535"],
  ["https://:8443", "http", "no host name"],
  ["https://app.example.com/path", "http", "may not have a path"],
  ["https://u:p@app.example.com", "http", "credentials"],
  ["tls://app.example.com", "http", "must be http:// or https://"],
  ["https://app.example.com", "tcp", "must be tcp://"],
  ["tcp://a.b.c.d.e.f.internal:1", "tcp", "at most 5 labels"],
  ["https://internal", "http", "end in .internal"],
  ["https://a.internal:x", "http", "1 to 65535"],
  ["udp://app.example.com", undefined, "scheme must be"],
  ["tcp://1.tcp.example.com", undefined, "host:port"],
  ["https://:443", "http", "no host name"],
  ["https://my_app.example.com", "http", "underscores"],
] as const)("parsePublicUrl refuses %p for %p: %s", (text, proto, reason) => {
  const complaint = reason === "underscores" ? 'Invalid "_"' : reason;
  expect(() => parsePublicUrl(text, proto)).toThrow(complaint);
});

test.each([
  ["1.tcp.example.com:20022", ADDRESS],
  ["20022", { host: "", port: 20_022 }],
  [":20022", { host: "", port: 20_022 }],
] as const)("parseRemoteAddress reads %s", (text, address) => {
  expect(parseRemoteAddress(text)).toEqual(address);
});

test.each(["", "host", "0", "host:0", "tcp://host:1"])("parseRemoteAddress refuses %p", (text) => {
  expect(() => parseRemoteAddress(text)).toThrow("host:port");
});

test.each([
  ["App", "app"],
  ["a.b", "a.b"],
  ["*", "*"],
  ["*.app", "*.app"],
] as const)("parseSubdomain reads %s", (text, label) => {
  expect(parseSubdomain(text)).toEqual({ kind: "subdomain", label });
});

test("parseSubdomain refuses what no name may hold", () => {
  expect(() => parseSubdomain("my_app")).toThrow('Invalid "_" in the domain name "my_app".');
  expect(() => parseSubdomain("app.")).toThrow("the domain name app. has an invalid last character");
});
