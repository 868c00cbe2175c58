import type { ResourceSpec } from "./resource-spec.ts";
import { apiKeys, credentials } from "./resources/access-resources.ts";
import { reservedAddrs, reservedDomains } from "./resources/address-resources.ts";
import { certificateAuthorities, tlsCertificates } from "./resources/certificate-resources.ts";
import { ipPolicies, ipPolicyRules, ipRestrictions } from "./resources/network-resources.ts";
import { endpoints, tunnels, tunnelSessions } from "./resources/online-resources.ts";

/** Every resource of the management API, in the order in which people read them. */
export const RESOURCES: readonly ResourceSpec[] = [
  tunnels,
  tunnelSessions,
  endpoints,
  reservedDomains,
  reservedAddrs,
  credentials,
  apiKeys,
  ipPolicies,
  ipPolicyRules,
  ipRestrictions,
  tlsCertificates,
  certificateAuthorities,
];
