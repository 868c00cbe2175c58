import { PublicError } from "../../../base/errors.ts";
import { parseCidr } from "../../../model/cidr.ts";
import { changedNotes, ownRecord } from "../account-records.ts";
import type { ResourceHandlers } from "../management-call.ts";
import { type ChangeScene, type HandlerServices, recordHandlers } from "../record-handlers.ts";
import * as network from "../resources/network-resources.ts";

/** Every connection of a visitor may have to be compared with all rules of all policies that its endpoint names. */
export const MAX_POLICIES_OF_ACCOUNT = 500;
export const MAX_RULES_OF_POLICY = 500;

export function ipPolicyHandlers(services: HandlerServices): ResourceHandlers {
  return recordHandlers(services, {
    spec: network.ipPolicies,
    type: "ipPolicy",
    fields: network.policyFields,
    changes: network.policyFields,
    nothingGiven: "ERR_NGROK_1400",
    view: () => ({}),
    make: async ({ action }, owned, { transaction, account }) => {
      refuseAction(action);
      if ((await transaction.count("ipPolicy", account.id)) >= MAX_POLICIES_OF_ACCOUNT)
        throw new PublicError("ERR_NGROK_1410", { limit: MAX_POLICIES_OF_ACCOUNT });
      return { record: owned };
    },
    change: async ({ action, ...notes }) => {
      refuseAction(action);
      return changedNotes(notes);
    },
    refuseRemoval: async ({ id }, { transaction, account }) => {
      const restrictions = await transaction.all("ipRestriction", { accountId: account.id });
      if (restrictions.some(({ policyIds }) => policyIds.includes(id))) throw new PublicError("ERR_NGROK_1420", { id });
    },
  });
}

export function ipPolicyRuleHandlers(services: HandlerServices): ResourceHandlers {
  return recordHandlers(services, {
    spec: network.ipPolicyRules,
    type: "ipPolicyRule",
    fields: network.ruleFields,
    changes: network.ruleChanges,
    nothingGiven: "ERR_NGROK_1401",
    view: ({ policyId, cidr, action }) => ({
      cidr,
      action,
      ip_policy: services.links.ref(network.ipPolicies.path, policyId),
    }),
    make: async ({ cidr: text, action, ip_policy_id: policyId }, owned, scene) => {
      if (action !== "allow" && action !== "deny") throw new PublicError("ERR_NGROK_1422", {});
      await ownRecord(scene.transaction, "ipPolicy", { id: policyId, accountId: owned.accountId });
      const cidr = await freeCidr(text, { policyId, scene });
      const others = await scene.transaction.all("ipPolicyRule", { policyId });
      if (others.length >= MAX_RULES_OF_POLICY) throw new PublicError("ERR_NGROK_1411", { limit: MAX_RULES_OF_POLICY });
      return { record: { ...owned, policyId, cidr, action } };
    },
    change: async ({ cidr, ...notes }, { id, policyId }, scene) => ({
      ...changedNotes(notes),
      ...(cidr === undefined ? {} : { cidr: await freeCidr(cidr, { policyId, scene, ownId: id }) }),
    }),
  });
}

export function ipRestrictionHandlers(services: HandlerServices): ResourceHandlers {
  return recordHandlers(services, {
    spec: network.ipRestrictions,
    type: "ipRestriction",
    fields: network.restrictionFields,
    changes: network.restrictionChanges,
    nothingGiven: "ERR_GINNEL_NO_CHANGE",
    view: ({ type, isEnforced, policyIds }) => ({
      type,
      enforced: isEnforced,
      ip_policies: policyIds.map((id) => services.links.ref(network.ipPolicies.path, id)),
    }),
    make: async ({ type, enforced = false, ip_policy_ids = [] }, owned, scene) => {
      const same = await scene.transaction.all("ipRestriction", { accountId: owned.accountId, type });
      if (same.length > 0) throw new PublicError("ERR_NGROK_1802", { type });
      return { record: { ...owned, type, isEnforced: enforced, policyIds: await ownPolicies(ip_policy_ids, scene) } };
    },
    change: async ({ enforced, ip_policy_ids, ...notes }, _, scene) => ({
      ...changedNotes(notes),
      ...(enforced === undefined ? {} : { isEnforced: enforced }),
      ...(ip_policy_ids === undefined ? {} : { policyIds: await ownPolicies(ip_policy_ids, scene) }),
    }),
  });
}

function refuseAction(action: string | undefined): void {
  if (action !== undefined && action !== "") throw new PublicError("ERR_NGROK_1423", {});
}

interface CidrPlace {
  readonly policyId: string;
  readonly scene: ChangeScene;
  /** Of the rule that may have it already. */
  readonly ownId?: string;
}

async function freeCidr(text: string, { policyId, scene, ownId }: CidrPlace): Promise<string> {
  const cidr = parseCidr(text).text;
  const same = await scene.transaction.all("ipPolicyRule", { policyId, cidr });
  if (same.some(({ id }) => id !== ownId)) throw new PublicError("ERR_NGROK_1408", { cidr });
  return cidr;
}

async function ownPolicies(ids: readonly string[], { transaction, account }: ChangeScene): Promise<readonly string[]> {
  if (ids.length === 0) throw new PublicError("ERR_NGROK_1804", {});
  const limit = network.MAX_POLICIES_OF_RESTRICTION;
  if (ids.length > limit) throw new PublicError("ERR_NGROK_1800", { limit });
  const own = await transaction.all("ipPolicy", { accountId: account.id });
  const known = new Set(own.map(({ id }) => id));
  if (ids.some((id) => !known.has(id))) throw new PublicError("ERR_NGROK_1801", {});
  return [...new Set(ids)];
}
