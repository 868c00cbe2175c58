import type { Owned } from "./record.ts";

/** A host name or wildcard that only its account may bind. `rd_…` */
export interface ReservedDomain extends Owned {
  /** Lower case, `*.` in front when it is a wildcard; unique. */
  readonly domain: string;
  /** Empty: everywhere. */
  readonly region: string;
  /** The uploaded or ordered certificate that is served for it. */
  readonly certificateId: string | undefined;
  readonly certificatePolicy: CertificatePolicy | undefined;
  /** The name below the base domain that its CNAME points to; `undefined` when it lies below the base domain itself. */
  readonly cnameTarget: string | undefined;
  /** The order that is under way or failed last. */
  readonly certificateJob: CertificateJob | undefined;
  readonly renewsAt: Date | undefined;
}

/** How its certificate is ordered. */
export interface CertificatePolicy {
  readonly authority: "letsencrypt";
  readonly privateKeyType: "ecdsa" | "rsa";
}

export interface CertificateJob {
  /** Empty while nothing failed. */
  readonly errorCode: string;
  readonly message: string;
  readonly startedAt: Date;
  readonly retriesAt: Date | undefined;
}
