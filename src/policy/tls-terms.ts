export const TLS_VERSIONS = ["1.2", "1.3"] as const;
export type TlsVersion = (typeof TLS_VERSIONS)[number];

export const VERIFICATION_STRATEGIES = ["require-and-verify", "require-any", "request"] as const;

/**
 * `require-and-verify`: a visitor shows a certificate of one of the authorities, or gets nowhere. `require-any`: it shows one,
 * whoever signed it. `request`: it is asked for one, and gets on without.
 */
export type VerificationStrategy = (typeof VERIFICATION_STRATEGIES)[number];

/** How the edge ends the TLS of visitors (reference.md 9.2, terminate-tls). */
export interface TlsTerms {
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** PEM; `undefined`: the certificate that the edge has for the name. */
  readonly identity: { readonly certPem: string; readonly keyPem: string } | undefined;
  /** `undefined`: visitors are asked for no certificate. */
  readonly clients: ClientTerms | undefined;
}

export interface ClientTerms {
  readonly strategy: VerificationStrategy;
  /** PEM of those that are trusted to sign visitors' certificates, as of now; others are not trusted. */
  readonly authorities: () => readonly string[];
}

/** PEM of one of an account's certificate authorities as it is at any time; undefined when there is none of this id. */
export type FindAuthority = (id: string) => (() => string | undefined) | undefined;

/** Those of an endpoint that asks for nothing else. */
export const PLAIN_TERMS: TlsTerms = { minVersion: "1.2", maxVersion: "1.3", identity: undefined, clients: undefined };
