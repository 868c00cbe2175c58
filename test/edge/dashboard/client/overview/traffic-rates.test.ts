import { describe, expect, test } from "bun:test";
import {
  busiestOf,
  type EndpointFigures,
  ratesOf,
  totalsOf,
} from "../../../../../src/edge/dashboard/client/overview/traffic-rates.ts";

function figures(id: string, requests: number, bytes = 0): EndpointFigures {
  return { id, url: id, requests, visitors: 0, visitors_open: 2, bytes_in: bytes, bytes_out: 2 * bytes };
}

const BEFORE = { atMs: 1_000, endpoints: [figures("ep_1", 10, 100), figures("ep_2", 50)] };
const NOW = { atMs: 3_000, endpoints: [figures("ep_1", 16, 1_100), figures("ep_2", 4), figures("ep_3", 7)] };

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
  test("adds up all endpoints", () => {
    expect(totalsOf(ratesOf(BEFORE, NOW), false)).toEqual({
      requestsPerSecond: 3,
      bytesInPerSecond: 500,
      bytesOutPerSecond: 1_000,
      visitorsOpen: 6,
    });
  });

  test("has no rates at the first look", () => {
    expect(totalsOf(ratesOf(undefined, NOW), true)).toMatchObject({ requestsPerSecond: undefined, visitorsOpen: 6 });
  });
});

describe("busiestOf", () => {
  const ENDPOINTS = [figures("quiet", 9), figures("busy", 0, 30), figures("busier", 0, 31)];

  test.each([
    [1, ["busier"]],
    [2, ["busier", "busy"]],
    [3, ["quiet", "busy", "busier"]],
    [4, ["quiet", "busy", "busier"]],
  ])("takes %p with the most bytes, or all as they are", (most, ids) => {
    expect(busiestOf(ENDPOINTS, most).map(({ id }) => id)).toEqual(ids);
  });
});
