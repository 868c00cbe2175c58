import type { Owned } from "./record.ts";

/** Whom an endpoint trusts to sign the certificates of its visitors. `ca_…` */
export interface CertificateAuthority extends Owned {
  readonly caPem: string;
}
