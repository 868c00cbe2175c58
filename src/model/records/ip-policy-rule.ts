import type { Owned } from "./record.ts";

/** One network that a policy lets in or keeps out. `ipr_…` */
export interface IpPolicyRule extends Owned {
  readonly policyId: string;
  /** In lowest-address form with its mask, such as `203.0.113.0/24`; unique in its policy. */
  readonly cidr: string;
  readonly action: "allow" | "deny";
}
