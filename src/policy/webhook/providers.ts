/**
 * The senders of webhooks that can be verified, each by the scheme that it publishes (reference.md 7.11). Names are those of
 * the published option.
 */
import {
  type Digest,
  type HmacScheme,
  inHeader,
  inMembers,
  type SignatureScheme,
  type SignedRequest,
} from "./signature-scheme.ts";

/** Most sign the body alone and put the signature into one field. */
function bodySigned(header: string, encoding: "hex" | "base64", prefix = "", digest: Digest = "sha256"): HmacScheme {
  return { type: "hmac", digest, encoding, read: inHeader(header, prefix) };
}

/** `t=…,v1=…` over `timestamp.body`. */
function stripeLike(header: string): HmacScheme {
  return {
    type: "hmac",
    digest: "sha256",
    encoding: "hex",
    read: inMembers(header, "v1", "t"),
    signed: ({ body }, timestamp) => [timestamp, ".", body],
    timestampUnit: "seconds",
  };
}

/** `v0=…` over `v0:timestamp:body`. */
function slackLike(header: string, timestampHeader: string): HmacScheme {
  return {
    type: "hmac",
    digest: "sha256",
    encoding: "hex",
    read: inHeader(header, "v0=", timestampHeader),
    signed: ({ body }, timestamp) => ["v0:", timestamp, ":", body],
    timestampUnit: "seconds",
  };
}

/** `v1,…` for each key, over `id.timestamp.body`; the secret is base64 behind `whsec_`. */
function svixLike(prefix: "svix" | "webhook"): HmacScheme {
  return {
    type: "hmac",
    digest: "sha256",
    encoding: "base64",
    read: (request) => {
      const signatures = (request.get(`${prefix}-signature`) ?? "")
        .split(" ")
        .filter((member) => member.startsWith("v1,"))
        .map((member) => member.slice(3));
      const timestamp = request.get(`${prefix}-timestamp`);
      return signatures.length === 0 || timestamp === undefined ? undefined : { signatures, timestamp };
    },
    signed: (request, timestamp) => [request.get(`${prefix}-id`) ?? "", ".", timestamp, ".", request.body],
    timestampUnit: "seconds",
    key: (secret) => Buffer.from(secret.replace(/^whsec_/, ""), "base64"),
  };
}

/** The URL, and name and value of every parameter of a form, sorted by name. */
function urlAndForm({ url, body, get }: SignedRequest): readonly string[] {
  const isForm = (get("content-type") ?? "").toLowerCase().startsWith("application/x-www-form-urlencoded");
  if (!isForm) return [url];
  const pairs = [...new URLSearchParams(Buffer.from(body).toString("utf8"))];
  const sorted = pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return [url, ...sorted.flat()];
}

const HUB_256 = bodySigned("x-hub-signature-256", "hex", "sha256=");

export const WEBHOOK_PROVIDERS: Readonly<Record<string, SignatureScheme>> = {
  autodesk: bodySigned("x-adsk-signature", "hex", "sha1hash=", "sha1"),
  bitbucket: bodySigned("x-hub-signature", "hex", "sha256="),
  brex: svixLike("webhook"),
  buildkite: {
    type: "hmac",
    digest: "sha256",
    encoding: "hex",
    read: inMembers("x-buildkite-signature", "signature", "timestamp"),
    signed: ({ body }, timestamp) => [timestamp, ".", body],
    timestampUnit: "seconds",
  },
  calendly: stripeLike("calendly-webhook-signature"),
  circleci: { type: "hmac", digest: "sha256", encoding: "hex", read: inMembers("circleci-signature", "v1") },
  clerk: svixLike("svix"),
  coinbase: bodySigned("x-cc-webhook-signature", "hex"),
  docusign: bodySigned("x-docusign-signature-1", "base64"),
  dropbox: bodySigned("x-dropbox-signature", "hex"),
  facebook_graph_api: HUB_256,
  facebook_messenger: HUB_256,
  github: HUB_256,
  gitlab: { type: "token", header: "x-gitlab-token" },
  heroku: bodySigned("heroku-webhook-hmac-sha256", "base64"),
  hubspot: {
    type: "hmac",
    digest: "sha256",
    encoding: "base64",
    read: inHeader("x-hubspot-signature-v3", "", "x-hubspot-request-timestamp"),
    signed: ({ method, url, body }, timestamp) => [method, url, body, timestamp],
    timestampUnit: "milliseconds",
  },
  instagram: HUB_256,
  intercom: bodySigned("x-hub-signature", "hex", "sha1=", "sha1"),
  launch_darkly: bodySigned("x-ld-signature", "hex"),
  linear: bodySigned("linear-signature", "hex"),
  mailchimp_transactional: {
    type: "hmac",
    digest: "sha1",
    encoding: "base64",
    read: inHeader("x-mandrill-signature"),
    signed: urlAndForm,
  },
  mux: stripeLike("mux-signature"),
  pagerduty: { type: "hmac", digest: "sha256", encoding: "hex", read: inMembers("x-pagerduty-signature", "v1") },
  sentry: bodySigned("sentry-hook-signature", "hex"),
  shopify: bodySigned("x-shopify-hmac-sha256", "base64"),
  slack: slackLike("x-slack-signature", "x-slack-request-timestamp"),
  square: {
    type: "hmac",
    digest: "sha256",
    encoding: "base64",
    read: inHeader("x-square-hmacsha256-signature"),
    signed: ({ url, body }) => [url, body],
  },
  stripe: stripeLike("stripe-signature"),
  svix: svixLike("svix"),
  terraform: bodySigned("x-tfe-notification-signature", "hex", "", "sha512"),
  trello: {
    type: "hmac",
    digest: "sha1",
    encoding: "base64",
    read: inHeader("x-trello-webhook"),
    signed: ({ url, body }) => [body, url],
  },
  twilio: {
    type: "hmac",
    digest: "sha1",
    encoding: "base64",
    read: inHeader("x-twilio-signature"),
    signed: urlAndForm,
  },
  twitter: bodySigned("x-twitter-webhooks-signature", "base64", "sha256="),
  typeform: bodySigned("typeform-signature", "base64", "sha256="),
  vercel: bodySigned("x-vercel-signature", "hex", "", "sha1"),
  whatsapp: HUB_256,
  woocommerce: bodySigned("x-wc-webhook-signature", "base64"),
  worldline: bodySigned("x-gcs-signature", "base64"),
  xero: bodySigned("x-xero-signature", "base64"),
  zendesk: {
    type: "hmac",
    digest: "sha256",
    encoding: "base64",
    read: inHeader("x-zendesk-webhook-signature", "", "x-zendesk-webhook-signature-timestamp"),
    signed: ({ body }, timestamp) => [timestamp, body],
    timestampUnit: "iso",
  },
  zoom: slackLike("x-zm-signature", "x-zm-request-timestamp"),
};
