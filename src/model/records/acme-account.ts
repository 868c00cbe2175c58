/** The edge's own account at an authority that issues certificates; one for each authority, shared by all nodes. `acme_…` */
export interface AcmeAccount {
  readonly id: string;
  readonly createdAt: Date;
  /** Where the authority lists its services (RFC 8555 section 7.1.1); unique. */
  readonly directoryUrl: string;
  /** The account's URL at the authority; empty before it answered. */
  readonly accountUrl: string;
  /** The account's private key as PEM, sealed with the store's key and this record's id. */
  readonly sealedKey: Uint8Array;
}
