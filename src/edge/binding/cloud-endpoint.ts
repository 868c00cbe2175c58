/** From the record of a cloud endpoint to the endpoint that visitors come to. */
import { PublicError } from "../../base/errors.ts";
import { type EndpointAddress, parseEndpointAddress } from "../../model/endpoint-address.ts";
import type { CloudEndpoint } from "../../model/records/cloud-endpoint.ts";
import { policyOf } from "../../policy/endpoint-modules.ts";
import { trafficPolicySteps } from "../../policy/traffic-policy/traffic-policy.ts";
import type { Directory } from "../directory.ts";
import { Endpoint, type EndpointFacts, type EndpointOptions } from "../endpoint.ts";
import { EndpointTls } from "../endpoint-tls.ts";
import { internalPlace } from "../routing-table.ts";
import type { AddressAdmission } from "./address-admission.ts";
import { keptAuthoritiesOf } from "./certificate-authorities.ts";
import { keptIpPoliciesOf } from "./ip-policies.ts";
import { type PublicPorts, shownUrl } from "./shown-url.ts";
import type { TcpPlaces } from "./tcp-places.ts";

export interface CloudEndpointServices {
  readonly directory: Pick<Directory, "account">;
  readonly admission: Pick<AddressAdmission, "accountName" | "accountAddress">;
  readonly tcpPlaces: Pick<TcpPlaces, "routed">;
  readonly publicPorts: PublicPorts;
}

/**
 * `former` is what the record was online as until now.
 * @throws PublicError when its account may not have the address or the policy cannot be read; UsageError for a URL of no kind
 */
export function cloudEndpointOf(
  record: CloudEndpoint,
  services: CloudEndpointServices,
  former: Endpoint | undefined,
): Endpoint {
  const { id, accountId } = record;
  const address = parseEndpointAddress(record.url);
  admitCloudAddress(record, services);
  const facts: EndpointFacts = {
    ...placeOf(accountId, address, services),
    id,
    accountId,
    proto: address.scheme,
    isCloud: true,
    bindId: "",
    credentialId: "",
    clientId: "",
    forwardsTo: "",
    options: cloudOptions(record, address, services),
  };
  return new Endpoint(facts, former?.meter);
}

/** Whether its account may have the address, as of now. @throws as {@link cloudEndpointOf} */
export function admitCloudAddress(
  { accountId, url }: CloudEndpoint,
  { admission }: Pick<CloudEndpointServices, "admission">,
): void {
  const address = parseEndpointAddress(url);
  if (address.kind === "tcp") admission.accountAddress(accountId, address.host, address.port);
  if (address.kind === "named") admission.accountName(accountId, address.host);
}

function placeOf(
  accountId: string,
  address: EndpointAddress,
  { tcpPlaces, publicPorts }: CloudEndpointServices,
): Pick<EndpointFacts, "place" | "host" | "url"> {
  const { host } = address;
  const url = shownUrl(address, publicPorts);
  if (address.kind === "named") return { place: address.scheme, host, url };
  if (address.kind === "internal") return { place: internalPlace(accountId, address), host, url };
  return { ...tcpPlaces.routed(address.port), url };
}

/** What happens to visitors of a cloud endpoint. @throws PublicError when its policy cannot be read */
export function cloudOptions(
  { accountId, trafficPolicy, isPooled }: Pick<CloudEndpoint, "accountId" | "trafficPolicy" | "isPooled">,
  { scheme: protocol, kind }: EndpointAddress,
  { directory }: Pick<CloudEndpointServices, "directory">,
): EndpointOptions {
  const ipPolicy = keptIpPoliciesOf(directory, accountId);
  const steps = trafficPolicySteps(trafficPolicy, {
    protocol,
    mustEnd: true,
    isInternal: kind === "internal",
    ipPolicy,
    certificateAuthority: keptAuthoritiesOf(directory, accountId),
  });
  const policy = policyOf({ trafficPolicy: steps });
  if (policy === undefined) throw new PublicError("ERR_NGROK_2235", {});
  return { policy, ...(steps.tls && { terminateTls: new EndpointTls(steps.tls) }), ...(isPooled && { isPooled }) };
}
