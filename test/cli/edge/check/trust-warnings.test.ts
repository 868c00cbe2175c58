import { expect, test } from "bun:test";
import { trustWarnings } from "../../../../src/cli/edge/check/trust-warnings.ts";
import { parseCidr } from "../../../../src/model/cidr.ts";

test.each([
  [["10.0.0.0/8", "2001:db8::/32"], []],
  [["0.0.0.0/0"], ["0.0.0.0/0"]],
  [["::/0"], ["::/0"]],
  [["::ffff:0:0/96"], ["0.0.0.0/0"]],
  [
    ["10.0.0.0/8", "0.0.0.0/0", "::/0"],
    ["0.0.0.0/0", "::/0"],
  ],
])("trustWarnings of %j are about %j", (networks, everybody) => {
  expect(trustWarnings(networks.map(parseCidr))).toEqual(
    everybody.map((text) => expect.stringContaining(`trusted-proxies: ${text} trusts everybody`)),
  );
});
