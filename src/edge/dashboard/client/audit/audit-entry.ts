import type { RecordPage } from "../data/record-pages.ts";
import { type ApiRecord, fieldAt, recordsIn, textAt } from "../data/api-record.ts";
import type { PageName } from "../shell/page-name.ts";

/** One field that a change touched. */
export interface FieldChange {
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

const WHO: Readonly<Record<string, string>> = {
  apiKey: "API key",
  dashboard: "dashboard",
  operator: "operator",
  system: "the edge itself",
};

/** The types of the audit log in the words of the pages, and where their records are shown. */
const TYPES: Readonly<Record<string, { readonly noun: string; readonly page?: PageName }>> = {
  credential: { noun: "authtoken", page: "authtokens" },
  apiKey: { noun: "API key", page: "api-keys" },
  reservedDomain: { noun: "domain", page: "domains" },
  reservedAddr: { noun: "TCP address", page: "tcp-addresses" },
  tlsCertificate: { noun: "certificate", page: "certificates" },
  certificateAuthority: { noun: "certificate authority", page: "certificate-authorities" },
  ipPolicy: { noun: "IP policy", page: "ip-policies" },
  ipPolicyRule: { noun: "rule of an IP policy" },
  ipRestriction: { noun: "IP restriction", page: "ip-restrictions" },
  cloudEndpoint: { noun: "cloud endpoint", page: "endpoints" },
  account: { noun: "account", page: "account" },
};

export function auditPageIn(answer: unknown): RecordPage {
  const hasOlder =
    typeof answer === "object" && answer !== null && "next_before_id" in answer && answer.next_before_id !== null;
  return { records: recordsIn(answer, "entries"), hasOlder };
}

export function actorText(entry: ApiRecord): string {
  const kind = textAt(entry, "actor.kind");
  return WHO[kind] ?? kind;
}

/** Undefined for what has no page, or is not there any more. */
export function pageOfEntry(entry: ApiRecord): PageName | undefined {
  return textAt(entry, "action") === "deleted" ? undefined : TYPES[textAt(entry, "record_type")]?.page;
}

/** What was changed, in a word. */
export function typeText(entry: ApiRecord): string {
  const type = textAt(entry, "record_type");
  return TYPES[type]?.noun ?? type;
}

export function changesIn(entry: ApiRecord): readonly FieldChange[] {
  const changes = fieldAt(entry, "changes");
  if (typeof changes !== "object" || changes === null) return [];
  return Object.entries(changes).map(([field, pair]: [string, unknown]) => {
    const [before, after]: readonly unknown[] = Array.isArray(pair) ? pair : [];
    return { field, before: valueText(before), after: valueText(after) };
  });
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
