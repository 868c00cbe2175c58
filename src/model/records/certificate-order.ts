/** An order for a certificate that some node has under way, or that failed; so that other nodes leave it to that one. `ord_…` */
export interface CertificateOrder {
  readonly id: string;
  readonly createdAt: Date;
  /** Lower case, sorted, with spaces between; unique. */
  readonly names: string;
  /** Nobody else orders these names before. */
  readonly notBefore: Date;
  /** What the authority may ask for at any node. */
  readonly challenges: readonly OrderChallenge[];
}

/** A question of the authority, and its answer (RFC 8555 section 8). Kept for minutes, and of no use to anybody else. */
export interface OrderChallenge {
  readonly type: "http-01" | "tls-alpn-01";
  readonly name: string;
  readonly token: string;
  readonly keyAuthorization: string;
}
