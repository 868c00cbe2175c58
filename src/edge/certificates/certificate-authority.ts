import type { CertificateMaterial } from "../../pki/certificate-material.ts";

/** How an authority sees that a name is ours (RFC 8555 section 8, RFC 8737). */
export type ChallengeType = "http-01" | "tls-alpn-01" | "dns-01";
export type KeyType = "ecdsa" | "rsa";

export interface CertificateOrder {
  /** Lower-case DNS names, also `*.example.com`; at least one. */
  readonly names: readonly string[];
  readonly challengeType: ChallengeType;
  readonly keyType: KeyType;
}

/** Issues certificates that the public trusts, after it has looked whether the names lead here. */
export interface CertificateAuthority {
  /**
   * Takes seconds to minutes and comes to an end, whatever the authority does.
   * @throws OrderFailure
   */
  order(order: CertificateOrder): Promise<CertificateMaterial>;
}

/** An order that came to nothing; the message says what the authority said. */
export class OrderFailure extends Error {
  override readonly name = "OrderFailure";
  /** When the authority asked not to be bothered by anybody for so long. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { readonly cause?: unknown; readonly retryAfterMs?: number | undefined } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}
