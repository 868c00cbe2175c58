/** From where people may come (reference.md 7.10, 8.3). */
import { z } from "zod";
import { noteFields, recordShape, refSchema } from "../resource-fields.ts";
import { resourceSpec } from "../resource-spec.ts";

/** Of one restriction: every connection of a visitor may have to be compared with all rules of all of them. */
export const MAX_POLICIES_OF_RESTRICTION = 50;

export const policyFields = z.strictObject({
  ...noteFields,
  action: z.string().optional().describe("Belongs to rules; refused here"),
});

export const ipPolicies = resourceSpec({
  path: "ip_policies",
  title: "IP Policy",
  idPrefix: "ipp",
  record: z.object(recordShape),
  create: policyFields,
  update: policyFields,
  isDeletable: true,
});

const cidr = z.string().describe("A network such as 203.0.113.0/24");

export const ruleFields = z.strictObject({
  ...noteFields,
  cidr,
  ip_policy_id: z.string(),
  action: z.string().describe("allow or deny"),
});
export const ruleChanges = z.strictObject({ ...noteFields, cidr: cidr.optional() });

export const ipPolicyRules = resourceSpec({
  path: "ip_policy_rules",
  title: "IP Policy Rule",
  idPrefix: "ipr",
  record: z.object({ ...recordShape, cidr: z.string(), action: z.enum(["allow", "deny"]), ip_policy: refSchema }),
  create: ruleFields,
  update: ruleChanges,
  isDeletable: true,
});

const enforcement = {
  enforced: z.boolean().optional().describe("Else it only warns"),
  ip_policy_ids: z.array(z.string()).meta({ maxItems: MAX_POLICIES_OF_RESTRICTION }).optional(),
};
const restricted = z.enum(["dashboard", "api", "agent", "endpoints"]);

export const restrictionFields = z.strictObject({ ...noteFields, ...enforcement, type: restricted });
export const restrictionChanges = restrictionFields.omit({ type: true });

export const ipRestrictions = resourceSpec({
  path: "ip_restrictions",
  title: "IP Restriction",
  idPrefix: "ipx",
  record: z.object({ ...recordShape, type: restricted, enforced: z.boolean(), ip_policies: z.array(refSchema) }),
  create: restrictionFields,
  update: restrictionChanges,
  isDeletable: true,
});
