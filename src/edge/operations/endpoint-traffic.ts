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
