import { describe, expect, test } from "bun:test";
import type { RequestVerdict } from "../../../src/policy/policy-verdict.ts";
import { verifyWebhooks } from "../../../src/policy/request-steps.ts";
import { NO_STEPS, VisitorPolicy } from "../../../src/policy/visitor-policy.ts";
import { WebhookVerification } from "../../../src/policy/webhook/webhook-verification.ts";
import { requestHead } from "../../support/http-heads.ts";

const KEY = "a secret of ours";
const NOW_S = 1_700_000_000;
const FACTS = { visitorIp: "192.0.2.7", scheme: "https", nowMs: 0, date: new Date(NOW_S * 1000) } as const;

function verdictOf(provider: string, start: string, fields: readonly string[], body = ""): RequestVerdict {
  const policy = new VisitorPolicy({
    ...NO_STEPS,
    request: [verifyWebhooks(new WebhookVerification(provider, KEY))],
  });
  const length = body === "" ? [] : [`Content-Length: ${body.length}`];
  const verdict = policy.onRequest(requestHead(`${start} HTTP/1.1`, ...fields, ...length), FACTS);
  return verdict.type === "body" ? verdict.resume(Buffer.from(body)) : verdict;
}

/** `STATUS body`, or what became of the request. */
function answered(...request: Parameters<typeof verdictOf>): string {
  const verdict = verdictOf(...request);
  return verdict.type === "answer"
    ? `${verdict.answer.status} ${Buffer.from(verdict.answer.body).toString()}`
    : verdict.type;
}

// Signatures were computed with `openssl dgst -sha256 -hmac "a secret of ours"`.
const ITR = '{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}';
const ITR_SIGNATURE = "yXZeT9zAZaXXkC9ekTv428ia013xk1uwn0OhIbSDzUs=";
const VALIDATION =
  '{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1654503849680,"event":"endpoint.url_validation"}';
const VALIDATION_FIELDS = [
  `X-Zm-Request-Timestamp: ${NOW_S}`,
  "X-Zm-Signature: v0=beae5afe220c1b38788b5834acf0c1deb25eb7cfd297ed96dfc5ddb16344e762",
];
const EVENT = '{"event":"push","n":1}';
const EVENT_SIGNATURE = "U/BKhVTXfuJ5D39oiuqCgTvNEq9rvuYv6a3Oxm0Wt/8=";

describe("verifyWebhooks answers", () => {
  test("the challenge-response check of twitter", () => {
    expect(answered("twitter", "GET /hook?crc_token=NTU2NGE1-crc_token%3D&nonce=1", [])).toBe(
      '200 {"response_token":"sha256=oFU07lWp/TdYrtUZB2/6csHXcmsEQfuO5+xjsnjIBzo="}',
    );
  });

  test.each([
    ["what could be an event", "GET /hook?crc_token=%7B%22event%22%3A1%7D"],
    ["a token without end", `GET /hook?crc_token=${"a".repeat(257)}`],
    ["no token", "GET /hook?crc_token="],
    ["another parameter", "GET /hook?token=abc"],
    ["another method", "POST /hook?crc_token=abc"],
  ])("no challenge of twitter with %s: everybody can ask, and events are signed alike", (_, start) => {
    expect(answered("twitter", start, [])).toBe("refuse");
  });

  test("the endpoint verification of worldline with its own word", () => {
    const verdict = verdictOf("worldline", "GET /hook", ["X-GCS-Webhooks-Endpoint-Verification: 5d2c-11e8"]);
    expect(verdict).toMatchObject({ type: "answer", answer: { status: 200, body: Buffer.from("5d2c-11e8") } });
    expect(verdict.type === "answer" && verdict.answer.fields).toContainEqual([
      "Content-Type",
      "text/plain; charset=utf-8",
    ]);
  });

  test.each([
    ["POST /hook", "5d2c"],
    ["GET /hook", "two words"],
    ["GET /hook", "a".repeat(257)],
  ])("no such %s with %j", (start, word) => {
    expect(answered("worldline", start, [`X-GCS-Webhooks-Endpoint-Verification: ${word}`])).toBe("refuse");
  });

  test("xero's intent to receive with 200, and 401 where the signature is wrong or missing, without a body", () => {
    expect(answered("xero", "POST /hook", [`X-Xero-Signature: ${ITR_SIGNATURE}`], ITR)).toBe("200 ");
    expect(answered("xero", "POST /hook", [`X-Xero-Signature: ${EVENT_SIGNATURE}`], ITR)).toBe("401 ");
    expect(answered("xero", "POST /hook", [], ITR)).toBe("401 ");
    expect(verdictOf("xero", "POST /hook", [], ITR)).toMatchObject({ refusedBy: "verify_webhook" });
  });

  test("zoom's validation of a URL, once its signature is right", () => {
    const encryptedToken = "a60ffb131b70313624d0566495827f96309e3282d1a18ed3c4828c8e267e0ecf";
    const expected = JSON.stringify({ plainToken: "qgg8vlvZRS6UYooatFL8Aw", encryptedToken });
    expect(answered("zoom", "POST /hook", VALIDATION_FIELDS, VALIDATION)).toBe(`200 ${expected}`);
    expect(answered("zoom", "POST /hook", VALIDATION_FIELDS, VALIDATION.replace("qgg8", "xgg8"))).toBe("refuse");
    expect(answered("zoom", "POST /hook", [], VALIDATION)).toBe("refuse");
  });

  test.each([
    ["twitter", `X-Twitter-Webhooks-Signature: sha256=${EVENT_SIGNATURE}`],
    ["worldline", `X-GCS-Signature: ${EVENT_SIGNATURE}`],
    ["xero", `X-Xero-Signature: ${EVENT_SIGNATURE}`],
  ])("no event of %s, which is the upstream's", (provider, field) => {
    expect(answered(provider, "POST /hook", [field], EVENT)).toBe("pass");
  });
});
