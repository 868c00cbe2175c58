import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { WebhookVerification } from "../../../src/policy/webhook/webhook-verification.ts";

interface Case {
  readonly provider: string;
  readonly secret: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
  readonly url?: string;
  readonly nowMs?: number;
}

const NOW_S = 1_700_000_000;
const BODY = '{"event":"push","n":1}';
const KEY = "a secret of ours";

/** Written out as the sender documents it, not with the product's own table. */
const sign = (digest: string, key: string | Uint8Array, text: string): { hex: string; base64: string } => ({
  hex: createHmac(digest, key).update(text).digest("hex"),
  base64: createHmac(digest, key).update(text).digest("base64"),
});

/** Vectors that the senders publish themselves. */
const PUBLISHED: readonly Case[] = [
  {
    provider: "github",
    secret: "It's a Secret to Everybody",
    fields: { "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17" },
    body: "Hello, World!",
  },
  {
    provider: "slack",
    secret: "8f742231b10e8888abcd99yyyzzz85a5",
    fields: {
      "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
      "x-slack-request-timestamp": "1531420618",
    },
    body:
      "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar" +
      "&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com" +
      "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
    nowMs: 1_531_420_618_000,
  },
  {
    provider: "twilio",
    secret: "12345",
    url: "https://mycompany.com/myapp.php?foo=1&bar=2",
    fields: {
      "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    },
    body: "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212",
  },
  {
    provider: "svix",
    secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    fields: {
      "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "svix-timestamp": "1614265330",
      "svix-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    body: '{"test": 2432232314}',
    nowMs: 1_614_265_330_000,
  },
];

/** Computed from the documented schemes. */
const COMPUTED: readonly Case[] = [
  { provider: "gitlab", secret: KEY, fields: { "x-gitlab-token": KEY }, body: BODY },
  {
    provider: "stripe",
    secret: KEY,
    fields: {
      "stripe-signature": `t=${NOW_S},v1=${"0".repeat(64)},v1=${sign("sha256", KEY, `${NOW_S}.${BODY}`).hex},v0=x`,
    },
    body: BODY,
  },
  {
    provider: "shopify",
    secret: KEY,
    fields: { "x-shopify-hmac-sha256": sign("sha256", KEY, BODY).base64 },
    body: BODY,
  },
  {
    provider: "bitbucket",
    secret: KEY,
    fields: { "x-hub-signature": `sha256=${sign("sha256", KEY, BODY).hex}` },
    body: BODY,
  },
  {
    provider: "intercom",
    secret: KEY,
    fields: { "x-hub-signature": `sha1=${sign("sha1", KEY, BODY).hex}` },
    body: BODY,
  },
  {
    provider: "typeform",
    secret: KEY,
    fields: { "typeform-signature": `sha256=${sign("sha256", KEY, BODY).base64}` },
    body: BODY,
  },
  {
    provider: "terraform",
    secret: KEY,
    fields: { "x-tfe-notification-signature": sign("sha512", KEY, BODY).hex.toUpperCase() },
    body: BODY,
  },
  {
    provider: "pagerduty",
    secret: KEY,
    fields: { "x-pagerduty-signature": `v1=${"1".repeat(64)}, v1=${sign("sha256", KEY, BODY).hex}` },
    body: BODY,
  },
  {
    provider: "buildkite",
    secret: KEY,
    fields: { "x-buildkite-signature": `timestamp=${NOW_S},signature=${sign("sha256", KEY, `${NOW_S}.${BODY}`).hex}` },
    body: BODY,
  },
  {
    provider: "hubspot",
    secret: KEY,
    fields: {
      "x-hubspot-signature-v3": sign("sha256", KEY, `POSThttps://app.test/hook?a=1${BODY}${NOW_S}000`).base64,
      "x-hubspot-request-timestamp": `${NOW_S}000`,
    },
    body: BODY,
  },
  {
    provider: "square",
    secret: KEY,
    fields: { "x-square-hmacsha256-signature": sign("sha256", KEY, `https://app.test/hook?a=1${BODY}`).base64 },
    body: BODY,
  },
  {
    provider: "trello",
    secret: KEY,
    fields: { "x-trello-webhook": sign("sha1", KEY, `${BODY}https://app.test/hook?a=1`).base64 },
    body: BODY,
  },
  {
    provider: "zoom",
    secret: KEY,
    fields: {
      "x-zm-signature": `v0=${sign("sha256", KEY, `v0:${NOW_S}:${BODY}`).hex}`,
      "x-zm-request-timestamp": String(NOW_S),
    },
    body: BODY,
  },
  {
    provider: "zendesk",
    secret: KEY,
    fields: {
      "x-zendesk-webhook-signature": sign("sha256", KEY, `2023-11-14T22:13:20Z${BODY}`).base64,
      "x-zendesk-webhook-signature-timestamp": "2023-11-14T22:13:20Z",
    },
    body: BODY,
  },
  { provider: "Launch-Darkly", secret: KEY, fields: { "x-ld-signature": sign("sha256", KEY, BODY).hex }, body: BODY },
];

/**
 * Of BODY with KEY, computed by `openssl dgst -hmac` and not by the code here; of "timestamp.BODY" and (with the octets of the key)
 * "msg_1.timestamp.BODY" as well.
 */
const BY_OPENSSL = {
  sha256: "53f04a8554d77ee2790f7f688aea82813bcd12af6bbee62fe9adcec66d16b7ff",
  base64: "U/BKhVTXfuJ5D39oiuqCgTvNEq9rvuYv6a3Oxm0Wt/8=",
  sha1: "8aba7e1814dd5e670d96ca882cb647f3081ba0ec",
  dated: "442ca5b35c588f77ddabd1279da8e9d6a276b072f74fe8f48c36e07bcae8c6bb",
  identified: "FptBNP1E96WiEqeYStwb0M0GUPHVsssaRs8WL7geRZc=",
} as const;
const IDENTIFIED = (prefix: string) => ({
  [`${prefix}-id`]: "msg_1",
  [`${prefix}-timestamp`]: String(NOW_S),
  [`${prefix}-signature`]: `v1,${BY_OPENSSL.identified}`,
});

const FROM_OPENSSL: readonly Case[] = (
  [
    ["autodesk", { "x-adsk-signature": `sha1hash=${BY_OPENSSL.sha1}` }],
    ["calendly", { "calendly-webhook-signature": `t=${NOW_S},v1=${BY_OPENSSL.dated}` }],
    ["circleci", { "circleci-signature": `v1=${BY_OPENSSL.sha256}` }],
    ["coinbase", { "x-cc-webhook-signature": BY_OPENSSL.sha256 }],
    ["docusign", { "x-docusign-signature-1": BY_OPENSSL.base64 }],
    ["dropbox", { "x-dropbox-signature": BY_OPENSSL.sha256 }],
    ["facebook_graph_api", { "x-hub-signature-256": `sha256=${BY_OPENSSL.sha256}` }],
    ["heroku", { "heroku-webhook-hmac-sha256": BY_OPENSSL.base64 }],
    ["linear", { "linear-signature": BY_OPENSSL.sha256 }],
    ["mux", { "mux-signature": `t=${NOW_S},v1=${BY_OPENSSL.dated}` }],
    ["sentry", { "sentry-hook-signature": BY_OPENSSL.sha256 }],
    ["twitter", { "x-twitter-webhooks-signature": `sha256=${BY_OPENSSL.base64}` }],
    ["vercel", { "x-vercel-signature": BY_OPENSSL.sha1 }],
    ["whatsapp", { "x-hub-signature-256": `sha256=${BY_OPENSSL.sha256}` }],
    ["woocommerce", { "x-wc-webhook-signature": BY_OPENSSL.base64 }],
    ["worldline", { "x-gcs-signature": BY_OPENSSL.base64 }],
    ["xero", { "x-xero-signature": BY_OPENSSL.base64 }],
    ["brex", IDENTIFIED("webhook"), "whsec_YSBzZWNyZXQgb2Ygb3Vycw=="],
    ["clerk", IDENTIFIED("svix"), "whsec_YSBzZWNyZXQgb2Ygb3Vycw=="],
  ] as const
).map(([provider, fields, secret = KEY]): Case => ({ provider, secret, fields, body: BODY }));

const VECTORS = [...PUBLISHED, ...COMPUTED, ...FROM_OPENSSL];

function admits({
  provider,
  secret,
  fields,
  body,
  url = "https://app.test/hook?a=1",
  nowMs = NOW_S * 1000,
}: Case): boolean {
  const verification = new WebhookVerification(provider, secret);
  const request = { method: "POST", url, get: (name: string) => fields[name] };
  const whole = verification.admits({ ...request, body: Buffer.from(body) }, new Date(nowMs));
  return verification.mayBeSigned(request, new Date(nowMs)) && whole;
}

describe("WebhookVerification", () => {
  describe.each(VECTORS)("of $provider", (vector) => {
    test("WebhookVerification admits what was signed", () => {
      expect(admits(vector)).toBe(true);
    });

    test("WebhookVerification refuses another secret, and no signature at all", () => {
      expect(admits({ ...vector, secret: `x${vector.secret}` })).toBe(false);
      expect(admits({ ...vector, fields: {} })).toBe(false);
    });
  });

  test.each(VECTORS.filter(({ provider }) => provider !== "gitlab"))(
    "WebhookVerification of $provider refuses another body",
    (vector) => {
      expect(admits({ ...vector, body: `${vector.body}&x=1` })).toBe(false);
    },
  );

  test.each(["slack", "stripe", "zoom", "hubspot", "zendesk", "svix", "buildkite"])(
    "WebhookVerification refuses what %s signed more than five minutes ago, or will sign",
    (provider) => {
      const vector = VECTORS.find((known) => known.provider === provider);
      if (vector === undefined) throw new Error("no vector");
      const nowMs = vector.nowMs ?? NOW_S * 1000;
      expect(admits({ ...vector, nowMs: nowMs + 299_000 })).toBe(true);
      expect(admits({ ...vector, nowMs: nowMs + 301_000 })).toBe(false);
      expect(admits({ ...vector, nowMs: nowMs - 301_000 })).toBe(false);
    },
  );

  test.each([
    ["nobody", "x"],
    ["github", ""],
    ["constructor", "x"],
  ])("WebhookVerification cannot be made for %p with the secret %p", (provider, secret) => {
    expect(() => new WebhookVerification(provider, secret)).toThrow(
      expect.objectContaining({ code: "ERR_NGROK_2203" }),
    );
  });
});
