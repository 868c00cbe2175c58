/** Lets webhooks in that their sender has signed, and nobody else (reference.md 7.11). */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { PublicError } from "../../base/errors.ts";
import type { PolicyAnswer } from "../policy-verdict.ts";
import { WEBHOOK_CHALLENGES, type WebhookChallenge } from "./challenges.ts";
import { WEBHOOK_PROVIDERS } from "./providers.ts";
import type { HmacScheme, SignatureScheme, SignedRequest } from "./signature-scheme.ts";

/** Bodies are held until their signature is checked. Webhooks have some kilobytes. */
export const WEBHOOK_BODY_LIMIT_BYTES = 1024 * 1024;

/** How far the clock of a sender may be from ours, in either direction. */
const TOLERANCE_MS = 5 * 60_000;

export class WebhookVerification {
  readonly #scheme: SignatureScheme;
  readonly #challenge: WebhookChallenge;
  readonly #secret: string;

  /** @throws PublicError 2203 for a provider that is not known, or without a secret */
  constructor(provider: string, secret: string) {
    const name = provider.toLowerCase().replaceAll("-", "_");
    const scheme = Object.hasOwn(WEBHOOK_PROVIDERS, name) ? WEBHOOK_PROVIDERS[name] : undefined;
    if (scheme === undefined) {
      const known = Object.keys(WEBHOOK_PROVIDERS).join(", ");
      throw new PublicError("ERR_NGROK_2203", {
        action: "verify-webhook",
        reason: `the provider ${JSON.stringify(provider)} is not one of ${known}`,
      });
    }
    if (secret === "") {
      throw new PublicError("ERR_NGROK_2203", { action: "verify-webhook", reason: "the secret is missing" });
    }
    this.#scheme = scheme;
    this.#challenge = WEBHOOK_CHALLENGES[name] ?? {};
    this.#secret = secret;
  }

  /** The answer to a sender that asks whether webhooks are taken here, and does not sign that. */
  unsignedChallenge(request: Omit<SignedRequest, "body">): PolicyAnswer | undefined {
    return this.#challenge.unsigned?.(request, this.#secret);
  }

  /** The same of a request that {@link admits} has found right. */
  signedChallenge(body: Uint8Array): PolicyAnswer | undefined {
    return this.#challenge.signed?.(body, this.#secret);
  }

  /** What the sender wants to hear when a signature is wrong; `undefined`: any refusal will do. */
  get refusal(): PolicyAnswer | undefined {
    return this.#challenge.refusal;
  }

  /** Whether nothing but the body is missing for a signature to be right. Cheap; saves waiting for bodies of strangers. */
  mayBeSigned(request: Omit<SignedRequest, "body">, now: Date): boolean {
    const scheme = this.#scheme;
    if (scheme.type === "token") return request.get(scheme.header) !== undefined;
    const given = scheme.read({ ...request, body: new Uint8Array(0) });
    return given !== undefined && isRecent(scheme, given.timestamp, now);
  }

  /** Whether the sender has signed this very request, and lately where it says when. */
  admits(request: SignedRequest, now: Date): boolean {
    const scheme = this.#scheme;
    if (scheme.type === "token") return isSame(request.get(scheme.header) ?? "", this.#secret);
    const given = scheme.read(request);
    if (given === undefined || !isRecent(scheme, given.timestamp, now)) return false;
    const hmac = createHmac(scheme.digest, scheme.key?.(this.#secret) ?? this.#secret);
    for (const piece of scheme.signed?.(request, given.timestamp ?? "") ?? [request.body]) hmac.update(piece);
    const right = hmac.digest(scheme.encoding);
    return given.signatures.some((signature) => isSame(spelled(signature, scheme), right));
  }
}

/** Hexadecimal digits mean the same in both cases. */
function spelled(signature: string, { encoding }: HmacScheme): string {
  return encoding === "hex" ? signature.toLowerCase() : signature;
}

function isRecent({ timestampUnit: unit }: HmacScheme, timestamp: string | undefined, now: Date): boolean {
  if (unit === undefined) return true;
  const time = unit === "iso" ? Date.parse(timestamp ?? "") : Number(timestamp ?? "") * (unit === "seconds" ? 1000 : 1);
  return Number.isFinite(time) && Math.abs(now.getTime() - time) <= TOLERANCE_MS;
}

/** Takes the same time wherever the texts differ, and however long they are. */
function isSame(given: string, right: string): boolean {
  return timingSafeEqual(createHash("sha256").update(given).digest(), createHash("sha256").update(right).digest());
}
