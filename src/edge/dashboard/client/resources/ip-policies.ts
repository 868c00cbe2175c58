import { textAt } from "../data/api-record.ts";
import { NOTE_FIELDS } from "../resource/field.ts";
import type { ResourcePage } from "../resource/resource.ts";
import { CREATED, deletion, DESCRIPTION, ID, METADATA } from "./notes.ts";

/** Sets of networks. */
export const IP_POLICIES: ResourcePage = {
  page: "ip-policies",
  path: "ip_policies",
  listKey: "ip_policies",
  title: "IP policies",
  noun: "IP policy",
  about:
    "Networks to let in or keep out, by rules. Restrictions of the account and traffic policies of endpoints refer to them.",
  empty: { text: "There is no IP policy. Create one, and give it rules for the networks you mean." },
  nameOf: (record) => textAt(record, "description") || record.id,
  createWord: "Create",
  columns: [
    { title: "IP policy", read: ({ id }) => id, as: "code", place: "list" },
    DESCRIPTION,
    CREATED,
    ID,
    METADATA,
  ],
  fields: NOTE_FIELDS,
  actions: [
    deletion(
      (record) =>
        `${textAt(record, "description") || record.id} goes with all its rules. Endpoints that refer to it let nobody in then.`,
    ),
  ],
};

/** Of one policy. */
export function ipPolicyRules(policyId: string): ResourcePage {
  return {
    page: "ip-policies",
    path: "ip_policy_rules",
    listKey: "ip_policy_rules",
    filter: `obj.ip_policy.id == ${JSON.stringify(policyId)}`,
    title: "Rules",
    noun: "rule",
    about: "An address gets in when a rule allows it and none denies it.",
    empty: { text: "There is no rule, so this policy lets nobody in. Add the networks that may come." },
    nameOf: (record) => `${textAt(record, "action")} ${textAt(record, "cidr")}`.trim() || record.id,
    createWord: "Add",
    columns: [
      { title: "Network", read: (record) => textAt(record, "cidr"), as: "code" },
      { title: "Action", read: (record) => textAt(record, "action"), as: "flag" },
      DESCRIPTION,
      CREATED,
    ],
    fields: [
      {
        name: "cidr",
        label: "Network",
        kind: "text",
        placeholder: "203.0.113.0/24",
        hint: "A network in CIDR notation, IPv4 or IPv6. A single address is one with /32 or /128.",
        isRequired: true,
        faults: /^ERR_NGROK_(?:362|14(?:08|09|13))$/,
      },
      {
        name: "action",
        label: "Action",
        kind: "choice",
        options: [
          { value: "allow", label: "allow" },
          { value: "deny", label: "deny" },
        ],
        isFixed: true,
        faults: /^ERR_NGROK_1422$/,
      },
      { name: "ip_policy_id", label: "", kind: "text", initial: policyId, isFixed: true, isHidden: true },
      ...NOTE_FIELDS,
    ],
    actions: [deletion((record) => `${textAt(record, "cidr")} is no longer covered by this policy.`)],
  };
}
