import { expect, test } from "bun:test";
import { networkOf } from "../../src/model/address-network.ts";

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3::9", "2001:db8:1:2::"],
  ["2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::"],
  ["2001:db8:1:3::", "2001:db8:1:3::"],
  ["::1", "::"],
  ["fe80::1%eth0", "fe80::"],
  ["<unix>", ""],
  ["", ""],
])("networkOf %j is %j", (ip, expected) => {
  expect(networkOf(ip)).toBe(expected);
});
