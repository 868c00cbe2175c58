import { expect, test } from "bun:test";
import { MOST_ENDPOINTS_SHOWN, trafficView } from "../../../src/edge/dashboard/traffic-view.ts";
import type { EndpointTraffic } from "../../../src/edge/operations/endpoint-traffic.ts";

const AT = new Date("2026-01-01T00:00:00.125Z");

/** The later ones have more bytes. */
function endpoints(count: number): EndpointTraffic[] {
  return Array.from({ length: count }, (_, number) => ({
    endpointId: `ep_${number}`,
    url: `https://shop-${number}.${"long".repeat(10)}.example.com`,
    requests: 2 ** 40,
    visitors: 2 ** 40,
    visitorsOpen: 2,
    bytesIn: number % 2 === 0 ? 0 : 2 * number,
    bytesOut: number % 2 === 0 ? 2 * number : 0,
  }));
}

const listedIn = (view: object): unknown => ("endpoints" in view ? view.endpoints : undefined);

test("trafficView tells of the endpoints with the most bytes, and of all together", () => {
  const view = trafficView(AT, endpoints(1_000));
  expect(view).toMatchObject({
    at: "2026-01-01T00:00:00.125Z",
    endpoints_online: 1_000,
    totals: { requests: 1_000 * 2 ** 40, visitors_open: 2_000, bytes_in: 500_000, bytes_out: 499_000 },
  });
  const busiest = Array.from({ length: MOST_ENDPOINTS_SHOWN }, (_, rank) => ({ id: `ep_${999 - rank}` }));
  expect(listedIn(view)).toMatchObject(busiest);
});

test("trafficView tells of a few endpoints in their order", () => {
  const few = endpoints(MOST_ENDPOINTS_SHOWN);
  expect(listedIn(trafficView(AT, few))).toMatchObject(few.map(({ endpointId: id }) => ({ id })));
});

test.each([1_000, 10_000])("trafficView has less than 20 kB for %p endpoints", (count) => {
  expect(JSON.stringify(trafficView(AT, endpoints(count))).length).toBeLessThan(20_000);
});

test("trafficView is there without endpoints", () => {
  expect(trafficView(AT, [])).toEqual({
    at: "2026-01-01T00:00:00.125Z",
    endpoints_online: 0,
    totals: { requests: 0, visitors_open: 0, bytes_in: 0, bytes_out: 0 },
    endpoints: [],
  });
});
