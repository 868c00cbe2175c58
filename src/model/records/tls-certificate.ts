import type { Owned } from "./record.ts";

/** A certificate chain with its key. `cert_…` What else is to be known about it stands in the certificate itself. */
export interface TlsCertificate extends Owned {
  /** Leaf first. */
  readonly certificatePem: string;
  /** The private key as PEM, sealed with the store's key and this record's id. Never shown to anyone. */
  readonly sealedKey: Uint8Array;
  readonly origin: "uploaded" | "acme";
}
