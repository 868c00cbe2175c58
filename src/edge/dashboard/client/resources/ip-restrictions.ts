import { type ApiRecord, listAt, textAt } from "../data/api-record.ts";
import { NOTE_FIELDS } from "../resource/field.ts";
import type { ResourcePage } from "../resource/resource.ts";
import { CREATED, deletion, DESCRIPTION, ID, METADATA } from "./notes.ts";

const SIDES = {
  endpoints: "visitors of all endpoints",
  agent: "agents",
  api: "callers of the management API",
  dashboard: "this dashboard",
} as const;

/** The whitelist of the account. */
export const IP_RESTRICTIONS: ResourcePage = {
  page: "ip-restrictions",
  path: "ip_restrictions",
  listKey: "ip_restrictions",
  title: "IP restrictions",
  noun: "IP restriction",
  about:
    "From where people may come. Who comes from elsewhere is refused where that is enforced, and only noted in the edge's log where it is not.",
  empty: {
    text: "Nothing is restricted: everybody can come from everywhere. Create an IP policy with the networks that may come, then restrict one side to it.",
  },
  nameOf: (record) => textAt(record, "type") || record.id,
  createWord: "Create",
  columns: [
    { title: "Restricts", read: (record) => textAt(record, "type"), as: "code" },
    { title: "State", read: (record) => (record["enforced"] === true ? "enforced" : "not enforced"), as: "flag" },
    { title: "IP policies", read: (record) => listAt(record, "ip_policies"), as: "ref", page: "ip-policies" },
    DESCRIPTION,
    { ...CREATED, place: "page" },
    ID,
    METADATA,
  ],
  fields: [
    {
      name: "type",
      label: "Restricts",
      kind: "choice",
      options: Object.entries(SIDES).map(([value, label]) => ({ value, label: `${value}: ${label}` })),
      isFixed: true,
      faults: /^ERR_NGROK_1802$/,
    },
    {
      name: "enforced",
      label: "Enforced",
      kind: "check",
      hint: "Of the dashboard or the API: have your own address among the rules first, or you lock yourself out.",
    },
    {
      name: "ip_policy_ids",
      label: "IP policies",
      kind: "records",
      read: (record) => listAt(record, "ip_policies"),
      records: {
        path: "ip_policies",
        listKey: "ip_policies",
        labelOf: (record) => textAt(record, "description") || record.id,
        nouns: "IP policies",
      },
      isRequired: true,
      faults: /^ERR_NGROK_180[14]$/,
    },
    ...NOTE_FIELDS,
  ],
  actions: [deletion(deletionText)],
};

function deletionText(record: ApiRecord): string {
  const side = sideOf(textAt(record, "type"));
  return record["enforced"] === true
    ? `From then on everybody gets in from everywhere: ${side}.`
    : `It keeps nobody out now; the edge's log warns no more of ${side}.`;
}

function sideOf(type: string): string {
  return Object.entries(SIDES).find(([side]) => side === type)?.[1] ?? type;
}
