import { expect, test } from "bun:test";
import { proxyFor, proxyOfEnvironment } from "../../src/config/outbound-proxy.ts";

test.each([
  [{}, undefined],
  [{ http_proxy: "" }, undefined],
  [{ http_proxy: "http://a:1" }, "a:1"],
  [{ HTTP_PROXY: "http://a:1" }, "a:1"],
  [{ http_proxy: "a:1" }, "a:1"],
  [{ http_proxy: "http://a:1", https_proxy: "http://b:2" }, "b:2"],
  [{ http_proxy: "http://a:1", ALL_PROXY: "socks5://c:3" }, "a:1"],
  [{ all_proxy: "socks5h://c:3" }, "c:3"],
  [{ HTTPS_PROXY: "http://upper:1", https_proxy: "http://lower:2" }, "lower:2"],
] as const)("proxyOfEnvironment(%j) is at %p", (environment, host) => {
  expect(proxyOfEnvironment(environment).url?.host).toBe(host as string);
});

test.each([
  ["", "edge.example.org", true],
  ["*", "edge.example.org", false],
  ["edge.example.org", "Edge.Example.org", false],
  ["example.org", "edge.example.org", false],
  [".example.org", "edge.example.org", false],
  ["*.example.org", "edge.example.org", false],
  ["localhost, edge.example.org:443", "edge.example.org", false],
  ["ample.org", "edge.example.org", true],
  ["10.0.0.1", "10.0.0.1", false],
  ["::1", "::1", false],
] as const)("proxyFor with NO_PROXY %p sends %s through the proxy: %p", (exceptions, host, isProxied) => {
  const proxy = proxyOfEnvironment({ http_proxy: "http://a:1", no_proxy: exceptions });
  expect(proxyFor(proxy, host) !== undefined).toBe(isProxied);
});
