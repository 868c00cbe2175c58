import type { Account } from "./account.ts";
import type { AcmeAccount } from "./acme-account.ts";
import type { ApiKey } from "./api-key.ts";
import type { CertificateAuthority } from "./certificate-authority.ts";
import type { CertificateOrder } from "./certificate-order.ts";
import type { CloudEndpoint } from "./cloud-endpoint.ts";
import type { Credential } from "./credential.ts";
import type { IpPolicy } from "./ip-policy.ts";
import type { IpPolicyRule } from "./ip-policy-rule.ts";
import type { IpRestriction } from "./ip-restriction.ts";
import type { IssuedCertificate } from "./issued-certificate.ts";
import type { ReservedAddr } from "./reserved-addr.ts";
import type { ReservedDomain } from "./reserved-domain.ts";
import type { TlsCertificate } from "./tls-certificate.ts";

/** Every kind of record that is kept and changed, by its name. What lives with an agent is not here. */
export interface Records {
  readonly account: Account;
  readonly credential: Credential;
  readonly apiKey: ApiKey;
  readonly reservedDomain: ReservedDomain;
  readonly reservedAddr: ReservedAddr;
  readonly ipPolicy: IpPolicy;
  readonly ipPolicyRule: IpPolicyRule;
  readonly ipRestriction: IpRestriction;
  readonly tlsCertificate: TlsCertificate;
  readonly certificateAuthority: CertificateAuthority;
  readonly cloudEndpoint: CloudEndpoint;
  readonly acmeAccount: AcmeAccount;
  readonly issuedCertificate: IssuedCertificate;
  readonly certificateOrder: CertificateOrder;
}

export type RecordType = keyof Records;

/** What ids of a kind begin with (reference.md 8.2). */
export const ID_PREFIXES: Readonly<Record<RecordType, string>> = {
  account: "acct",
  credential: "cr",
  apiKey: "ak",
  reservedDomain: "rd",
  reservedAddr: "ra",
  ipPolicy: "ipp",
  ipPolicyRule: "ipr",
  ipRestriction: "ipx",
  tlsCertificate: "cert",
  certificateAuthority: "ca",
  cloudEndpoint: "ep",
  acmeAccount: "acme",
  issuedCertificate: "icert",
  certificateOrder: "ord",
};
