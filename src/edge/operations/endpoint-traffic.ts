import type { Endpoint } from "../endpoint.ts";

/** What has passed at one endpoint since it came online. */
export interface EndpointTraffic {
  readonly endpointId: string;
  readonly url: string;
  /** Of HTTP; of other endpoints 0. */
  readonly requests: number;
  /** Connections that came for it, and those that are still there. */
  readonly visitors: number;
  readonly visitorsOpen: number;
  /** To its agent. */
  readonly bytesIn: number;
  /** From its agent. */
  readonly bytesOut: number;
}

/** What has passed at the account's endpoints. Goes through all endpoints. */
export function trafficOf(accountId: string, endpoints: Iterable<Endpoint>): readonly EndpointTraffic[] {
  return [...endpoints].flatMap(({ facts, meter }) => {
    if (facts.accountId !== accountId) return [];
    const { requests, visitors, visitorsOpen, bytesIn, bytesOut } = meter;
    return [{ endpointId: facts.id, url: facts.url, requests, visitors, visitorsOpen, bytesIn, bytesOut }];
  });
}

/** Of several processes of the edge together. The first knows which endpoints are online. */
export function joinedTraffic(
  first: readonly EndpointTraffic[],
  others: readonly (readonly EndpointTraffic[])[],
): readonly EndpointTraffic[] {
  const sums = new Map(first.map((traffic) => [traffic.endpointId, traffic]));
  for (const traffic of others.flat()) {
    const sum = sums.get(traffic.endpointId);
    if (sum !== undefined) sums.set(traffic.endpointId, added(sum, traffic));
  }
  return [...sums.values()];
}

function added(one: EndpointTraffic, other: EndpointTraffic): EndpointTraffic {
  return {
    ...one,
    requests: one.requests + other.requests,
    visitors: one.visitors + other.visitors,
    visitorsOpen: one.visitorsOpen + other.visitorsOpen,
    bytesIn: one.bytesIn + other.bytesIn,
    bytesOut: one.bytesOut + other.bytesOut,
  };
}
