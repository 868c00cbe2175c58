/**
 * Keys and certificates: reading those of the user, making own ones, and choosing one for a name. This folder hands out
 * PEM text; it opens no connection and makes no TLS context.
 */
export interface CertificateMaterial {
  /** PEM, leaf first, then what else is to be sent with it. */
  readonly certPem: string;
  /** PEM, PKCS#8, not encrypted. Secret. */
  readonly keyPem: string;
  /** Whoever trusts it has the certificate of its issuer: none is sent with it. */
  readonly isSentAlone?: boolean;
  /** What the leaf is valid for: lower-case DNS names, also `*.example.com`, and IP addresses in their usual text. */
  readonly names: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}
