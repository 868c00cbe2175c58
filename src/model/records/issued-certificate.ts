/** A certificate that an authority issued for names of this edge, shared by all nodes. No account's: `icert_…` */
export interface IssuedCertificate {
  readonly id: string;
  readonly createdAt: Date;
  /** Lower case, sorted, with spaces between; unique. */
  readonly names: string;
  /** Leaf first. */
  readonly certificatePem: string;
  /** The private key as PEM, sealed with the store's key and this record's id. */
  readonly sealedKey: Uint8Array;
}
