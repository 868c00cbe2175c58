import { expect, test } from "bun:test";
import { ipPoliciesOf } from "../../../src/edge/binding/ip-policies.ts";
import { OPEN_ACCOUNT } from "../../../src/edge/static-directory.ts";
import { AddressRules } from "../../../src/model/address-rules.ts";

test("ipPoliciesOf finds a policy as it is at any time, and lets nobody in when it is gone", () => {
  let rules: AddressRules | undefined = AddressRules.parse({ allow: ["192.0.2.0/24"], deny: [] }, "nobody");
  const account = { ...OPEN_ACCOUNT, policies: (ids: readonly string[]) => (ids[0] === "ipp_1" ? rules : undefined) };
  const find = ipPoliciesOf({ account: () => account }, "ac_1");
  expect(find("ipp_2")).toBeUndefined();
  const current = find("ipp_1");
  expect(current?.().admits("192.0.2.7")).toBe(true);
  rules = undefined;
  expect(current?.().admits("192.0.2.7")).toBe(false);
  expect(current?.().admits("2001:db8::1")).toBe(false);
});
