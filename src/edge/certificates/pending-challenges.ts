import { createHash } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import type { OrderChallenge } from "../../model/records/certificate-order.ts";
import { serverTlsContext, type TlsContext } from "../../net/tls-context.ts";
import { createValidationCertificate } from "../../pki/issued-certificate.ts";
import type { ChallengeBoard } from "./shared-orders.ts";

const HTTP_PREFIX = "/.well-known/acme-challenge/";
/** The protocol of a TLS-ALPN-01 validation (RFC 8737 section 6.2). */
export const ACME_TLS = "acme-tls/1";

/** What an authority finds here while it validates a name, and at no other time. One challenge of each kind per name. */
export class PendingChallenges implements ChallengeBoard {
  readonly #clock: Clock;
  readonly #http = new Map<string, { readonly path: string; readonly keyAuthorization: string }>();
  readonly #tls = new Map<string, { readonly context: TlsContext; readonly keyAuthorization: string }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async publish(_names: readonly string[], { type, name, token, keyAuthorization }: OrderChallenge): Promise<void> {
    if (type === "http-01") {
      this.#http.set(name, { path: HTTP_PREFIX + token, keyAuthorization });
      return;
    }
    const digest = createHash("sha256").update(keyAuthorization).digest();
    const identity = await createValidationCertificate(name, digest, this.#clock.date());
    this.#tls.set(name, { context: serverTlsContext(identity), keyAuthorization });
  }

  /** One that came later for the same name stays. */
  withdraw(_names: readonly string[], { type, name, keyAuthorization }: OrderChallenge): Promise<void> {
    const pending = type === "http-01" ? this.#http : this.#tls;
    if (pending.get(name)?.keyAuthorization === keyAuthorization) pending.delete(name);
    return Promise.resolve();
  }

  /** The body that a request for this host and target is to get (RFC 8555 section 8.3); other requests are a visitor's. */
  httpAnswer(host: string, target: string): string | undefined {
    const pending = this.#http.get(host);
    return pending?.path === target ? pending.keyAuthorization : undefined;
  }

  /** For a handshake that offers these protocols for this name. */
  tlsContext(serverName: string | undefined, alpn: readonly string[]): TlsContext | undefined {
    const isValidation = serverName !== undefined && alpn.includes(ACME_TLS);
    return isValidation ? this.#tls.get(serverName)?.context : undefined;
  }
}
