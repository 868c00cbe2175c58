import { expect, test } from "bun:test";
import { TrafficMeters } from "../../src/telemetry/traffic-meters.ts";

test("TrafficMeters pass everything on to those of all", () => {
  const total = new TrafficMeters(0);
  const [web, api] = [new TrafficMeters(0, total), new TrafficMeters(0, total)];
  web.received(5);
  web.received(6);
  api.sent(2 ** 40);
  web.conns.opened(0);
  api.http.started(0);
  api.http.ended(3, 3);
  expect([web.bytesIn, web.bytesOut, api.bytesIn, api.bytesOut]).toEqual([11, 0, 0, 2 ** 40]);
  expect([total.bytesIn, total.bytesOut]).toEqual([11, 2 ** 40]);
  expect([total.conns.openCount, total.http.startedCount, total.http.durations.sum]).toEqual([1, 1, 3]);
  expect([web.http.startedCount, api.conns.openedCount]).toEqual([0, 0]);
});

test("TrafficMeters sample with the randomness that they are given", () => {
  // The later of two equal priorities does not get in: the sample keeps the first values.
  const meters = new TrafficMeters(0, undefined, () => 0);
  for (let value = 1; value <= 2_000; value++) {
    meters.http.ended(value, 0);
    meters.conns.closed(value, 0);
  }
  expect(meters.http.durations.percentiles([1])).toEqual([1028]);
  expect(meters.conns.durations.percentiles([1])).toEqual([1028]);
});
