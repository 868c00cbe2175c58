import { expect, test } from "bun:test";
import { AddressRules } from "../../src/model/address-rules.ts";
import { PassedRules } from "../../src/policy/passed-rules.ts";

const only = (allow: string): AddressRules => AddressRules.parse({ allow: [allow], deny: [] }, "nobody");

test("PassedRules ask all rules as they are now", () => {
  const passed = new PassedRules();
  expect(passed.admit("192.0.2.7")).toBe(true);
  let second = only("192.0.2.0/24");
  passed.add(() => [only("192.0.0.0/16")]);
  passed.add(() => [second]);
  expect([passed.admit("192.0.2.7"), passed.admit("192.0.3.7")]).toEqual([true, false]);
  second = only("198.51.100.0/24");
  expect(passed.admit("192.0.2.7")).toBe(false);
});
