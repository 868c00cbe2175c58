import { describe, expect, test } from "bun:test";
import { AddressRules, admitsByLists } from "../../src/model/address-rules.ts";

describe("AddressRules", () => {
  test.each([
    ["no entry", [], [], "192.0.2.1", true, true],
    ["an allow that matches", ["192.0.2.0/24"], [], "192.0.2.1", true, true],
    ["an allow that does not match", ["192.0.2.0/24"], [], "198.51.100.1", false, false],
    ["a deny that matches", [], ["192.0.2.0/24"], "192.0.2.1", false, false],
    ["only a deny that does not match", [], ["192.0.2.0/24"], "198.51.100.1", true, false],
    ["a deny inside of an allow", ["192.0.2.0/24"], ["192.0.2.7/32"], "192.0.2.7", false, false],
    ["an allow inside of a deny", ["192.0.2.7/32"], ["192.0.2.0/24"], "192.0.2.7", false, false],
    ["both, none of which matches", ["192.0.2.0/24"], ["203.0.113.0/24"], "198.51.100.1", false, false],
    ["IPv6", ["2001:db8::/32"], [], "2001:db8:0:1::7", true, true],
    ["IPv6 of another network", ["2001:db8::/32"], [], "2001:db9::1", false, false],
    ["a mapped source against IPv4", ["192.0.2.0/24"], [], "::ffff:192.0.2.1", true, true],
    ["IPv4 against a mapped entry", ["::ffff:192.0.2.0/120"], [], "192.0.2.1", true, true],
    ["a mapped source that is denied as IPv4", ["::/0"], ["192.0.2.0/24"], "::ffff:c000:201", false, false],
    ["IPv4 against all of IPv6", ["::/0"], [], "192.0.2.1", false, false],
    ["a zone", ["fe80::/10"], [], "fe80::1%eth0", true, true],
    ["no address", ["0.0.0.0/0", "::/0"], [], "<pipe>", false, false],
    ["no address against a deny", [], ["192.0.2.0/24"], "", false, false],
  ] as const)("AddressRules decides about %s", (_, allow, deny, ip, byFlags, literally) => {
    expect(AddressRules.parse({ allow, deny }, "others").admits(ip)).toBe(byFlags);
    expect(AddressRules.parse({ allow, deny }, "nobody").admits(ip)).toBe(literally);
  });
});

test.each([
  ["no list", [], true],
  ["an empty list", [[[], []]], true],
  [
    "an allow of one of two",
    [
      [["192.0.2.0/24"], []],
      [["203.0.113.0/24"], []],
    ],
    true,
  ],
  [
    "an allow and a deny of another",
    [
      [["192.0.2.0/24"], []],
      [[], ["192.0.2.7/32"]],
    ],
    false,
  ],
  [
    "an empty list and an allow that does not match",
    [
      [[], []],
      [["203.0.113.0/24"], []],
    ],
    false,
  ],
  ["a deny that does not match", [[[], ["203.0.113.0/24"]]], false],
] as const)("admitsByLists decides by %s", (_, lists, expected) => {
  const rules = lists.map(([allow, deny]) => AddressRules.parse({ allow, deny }, "nobody"));
  expect(admitsByLists(rules, "192.0.2.7")).toBe(expected);
});
