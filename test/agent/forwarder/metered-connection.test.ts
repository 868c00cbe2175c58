import { expect, test } from "bun:test";
import { MeteredConnection } from "../../../src/agent/forwarder/metered-connection.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { TrafficMeters } from "../../../src/telemetry/traffic-meters.ts";
import { duplexContract } from "../../support/duplex-contract.ts";
import { octets } from "../../support/http-transcript.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingListener } from "../../support/recording-listener.ts";

duplexContract("MeteredConnection", () => {
  const [first, second] = pipe();
  return Promise.resolve({ ends: [metered(first), metered(second)] as const });
});

function metered(end: ReturnType<typeof pipe>[0], meters = new TrafficMeters(0), clock = new ManualClock()) {
  return new MeteredConnection(end, 0, meters, clock);
}

test("MeteredConnection counts itself, what was read before, and bytes both ways while they pass", async () => {
  const total = new TrafficMeters(0);
  const meters = new TrafficMeters(0, total);
  const clock = new ManualClock();
  const [end, visitor] = pipe();
  const connection = new MeteredConnection(end, 100, meters, clock);
  expect(meters.conns.snapshot(0)).toMatchObject({ count: 1, gauge: 1 });
  const heard = new RecordingListener(connection);
  const atVisitor = new RecordingListener(visitor);
  visitor.write(octets("hello"));
  connection.write(octets("hi"));
  await heard.until(() => heard.text === "hello");
  await atVisitor.until(() => atVisitor.text === "hi");
  expect([meters.bytesIn, meters.bytesOut, total.bytesIn, total.bytesOut]).toEqual([105, 2, 105, 2]);
  clock.advance(1_500);
  visitor.end();
  connection.end();
  await heard.until(() => heard.isClosed);
  expect(meters.conns.snapshot(0)).toMatchObject({ count: 1, gauge: 0, p50: 1.5e9, p99: 1.5e9 });
});

test("MeteredConnection closes once, however many listeners hear of it, and not before", async () => {
  const meters = new TrafficMeters(0);
  const [end, visitor] = pipe();
  const connection = metered(end, meters);
  const first = new RecordingListener(connection);
  const second = new RecordingListener(connection);
  expect(meters.conns.openCount).toBe(1);
  visitor.reset();
  await second.until(() => second.isClosed);
  const third = new RecordingListener(connection);
  await third.until(() => third.isClosed);
  expect(first.isClosed).toBe(false);
  expect([meters.conns.openCount, meters.conns.durations.count]).toEqual([0, 1]);
});

test("MeteredConnection is at the addresses of what it counts", () => {
  const [end] = pipe({ remoteAddresses: ["192.0.2.7:4711", "<other>"] });
  const connection = metered(Object.assign(end, { localAddress: "192.0.2.1:443" }));
  expect([connection.remoteAddress, connection.localAddress]).toEqual(["192.0.2.7:4711", "192.0.2.1:443"]);
});
