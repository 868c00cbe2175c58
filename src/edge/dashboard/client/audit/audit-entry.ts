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

/** Where records of a type are shown; the types are those of the audit log. */
const PAGES: Readonly<Record<string, PageName>> = {
  credential: "authtokens",
  apiKey: "api-keys",
  reservedDomain: "domains",
  reservedAddr: "tcp-addresses",
  tlsCertificate: "certificates",
  certificateAuthority: "certificate-authorities",
  ipPolicy: "ip-policies",
  ipRestriction: "ip-restrictions",
  cloudEndpoint: "endpoints",
  account: "account",
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
  return textAt(entry, "action") === "deleted" ? undefined : PAGES[textAt(entry, "record_type")];
}

/** `reservedDomain` as people say it: "reserved domain". */
export function typeText(entry: ApiRecord): string {
  return textAt(entry, "record_type").replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
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
