import { describe, expect, test } from "bun:test";
import {
  publicOrigin,
  rewriteRequest,
  rewriteResponse,
  rewrittenHost,
} from "../../../src/agent/forwarder/host-rewrite.ts";
import { UsageError } from "../../../src/base/errors.ts";
import type { HostHeaderRule } from "../../../src/model/tunnel-definition.ts";
import { requestHead, responseHead, text } from "../../support/http-transcript.ts";
import { httpTunnel } from "../../support/tunnel-definitions.ts";

const REWRITE: HostHeaderRule = { kind: "rewrite" };

describe("rewrittenHost", () => {
  test.each<[string, string, HostHeaderRule, string | undefined]>([
    ["keeps the visitor's", "http://localhost:8080", { kind: "preserve" }, undefined],
    ["is the upstream's with its port", "http://localhost:8080", REWRITE, "localhost:8080"],
    ["leaves out port 80 of http", "http://app.test:80", REWRITE, "app.test"],
    ["leaves out port 443 of https", "https://app.test:443", REWRITE, "app.test"],
    ["keeps port 443 of http", "http://app.test:443", REWRITE, "app.test:443"],
    ["puts IPv6 into brackets", "http://[::1]:8080", REWRITE, "[::1]:8080"],
    ["is localhost for a folder", "file:///srv", REWRITE, "localhost"],
    ["is localhost for a socket file", "unix:/run/app.sock", REWRITE, "localhost"],
    ["is the value given", "http://localhost:8080", { kind: "value", value: "other.test:81" }, "other.test:81"],
  ])("rewrittenHost %s", (_, upstream, hostHeader, host) => {
    expect(rewrittenHost(httpTunnel({ upstream, hostHeader }))).toBe(host);
  });

  test.each(["a\r\nX-Evil: 1", "a b", "ü.test", ""])("rewrittenHost refuses the value %j", (value) => {
    const tunnel = httpTunnel({ name: "shop", hostHeader: { kind: "value", value } });
    expect(() => rewrittenHost(tunnel)).toThrow(UsageError);
    expect(() => rewrittenHost(tunnel)).toThrow(/tunnel "shop"/);
  });
});

describe("rewriteRequest", () => {
  const rewrite = { host: "app.test:81", publicScheme: "https" } as const;

  test.each([
    [
      "puts the host in place of the visitor's",
      "GET /a HTTP/1.1\r\nAccept: x\r\nhOST:  public.test\r\n\r\n",
      "GET /a HTTP/1.1\r\nAccept: x\r\nhOST:  app.test:81\r\nX-Original-Host: public.test\r\n\r\n",
    ],
    [
      "does not believe the visitor's X-Original-Host",
      "GET / HTTP/1.1\r\nHost: public.test\r\nX-Original-Host: liar\r\nx-original-host: liar\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: app.test:81\r\nX-Original-Host: public.test\r\n\r\n",
    ],
    [
      "takes the authority out of the target",
      "GET http://public.test/a?b HTTP/1.1\r\nHost: public.test\r\n\r\n",
      "GET /a?b HTTP/1.1\r\nHost: app.test:81\r\nX-Original-Host: public.test\r\n\r\n",
    ],
    [
      "lets no option of Connection take away what it adds",
      "GET / HTTP/1.1\r\nHost: public.test\r\nConnection: close, X-Original-Host, Host\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: app.test:81\r\nConnection: close\r\nX-Original-Host: public.test\r\n\r\n",
    ],
  ])("rewriteRequest %s", (_, before, after) => {
    expect(text(rewriteRequest(requestHead(before), rewrite))).toBe(after);
  });

  test("publicOrigin keeps the port that the visitor used", () => {
    const head = requestHead("GET / HTTP/1.1\r\nHost: public.test:4443\r\n\r\n");
    expect(publicOrigin(head, rewrite)).toBe("https://public.test:4443");
  });
});

describe("rewriteResponse", () => {
  test.each([
    ["http://app.test:81/next?q#f", "app.test:81", "https://public.test/next?q#f"],
    ["http://APP.test:81", "app.test:81", "https://public.test"],
    ["//app.test:81/x", "app.test:81", "https://public.test/x"],
    ["http://app.test/x", "app.test", "https://public.test/x"],
    ["https://app.test:443/x", "app.test", "https://public.test/x"],
    ["http://app.test:80/x", "app.test", "https://public.test/x"],
    ["http://[::1]:81/x", "[::1]:81", "https://public.test/x"],
    ["http://app.test/x", "app.test:81", "http://app.test/x"],
    ["http://app.test.evil.test:81/", "app.test:81", "http://app.test.evil.test:81/"],
    ["http://app.test:81@evil.test/", "app.test:81", "http://app.test:81@evil.test/"],
    ["https://elsewhere.test/app.test:81", "app.test:81", "https://elsewhere.test/app.test:81"],
    ["/next", "app.test:81", "/next"],
  ])("rewriteResponse turns the Location %s of %s into %s", (before, host, after) => {
    const head = responseHead(`HTTP/1.1 302 Found\r\nLocation: ${before}\r\nA: b\r\n\r\n`);
    const written = rewriteResponse(head, { host, publicScheme: "https" }, "https://public.test");
    expect(text(written)).toBe(`HTTP/1.1 302 Found\r\nLocation: ${after}\r\nA: b\r\n\r\n`);
  });
});
