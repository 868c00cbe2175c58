/**
 * How senders of webhooks find out whether an address takes them (reference.md 9.2, verify-webhook), each as it publishes. What is
 * answered here never reaches the upstream, which does not know the secret.
 */
import { createHmac } from "node:crypto";
import { z } from "zod";
import type { Field, PolicyAnswer } from "../policy-verdict.ts";
import type { SignedRequest } from "./signature-scheme.ts";

export interface WebhookChallenge {
  /** For requests that carry no signature, whoever sends them. */
  readonly unsigned?: (request: Omit<SignedRequest, "body">, secret: string) => PolicyAnswer | undefined;
  /** For requests whose signature is right. */
  readonly signed?: (body: Uint8Array, secret: string) => PolicyAnswer | undefined;
  /** What a request without a right signature has to be told; absent: what the edge says to everybody. */
  readonly refusal?: PolicyAnswer;
}

/** A name for every challenge is the sender's in `providers.ts`. */
export const WEBHOOK_CHALLENGES: Readonly<Record<string, WebhookChallenge>> = {
  twitter: { unsigned: responseCheck },
  worldline: { unsigned: echoedHeader },
  xero: { signed: intentToReceive, refusal: textAnswer(401, "") },
  zoom: { signed: urlValidation },
};

/**
 * A token is signed as events are, so whoever asks gets the signature of an event with the token as its body. Events are JSON objects,
 * which no text of this alphabet is.
 */
const CRC_TOKEN = /^[A-Za-z0-9+/=_-]{1,256}$/;

/** "Challenge-Response Check" of the Account Activity API: a GET with the parameter `crc_token`. */
function responseCheck({ method, url }: Omit<SignedRequest, "body">, secret: string): PolicyAnswer | undefined {
  const token = method === "GET" ? URL.parse(url)?.searchParams.get("crc_token") : undefined;
  if (typeof token !== "string" || !CRC_TOKEN.test(token)) return undefined;
  return json({ response_token: `sha256=${createHmac("sha256", secret).update(token).digest("base64")}` });
}

/** What is echoed is a short word of the sender's. */
const ECHOED = /^[!-~]{1,256}$/;

/** A GET whose header has to stand in the body of the answer. */
function echoedHeader({ method, get }: Omit<SignedRequest, "body">): PolicyAnswer | undefined {
  const text = method === "GET" ? get("x-gcs-webhooks-endpoint-verification") : undefined;
  return text !== undefined && ECHOED.test(text) ? textAnswer(200, text) : undefined;
}

const noEvents = z.object({ events: z.array(z.unknown()).length(0) });

/** "Intent to receive": no events; 200 when the signature is right, 401 when it is not, both without a body. */
function intentToReceive(body: Uint8Array): PolicyAnswer | undefined {
  return noEvents.safeParse(parsed(body)).success ? textAnswer(200, "") : undefined;
}

const validation = z.object({
  event: z.literal("endpoint.url_validation"),
  payload: z.object({ plainToken: z.string() }),
});

/** The event `endpoint.url_validation`. */
function urlValidation(body: Uint8Array, secret: string): PolicyAnswer | undefined {
  const { data } = validation.safeParse(parsed(body));
  if (data === undefined) return undefined;
  const { plainToken } = data.payload;
  return json({ plainToken, encryptedToken: createHmac("sha256", secret).update(plainToken).digest("hex") });
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return undefined;
  }
}

function json(value: object): PolicyAnswer {
  return answer(200, "application/json", JSON.stringify(value));
}

function textAnswer(status: number, text: string): PolicyAnswer {
  return answer(status, "text/plain; charset=utf-8", text);
}

function answer(status: number, contentType: string, text: string): PolicyAnswer {
  const fields: readonly Field[] = [
    ["Content-Type", contentType],
    ["X-Content-Type-Options", "nosniff"],
    ["Cache-Control", "no-store"],
  ];
  return { status, fields, body: Buffer.from(text) };
}
