import { expect, test } from "bun:test";
import { connectionsWithinDescriptors, parseLimit, visitorsWithinDescriptors } from "../../src/cli/descriptor-limit.ts";

const TABLE = `Limit                     Soft Limit           Hard Limit           Units
Max processes             63433                63433                processes
Max open files            1024                 1048576              files
Max locked memory         8388608              8388608              bytes
`;

test.each([
  [TABLE, 1024],
  [TABLE.replace(/1024 {8}/, "unlimited   "), undefined],
  ["", undefined],
])("parseLimit reads the soft limit (%#)", (table, limit) => {
  expect(parseLimit(table)).toBe(limit as number);
});

test.each([
  [1, 1024, 819],
  [2, 1024, 409],
  [2, 1, 1],
  [1, 160, 128],
  // What the process needs for itself stays.
  [1, 100, 68],
])("visitorsWithinDescriptors with %d descriptors each of %d are %d", (perVisitor, limit, visitors) => {
  expect(visitorsWithinDescriptors(perVisitor, limit)).toBe(visitors);
});

test.each([
  [1024, 992],
  [1, 1],
])("connectionsWithinDescriptors of %d are %d", (limit, connections) => {
  expect(connectionsWithinDescriptors(limit)).toBe(connections);
});

test("visitorsWithinDescriptors knows the limit of this process", () => {
  expect(visitorsWithinDescriptors(1)).toBeGreaterThan(10);
});
