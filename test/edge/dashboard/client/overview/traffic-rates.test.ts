import { describe, expect, test } from "bun:test";
import {
  type EndpointFigures,
  ratesOf,
  totalsOf,
  type TrafficReading,
} from "../../../../../src/edge/dashboard/client/overview/traffic-rates.ts";

function figures(id: string, requests: number, bytes = 0): EndpointFigures {
  return { id, url: id, requests, visitors: 0, visitors_open: 2, bytes_in: bytes, bytes_out: 2 * bytes };
}

function reading(
  atMs: number,
  endpoints: readonly EndpointFigures[],
  more: readonly EndpointFigures[] = [],
): TrafficReading {
  const all = [...endpoints, ...more];
  const sum = (read: (figures: EndpointFigures) => number): number => all.reduce((total, one) => total + read(one), 0);
  const totals = {
    requests: sum(({ requests }) => requests),
    visitors_open: sum(({ visitors_open: open }) => open),
    bytes_in: sum(({ bytes_in: bytes }) => bytes),
    bytes_out: sum(({ bytes_out: bytes }) => bytes),
  };
  return { atMs, online: all.length, totals, endpoints };
}

const BEFORE = reading(1_000, [figures("ep_1", 10, 100), figures("ep_2", 50)]);
const NOW = reading(3_000, [figures("ep_1", 16, 1_100), figures("ep_2", 4), figures("ep_3", 7)]);

describe("ratesOf", () => {
  test("tells per second what came between two readings", () => {
    expect(ratesOf(BEFORE, NOW)).toMatchObject([
      { id: "ep_1", requestsPerSecond: 3, bytesInPerSecond: 500, bytesOutPerSecond: 1_000 },
      { id: "ep_2", requestsPerSecond: 0 },
      { id: "ep_3", requestsPerSecond: undefined },
    ]);
  });

  test.each([
    ["there was none before", undefined],
    ["no time has passed", { ...BEFORE, atMs: NOW.atMs }],
    ["the clock went back", { ...BEFORE, atMs: NOW.atMs + 1 }],
  ])("tells nothing when %s", (_, before) => {
    expect(ratesOf(before, NOW).map(({ requestsPerSecond }) => requestsPerSecond)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("totalsOf", () => {
  test("adds up all endpoints, also those that are not told of one by one", () => {
    const before = reading(1_000, [figures("ep_1", 10, 100)], [figures("ep_2", 50)]);
    const now = reading(3_000, [figures("ep_1", 16, 1_100)], [figures("ep_2", 54), figures("ep_3", 2)]);
    expect(totalsOf(before, now)).toEqual({
      requestsPerSecond: 6,
      bytesInPerSecond: 500,
      bytesOutPerSecond: 1_000,
      visitorsOpen: 6,
    });
  });

  test("does not know how much passed when an endpoint went with its counters", () => {
    expect(totalsOf(BEFORE, NOW)).toEqual({
      requestsPerSecond: undefined,
      bytesInPerSecond: 500,
      bytesOutPerSecond: 1_000,
      visitorsOpen: 6,
    });
  });

  test.each([
    ["at the first look", undefined],
    ["when no time has passed", { ...BEFORE, atMs: NOW.atMs }],
  ])("has no rates %s", (_, before) => {
    expect(totalsOf(before, NOW)).toMatchObject({ bytesInPerSecond: undefined, visitorsOpen: 6 });
  });
});
