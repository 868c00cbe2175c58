/** What passes at the endpoints of an account, as JSON for the overview, which asks for it every few seconds. */
import type { EndpointTraffic } from "../operations/endpoint-traffic.ts";

/** Told of one by one: about 180 bytes each, and rows that a browser draws anew each time. */
export const MOST_ENDPOINTS_SHOWN = 50;

/**
 * `endpoints` are all that are online; those with the most bytes since they came online are told of, all in their order when there are
 * no more than {@link MOST_ENDPOINTS_SHOWN}. `at` has parts of a second: from two of these come rates.
 */
export function trafficView(at: Date, endpoints: readonly EndpointTraffic[]): object {
  const sum = (read: (traffic: EndpointTraffic) => number): number =>
    endpoints.reduce((total, traffic) => total + read(traffic), 0);
  return {
    at: at.toISOString(),
    endpoints_online: endpoints.length,
    totals: {
      requests: sum(({ requests }) => requests),
      visitors_open: sum(({ visitorsOpen }) => visitorsOpen),
      bytes_in: sum(({ bytesIn }) => bytesIn),
      bytes_out: sum(({ bytesOut }) => bytesOut),
    },
    endpoints: busiestOf(endpoints).map(({ endpointId, url, requests, visitors, visitorsOpen, bytesIn, bytesOut }) => ({
      id: endpointId,
      url,
      requests,
      visitors,
      visitors_open: visitorsOpen,
      bytes_in: bytesIn,
      bytes_out: bytesOut,
    })),
  };
}

function busiestOf(endpoints: readonly EndpointTraffic[]): readonly EndpointTraffic[] {
  if (endpoints.length <= MOST_ENDPOINTS_SHOWN) return endpoints;
  return endpoints.toSorted((one, other) => bytesOf(other) - bytesOf(one)).slice(0, MOST_ENDPOINTS_SHOWN);
}

function bytesOf({ bytesIn, bytesOut }: EndpointTraffic): number {
  return bytesIn + bytesOut;
}
