import { expect, test } from "bun:test";
import { DnsZones } from "../../../src/edge/certificates/dns-zones.ts";

const zones = new DnsZones(["edge.test", "given.test"], ["www.corp.test", "*.apps.corp.test"]);

test.each([
  ["edge.test", true],
  ["*.edge.test", true],
  ["x.y.edge.test", true],
  ["*.x.edge.test", true],
  ["given.test", true],
  ["a.given.test", true],
  ["www.corp.test", true],
  ["*.apps.corp.test", true],
  ["x.apps.corp.test", true],
  ["*.www.corp.test", false],
  ["corp.test", false],
  ["*.corp.test", false],
  ["mail.corp.test", false],
  ["notedge.test", false],
  ["test", false],
  ["*.test", false],
  ["example.com", false],
])("DnsZones says of %s that it is one of the operator's: %p", (name, isHeld) => {
  expect(zones.holds(name)).toBe(isHeld);
});
