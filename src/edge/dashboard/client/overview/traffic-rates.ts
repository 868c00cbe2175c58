/** Counters of an endpoint since it came online, as the edge tells them. */
export interface EndpointFigures {
  readonly id: string;
  readonly url: string;
  readonly requests: number;
  readonly visitors: number;
  readonly visitors_open: number;
  readonly bytes_in: number;
  readonly bytes_out: number;
}

export interface TrafficReading {
  readonly atMs: number;
  readonly endpoints: readonly EndpointFigures[];
}

/** Per second between two readings; `undefined` for what was not there before. */
export interface EndpointRates extends EndpointFigures {
  readonly requestsPerSecond: number | undefined;
  readonly bytesInPerSecond: number | undefined;
  readonly bytesOutPerSecond: number | undefined;
}

/** All endpoints together. */
export interface TrafficTotals {
  readonly requestsPerSecond: number | undefined;
  readonly bytesInPerSecond: number | undefined;
  readonly bytesOutPerSecond: number | undefined;
  readonly visitorsOpen: number | undefined;
}

/** Of a look that failed. */
export const UNKNOWN_TOTALS: TrafficTotals = {
  requestsPerSecond: undefined,
  bytesInPerSecond: undefined,
  bytesOutPerSecond: undefined,
  visitorsOpen: undefined,
};

/** A counter that went back belongs to an endpoint that was away: it counts from nothing. */
export function ratesOf(before: TrafficReading | undefined, now: TrafficReading): readonly EndpointRates[] {
  const seconds = before === undefined ? 0 : (now.atMs - before.atMs) / 1000;
  const known = new Map(before?.endpoints.map((endpoint) => [endpoint.id, endpoint]));
  return now.endpoints.map((endpoint) => {
    const last = known.get(endpoint.id);
    const rate = (read: (figures: EndpointFigures) => number): number | undefined =>
      last === undefined || seconds <= 0 ? undefined : Math.max(0, read(endpoint) - read(last)) / seconds;
    return {
      ...endpoint,
      requestsPerSecond: rate(({ requests }) => requests),
      bytesInPerSecond: rate(({ bytes_in }) => bytes_in),
      bytesOutPerSecond: rate(({ bytes_out }) => bytes_out),
    };
  });
}

export function totalsOf(rates: readonly EndpointRates[], isFirst: boolean): TrafficTotals {
  const sum = (read: (rates: EndpointRates) => number | undefined): number | undefined =>
    isFirst ? undefined : rates.reduce((total, one) => total + (read(one) ?? 0), 0);
  return {
    requestsPerSecond: sum(({ requestsPerSecond }) => requestsPerSecond),
    bytesInPerSecond: sum(({ bytesInPerSecond }) => bytesInPerSecond),
    bytesOutPerSecond: sum(({ bytesOutPerSecond }) => bytesOutPerSecond),
    visitorsOpen: rates.reduce((total, { visitors_open }) => total + visitors_open, 0),
  };
}

/** Those with the most bytes since they came online, as many as `most`; all, in the order of the edge, when there are no more. */
export function busiestOf<Figures extends EndpointFigures>(
  endpoints: readonly Figures[],
  most: number,
): readonly Figures[] {
  if (endpoints.length <= most) return endpoints;
  return endpoints.toSorted((one, other) => bytesOf(other) - bytesOf(one)).slice(0, most);
}

function bytesOf({ bytes_in, bytes_out }: EndpointFigures): number {
  return bytes_in + bytes_out;
}
