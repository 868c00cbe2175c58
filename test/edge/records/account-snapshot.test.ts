import { expect, test } from "bun:test";
import { newId } from "../../../src/base/record-id.ts";
import { AccountSnapshot } from "../../../src/edge/records/account-snapshot.ts";
import { parseCidr } from "../../../src/model/cidr.ts";
import type { IpPolicyRule } from "../../../src/model/records/ip-policy-rule.ts";
import type { IpRestriction } from "../../../src/model/records/ip-restriction.ts";
import { anAccount } from "../../support/store-records.ts";

const account = anAccount();
const owned = (prefix: string) => ({
  id: newId(prefix, new Date()),
  accountId: account.id,
  createdAt: new Date(),
  description: "",
  metadata: "",
});
const rule = (policyId: string, cidr: string): IpPolicyRule => ({ ...owned("ipr"), policyId, cidr, action: "allow" });
const restriction = (type: IpRestriction["type"], isEnforced: boolean, policyIds: readonly string[]) => ({
  ...owned("ipx"),
  type,
  isEnforced,
  policyIds,
});

/** Of four restrictions, and two policies with a network each; `read` has the networks that were parsed. */
function scene() {
  const policies = new Map([
    ["ipp_1", [rule("ipp_1", "192.0.2.0/24")]],
    ["ipp_2", [rule("ipp_2", "198.51.100.0/24")]],
  ]);
  const restrictions = [
    restriction("api", true, ["ipp_1", "ipp_2"]),
    restriction("dashboard", false, ["ipp_1"]),
    restriction("agent", true, ["ipp_2"]),
    restriction("endpoints", false, ["ipp_2"]),
  ];
  const read: string[] = [];
  const snapshot = new AccountSnapshot({ account, restrictions, policies, authorities: [] }, ({ cidr, action }) => {
    read.push(cidr);
    return { cidr: parseCidr(cidr), action };
  });
  return { snapshot, read };
}

test("AccountSnapshot knows the networks of each side, enforced or not", () => {
  const { snapshot } = scene();
  const sides = {
    api: snapshot.callerAddresses("api"),
    warnedApi: snapshot.warnedCallerAddresses("api"),
    dashboard: snapshot.callerAddresses("dashboard"),
    warnedDashboard: snapshot.warnedCallerAddresses("dashboard"),
    agent: snapshot.agentAddresses,
    warnedAgent: snapshot.warnedAgentAddresses,
    visitor: snapshot.visitorAddresses,
    warnedVisitor: snapshot.warnedVisitorAddresses,
  };
  const admitted = Object.entries(sides).map(([side, rules]) => [
    side,
    ["192.0.2.1", "198.51.100.1", "203.0.113.1"].map((ip) => rules.admits(ip)),
  ]);
  const everybody = [true, true, true];
  expect(Object.fromEntries(admitted)).toEqual({
    api: [true, true, false],
    warnedApi: everybody,
    dashboard: everybody,
    warnedDashboard: [true, false, false],
    agent: [false, true, false],
    warnedAgent: everybody,
    visitor: everybody,
    warnedVisitor: [false, true, false],
  });
});

test("AccountSnapshot reads rules when they are asked for, and keeps what they come to", () => {
  const { snapshot, read } = scene();
  expect(read).toEqual([]);
  const once = snapshot.callerAddresses("api");
  expect(snapshot.callerAddresses("api")).toBe(once);
  expect(snapshot.policies(["ipp_2"])).toBe(snapshot.agentAddresses);
  expect(read).toEqual(["192.0.2.0/24", "198.51.100.0/24", "198.51.100.0/24"]);
});
