import { expect, test } from "bun:test";
import { base64Text } from "../../../../../src/agent/inspector/body/base64-bytes.ts";
import type { DecodedBody, ExchangeDetail } from "../../../../../src/agent/inspector/client/data/exchange.ts";
import {
  type Draft,
  orderOf,
  originalOf,
  type Original,
} from "../../../../../src/agent/inspector/client/replay/replay-draft.ts";
import { exchangeSummary } from "../../../../support/exchange-summary.ts";

const HEAD = "POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nX-Twice: 1\r\nX-Twice: 2\r\n\r\n";

function original(body: string | Uint8Array = "hello", changes: Partial<DecodedBody> = {}): Original {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const { request, ...rest } = exchangeSummary("airt_1");
  const exchange: ExchangeDetail = {
    ...rest,
    request: { ...request, method: "POST", uri: "/hook", headers: {}, trailers: {}, raw: base64Of(HEAD) },
    response: null,
  };
  return originalOf(exchange, {
    content_type: "text/plain",
    content_encoding: [],
    bytes: bytes.length,
    truncated: false,
    error: null,
    data: base64Text(bytes),
    ...changes,
  });
}

function base64Of(text: string): string {
  return base64Text(new TextEncoder().encode(text));
}

test("originalOf offers everything but the length, which is counted anew", () => {
  const { draft } = original();
  expect(draft).toEqual({
    tunnel: "web",
    times: 1,
    method: "POST",
    path: "/hook",
    headers: [
      ["Host", "x"],
      ["X-Twice", "1"],
      ["X-Twice", "2"],
    ],
    trailers: [],
    body: "hello",
  });
});

test.each<readonly [string, Original]>([
  ["no text", original(Uint8Array.of(0xff, 0xfe))],
  ["text with a zero byte", original("a\0b")],
  ["cut", original("hello", { truncated: true })],
  ["not decoded", original("hello", { error: "unknown content coding" })],
  ["empty", original("")],
])("originalOf leaves the bytes alone when the body is %s", (_, { draft }) => {
  expect(draft.body).toBeUndefined();
});

test("orderOf names nothing that was left alone", () => {
  const before = original();
  expect(orderOf(before, before.draft)).toEqual({ id: "airt_1", tunnel_name: "web", times: 1 });
});

test.each<readonly [string, Partial<Draft>, object]>([
  ["a method", { method: "PUT" }, { method: "PUT" }],
  ["a path", { path: "/other" }, { path: "/other" }],
  ["how often", { times: 3 }, { times: 3 }],
  ["another tunnel", { tunnel: "shop" }, { tunnel_name: "shop" }],
  [
    "headers, without rows that have no name",
    {
      headers: [
        ["A", "1"],
        [" ", "2"],
      ],
    },
    { headers: [["A", "1"]] },
  ],
  ["trailers", { trailers: [["T", "1"]] }, { trailers: [["T", "1"]] }],
  ["a body", { body: "ü" }, { body: base64Of("ü") }],
  ["an empty body", { body: "" }, { body: "" }],
])("orderOf names %s", (_, changes, expected) => {
  const before = original();
  const whole = { id: "airt_1", tunnel_name: "web", times: 1, ...expected };
  expect(orderOf(before, { ...before.draft, ...changes })).toEqual(whole);
});

test("orderOf drops the coding of a body that was written anew, and of no other", () => {
  const before = original("hello", { content_encoding: ["gzip"] });
  const headers: Draft["headers"] = [...before.draft.headers, ["content-encoding", "gzip"]];
  const coded: Original = { ...before, draft: { ...before.draft, headers } };
  expect(orderOf(coded, coded.draft)).not.toHaveProperty("headers");
  expect(orderOf(coded, { ...coded.draft, body: "other" })).toMatchObject({ headers: before.draft.headers });
});
