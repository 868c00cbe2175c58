import { useEffect, useState } from "hono/jsx/dom";
import { callDashboard } from "../data/call.ts";
import { failureText } from "../data/call-failure.ts";
import { whileVisible } from "../data/while-visible.ts";
import {
  type EndpointRates,
  ratesOf,
  totalsOf,
  type TrafficReading,
  type TrafficTotals,
  UNKNOWN_TOTALS,
} from "./traffic-rates.ts";

export interface LiveTraffic {
  /** Those with the most traffic; `undefined` until the first answer. */
  readonly endpoints: readonly EndpointRates[] | undefined;
  /** How many endpoints are online. */
  readonly online: number;
  /** Oldest first, two minutes of them; those of looks that failed are unknown. */
  readonly history: readonly TrafficTotals[];
  /** Why the last look failed; empty when it did not. */
  readonly failure: string;
}

const LOOK_EVERY_MS = 2_000;
const KEPT_READINGS = 60;

/** The edge is asked again and again as long as the page is seen. */
export function useTraffic(): LiveTraffic {
  const [traffic, setTraffic] = useState<LiveTraffic>({
    endpoints: undefined,
    online: 0,
    history: [],
    failure: "",
  });
  useEffect(() => {
    const known: { last?: TrafficReading; isAsking?: boolean } = {};
    const look = async (): Promise<void> => {
      if (known.isAsking === true) return;
      known.isAsking = true;
      try {
        const now = readingIn(await callDashboard("GET", "/traffic"));
        const endpoints = ratesOf(known.last, now);
        const totals = totalsOf(known.last, now);
        const { online } = now;
        known.last = now;
        setTraffic(({ history }) => ({ endpoints, online, history: kept(history, totals), failure: "" }));
      } catch (error) {
        const failure = failureText(error);
        setTraffic((last) => ({ ...last, history: kept(last.history, UNKNOWN_TOTALS), failure }));
      } finally {
        known.isAsking = false;
      }
    };
    return whileVisible(() => void look(), LOOK_EVERY_MS);
  }, []);
  return traffic;
}

function kept(history: readonly TrafficTotals[], newest: TrafficTotals): readonly TrafficTotals[] {
  return [...history, newest].slice(-KEPT_READINGS);
}

/** The page and the edge come from the same program, so the shape of the answer is taken as promised. */
function readingIn(answer: unknown): TrafficReading {
  const { at, endpoints_online, totals, endpoints } = answer as Omit<TrafficReading, "atMs" | "online"> & {
    readonly at: string;
    readonly endpoints_online: number;
  };
  return { atMs: Date.parse(at), online: endpoints_online, totals, endpoints };
}
