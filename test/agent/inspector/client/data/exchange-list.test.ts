import { expect, test } from "bun:test";
import { ExchangeList } from "../../../../../src/agent/inspector/client/data/exchange-list.ts";
import { exchangeSummary } from "../../../../support/exchange-summary.ts";

test("ExchangeList puts the newest first, in whatever order they come", () => {
  const list = new ExchangeList();
  for (const id of ["airt_2", "airt_1", "airt_4", "airt_3"]) list.put(exchangeSummary(id));
  expect(list.newestFirst.map(({ id }) => id)).toEqual(["airt_4", "airt_3", "airt_2", "airt_1"]);
});

test("ExchangeList replaces an exchange that has changed, and answers the same array until one has", () => {
  const list = new ExchangeList();
  list.put(exchangeSummary("airt_1"));
  const before = list.newestFirst;
  expect(list.newestFirst).toBe(before);
  list.put(exchangeSummary("airt_1", "complete"));
  expect(list.newestFirst.map(({ outcome }) => outcome)).toEqual(["complete"]);
  expect(list.size).toBe(1);
});

test("ExchangeList forgets what was removed, and everything when it is cleared", () => {
  const list = new ExchangeList();
  for (const id of ["airt_1", "airt_2", "airt_3"]) list.put(exchangeSummary(id));
  list.remove(["airt_2", "airt_9"]);
  expect(list.newestFirst.map(({ id }) => id)).toEqual(["airt_3", "airt_1"]);
  list.clear();
  expect(list.newestFirst).toEqual([]);
  expect(list.find("airt_1")).toBeUndefined();
});
