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

/** The same of all endpoints together. */
export type SummedFigures = Pick<EndpointFigures, "requests" | "visitors_open" | "bytes_in" | "bytes_out">;

export interface TrafficReading {
  readonly atMs: number;
  /** How many endpoints are online. */
  readonly online: number;
  /** Of all that are online. */
  readonly totals: SummedFigures;
  /** Those with the most traffic. */
  readonly endpoints: readonly EndpointFigures[];
}

/** Per second between two readings; `undefined` for what was not there before. */
export interface EndpointRates extends EndpointFigures {
  readonly requestsPerSecond: number | undefined;
  readonly bytesInPerSecond: number | undefined;
  readonly bytesOutPerSecond: number | undefined;
}

/** Of all endpoints together, per second between two readings. */
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
  const seconds = secondsBetween(before, now);
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

/** A sum that went back lost an endpoint, with all that ever passed there: what passed meanwhile is not known. */
export function totalsOf(before: TrafficReading | undefined, now: TrafficReading): TrafficTotals {
  const seconds = secondsBetween(before, now);
  const rate = (read: (figures: SummedFigures) => number): number | undefined => {
    if (before === undefined || seconds <= 0) return undefined;
    const more = read(now.totals) - read(before.totals);
    return more < 0 ? undefined : more / seconds;
  };
  return {
    requestsPerSecond: rate(({ requests }) => requests),
    bytesInPerSecond: rate(({ bytes_in }) => bytes_in),
    bytesOutPerSecond: rate(({ bytes_out }) => bytes_out),
    visitorsOpen: now.totals.visitors_open,
  };
}

function secondsBetween(before: TrafficReading | undefined, now: TrafficReading): number {
  return before === undefined ? 0 : (now.atMs - before.atMs) / 1000;
}
