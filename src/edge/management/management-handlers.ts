import { apiKeyHandlers, credentialHandlers } from "./handlers/access-handlers.ts";
import { reservedAddrHandlers, reservedDomainHandlers } from "./handlers/address-handlers.ts";
import { certificateAuthorityHandlers, tlsCertificateHandlers } from "./handlers/certificate-handlers.ts";
import { endpointHandlers } from "./handlers/endpoint-handlers.ts";
import { ipPolicyHandlers, ipPolicyRuleHandlers, ipRestrictionHandlers } from "./handlers/network-handlers.ts";
import { tunnelHandlers, tunnelSessionHandlers } from "./handlers/session-handlers.ts";
import { Links } from "./links.ts";
import type { ResourceHandlers } from "./management-call.ts";
import type { ManagementServices } from "./management-services.ts";

/** What answers the calls of each resource, by its path. */
export function managementHandlers(services: ManagementServices): Readonly<Record<string, ResourceHandlers>> {
  const all = { ...services, links: new Links(services.baseUrl) };
  return {
    tunnels: tunnelHandlers(all),
    tunnel_sessions: tunnelSessionHandlers(all),
    endpoints: endpointHandlers(all),
    reserved_domains: reservedDomainHandlers(all),
    reserved_addrs: reservedAddrHandlers(all),
    credentials: credentialHandlers(all),
    api_keys: apiKeyHandlers(all),
    ip_policies: ipPolicyHandlers(all),
    ip_policy_rules: ipPolicyRuleHandlers(all),
    ip_restrictions: ipRestrictionHandlers(all),
    tls_certificates: tlsCertificateHandlers(all),
    certificate_authorities: certificateAuthorityHandlers(all),
  };
}
