import { expect, test } from "bun:test";
import { formatEndpointAddress, parseEndpointAddress } from "../../src/model/endpoint-address.ts";

test.each([
  ["App.example.com", { kind: "named", scheme: "https", host: "app.example.com" }, "https://app.example.com"],
  ["https://a.example.com:443/", { kind: "named", scheme: "https", host: "a.example.com" }, "https://a.example.com"],
  [
    "https://a.example.com:8443",
    { kind: "named", scheme: "https", host: "a.example.com", port: 8443 },
    "https://a.example.com",
  ],
  ["http://*.example.com", { kind: "named", scheme: "http", host: "*.example.com" }, "http://*.example.com"],
  ["tcp://E.test:20001", { kind: "tcp", scheme: "tcp", host: "e.test", port: 20_001 }, "tcp://e.test:20001"],
  [
    "http://api.internal:81",
    { kind: "internal", scheme: "http", host: "api.internal", port: 81 },
    "http://api.internal:81",
  ],
  ["api.internal:443", { kind: "internal", scheme: "https", host: "api.internal", port: 443 }, "https://api.internal"],
  ["tcp://db.internal:1", { kind: "internal", scheme: "tcp", host: "db.internal", port: 1 }, "tcp://db.internal:1"],
] as const)("parseEndpointAddress reads %s", (text, address, formatted) => {
  expect(parseEndpointAddress(text)).toEqual(address);
  expect(formatEndpointAddress(address)).toBe(formatted);
});

test.each([
  ["", "no host"],
  ["https://", "no host"],
  ["tcp://", "no host"],
  ["tcp://:1", "no host"],
  ["https://a.example.com:0", "1 to 65535"],
  ["ftp://a.example.com", "scheme must be"],
])("parseEndpointAddress refuses %p", (text, reason) => {
  expect(() => parseEndpointAddress(text)).toThrow(reason);
});
