import type { LiveEndpoint } from "../../model/records/live-endpoint.ts";
import type { BindRequest } from "../../protocol/rpc/bind.ts";
import type { EndpointFacts } from "../endpoint.ts";
import { isInternalPlace } from "../routing-table.ts";

/** Ports that a URL does not show. */
const USUAL_PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443, "tls:": 443 };

export interface WhereOnline {
  readonly sessionId: string;
  readonly nodeId: string;
  readonly region: string;
  readonly startedAt: Date;
}

/** The record of an endpoint that a session has online. */
export function liveEndpointOf(facts: EndpointFacts, request: BindRequest, where: WhereOnline): LiveEndpoint {
  const { id, accountId, credentialId, proto, url, forwardsTo, reservationId } = facts;
  const { extra, options } = request;
  const { protocol, hostname, port } = new URL(url);
  return {
    ...where,
    id,
    accountId,
    credentialId,
    proto,
    publicUrl: url,
    url,
    host: hostname,
    port: port === "" ? (USUAL_PORTS[protocol] ?? 0) : Number(port),
    forwardsTo,
    metadata: extra.metadata,
    description: extra.description,
    bindings: [isInternalPlace(facts.place) ? "internal" : "public"],
    name: extra.name,
    isPooled: extra.poolingEnabled,
    trafficPolicy: options.trafficPolicy,
    domainId: proto === "tcp" ? undefined : reservationId,
    addrId: proto === "tcp" ? reservationId : undefined,
  };
}
