import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, property } from "fast-check";
import { forwardedRequest } from "../../../src/edge/visitors/forwarded-heads.ts";
import { removeForeignOptions } from "../../../src/protocol/http1/foreign-options.ts";
import { HeadEdits } from "../../../src/protocol/http1/head-edits.ts";
import { requestHead } from "../../support/http-heads.ts";

const LINE = "GET /x HTTP/1.1";
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const forwarded = (fields: readonly string[], address = "192.0.2.7:5000", edits?: HeadEdits): string =>
  text(forwardedRequest(requestHead(LINE, ...fields), { address, scheme: "https" }, edits));

describe("forwardedRequest", () => {
  test.each([
    ["192.0.2.7:5000", "192.0.2.7"],
    ["[2001:db8::1]:5000", "2001:db8::1"],
  ])("tells what is at %s in lines of its own, behind all others", (address, ip) => {
    expect(forwarded(["hOST:  app.test:81 ", "X-A: \xff"], address)).toBe(
      `${LINE}\r\nhOST:  app.test:81 \r\nX-A: \xff\r\nX-Forwarded-For: ${ip}\r\nX-Forwarded-Proto: https\r\n` +
        "X-Forwarded-Host: app.test:81\r\n\r\n",
    );
  });

  test("leaves the head that it was given as it is", () => {
    const head = requestHead(LINE);
    forwardedRequest(head, { address: "192.0.2.7:5000", scheme: "http" });
    expect(text(head.raw)).toBe(`${LINE}\r\nHost: app.test\r\n\r\n`);
  });

  test.each([
    ["X-Forwarded-For", []],
    ["close, X-Forwarded-For", ["Connection: close"]],
    ["Keep-Alive,Host, Upgrade ,Cookie,te", ["Connection: Keep-Alive, Upgrade, te"]],
    ["Content-Length, HTTP2-Settings", []],
    ['constructor, "close", close;q=1', []],
    [" close ,,", ["Connection:  close ,,"]],
    ["", ["Connection: "]],
  ])("leaves of Connection: %s what names no field, with edits and without", (value, left) => {
    const fields = ["Cookie: a", `Connection: ${value}`, "X-Forwarded-Host: b"];
    for (const edits of [undefined, new HeadEdits()]) {
      const lines = forwarded(fields, "192.0.2.7:1", edits).split("\r\n");
      expect(lines.filter((line) => line.startsWith("Connection"))).toEqual(left);
      expect(lines).toContain("Cookie: a");
      expect(lines).toContain("X-Forwarded-For: 192.0.2.7");
    }
  });

  test("takes foreign options from all lines of Connection", () => {
    const fields = [
      "Connection: X-Forwarded-For",
      "X-A: 1",
      "connection: Upgrade, X-Forwarded-Host",
      "Upgrade: websocket",
    ];
    expect(forwarded(fields)).toStartWith(
      `${LINE}\r\nHost: app.test\r\nConnection: Upgrade\r\nX-A: 1\r\nUpgrade: websocket\r\nX-Forwarded-For: `,
    );
  });

  const LINES = [
    "X-Forwarded-For: 198.51.100.1",
    "x-forwarded-for:",
    "X-FORWARDED-PROTO: http, https",
    "X-Forwarded-Host: other.test",
    "X-Forwarded-Hostess: no",
    "Forwarded: for=1.2.3.4",
    "Accept: */*",
    "Connection: keep-alive",
    "Connection: Keep-Alive, X-Forwarded-For,Host",
    "connection: Cookie, \tclose , te",
    "CONNECTION: x-forwarded-proto",
    "Connection:",
  ];

  test("does to any head what edits of its fields do", () => {
    const hosts = constantFrom("Host: app.test", "host:app.test:8080 ", "HOST: [::1]:80");
    assert(
      property(array(constantFrom(...LINES), { maxLength: 6 }), hosts, (lines, host) => {
        const head = requestHead(LINE, ...lines, host);
        const edits = new HeadEdits().append("X-Forwarded-For", "192.0.2.7").append("X-Forwarded-Proto", "https");
        removeForeignOptions(head, edits);
        if (head.get("x-forwarded-host") === undefined) edits.set("X-Forwarded-Host", head.get("host") ?? "");
        expect(forwarded([...lines, host])).toBe(text(edits.applyTo(head)));
        expect(forwarded([...lines, host], "192.0.2.7:1", new HeadEdits())).toBe(text(edits.applyTo(head)));
      }),
    );
  });
});
