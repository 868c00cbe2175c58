import { describe, expect, test } from "bun:test";
import { PublicError } from "../../../src/base/errors.ts";
import { wantedAddress, wantedHost, wantedPort } from "../../../src/edge/binding/address-wish.ts";

const NONE = { url: "", hostname: "", domain: "", subdomain: "" };

function codeOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof PublicError) return error.code;
    throw error;
  }
}

describe("wantedHost", () => {
  test.each([
    ["nothing", {}, undefined],
    ["a scheme alone", { url: "https://" }, undefined],
    ["a URL", { url: "https://App.Example.com" }, "app.example.com"],
    ["a URL with port and slash", { url: "https://app.example.com:443/" }, "app.example.com"],
    ["a name in place of a URL", { url: "app.example.com" }, "app.example.com"],
    ["a domain", { domain: "a.test" }, "a.test"],
    ["a subdomain", { subdomain: "app" }, "app.edge.test"],
    ["the host name of our reply before the wish", { hostname: "given.test", domain: "a.test" }, "given.test"],
    ["the URL before all others", { url: "https://u.test", hostname: "h.test", domain: "d.test" }, "u.test"],
    ["a domain before a subdomain", { domain: "d.test", subdomain: "s" }, "d.test"],
    ["a wildcard", { domain: "*.a.test" }, "*.a.test"],
    ["a path", { url: "https://a.test/x" }, "ERR_NGROK_326"],
    ["a user", { url: "https://u@a.test" }, "ERR_NGROK_326"],
    ["a line break", { domain: "a.test\r\nX: y" }, "ERR_NGROK_326"],
    ["a name of objects' own", { domain: "__proto__" }, "ERR_NGROK_355"],
    ["another name of objects' own", { domain: "constructor" }, "constructor"],
    ["a dot at the end", { domain: "a.test." }, "ERR_NGROK_329"],
  ])("reads %s", (_, fields, expected) => {
    expect(codeOf(() => wantedHost({ ...NONE, ...fields }, "edge.test"))).toBe(expected);
  });
});

describe("wantedPort", () => {
  test.each([
    ["", undefined],
    ["https://", undefined],
    ["https://a.test", undefined],
    ["https://a.test:", undefined],
    ["https://a.test:8443/", 8443],
    ["a.test:443", 443],
    ["https://*.a.test:99999", 99_999],
  ])("reads %p", (url, expected) => {
    expect(wantedPort(url)).toBe(expected);
  });
});

describe("wantedAddress", () => {
  test.each([
    ["nothing", "", "", undefined],
    ["a scheme alone", "tcp://", "", undefined],
    ["an address", "", "edge.test:20001", { host: "edge.test", port: 20_001 }],
    ["a port alone", "", ":20001", { host: "", port: 20_001 }],
    ["a URL before an address", "tcp://edge.test:20002", "edge.test:20001", { host: "edge.test", port: 20_002 }],
    ["no port", "", "edge.test", "ERR_NGROK_307"],
    ["port 0", "", "edge.test:0", "ERR_NGROK_307"],
    ["a port that is none", "", "edge.test:65536", "ERR_NGROK_307"],
  ])("reads %s", (_, url, address, expected) => {
    expect(codeOf(() => wantedAddress({ url, address }, "20000-20009"))).toEqual(expected);
  });
});
