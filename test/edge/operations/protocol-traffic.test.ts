import { expect, test } from "bun:test";
import { ProtocolTraffic } from "../../../src/edge/operations/protocol-traffic.ts";

test("ProtocolTraffic counts what open connections forward at once, and never counts it twice", () => {
  const traffic = new ProtocolTraffic();
  const joint = { bytesFromFirst: 10, bytesFromSecond: 100 };
  traffic.received(1);
  traffic.sent(2);
  traffic.onJoined(joint);
  expect([traffic.bytesIn, traffic.bytesOut]).toEqual([11, 102]);
  Object.assign(joint, { bytesFromFirst: 20, bytesFromSecond: 300 });
  expect([traffic.bytesIn, traffic.bytesOut]).toEqual([21, 302]);
  traffic.onParted(joint);
  traffic.onParted(joint);
  expect([traffic.bytesIn, traffic.bytesOut]).toEqual([21, 302]);
});

test("ProtocolTraffic counts visitors", () => {
  const traffic = new ProtocolTraffic();
  traffic.onVisitor();
  traffic.onVisitor();
  expect(traffic.visitors).toBe(2);
});
