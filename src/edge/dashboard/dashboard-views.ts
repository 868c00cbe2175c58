/** What the dashboard shows beyond the resources of the management API, as JSON. */
import type { AuditEntry } from "../../model/records/audit-entry.ts";
import { timeText } from "../management/links.ts";
import type { PageWish } from "../management/management-call.ts";
import type { SignedIn } from "./sign-ins.ts";

export function sessionView({ caller, endsAt }: SignedIn): object {
  const { id, name } = caller.account;
  return { account: { id, name }, expires_at: timeText(endsAt) };
}

/** `entries` may hold one more than fits. */
export function auditView(entries: readonly AuditEntry[], { limit }: PageWish): object {
  const shown = entries.slice(0, limit - 1);
  return {
    entries: shown.map(({ id, at, actor, action, recordType, recordId, changes }) => ({
      id,
      at: timeText(at),
      actor: { kind: actor.kind, id: actor.id },
      action,
      record_type: recordType,
      record_id: recordId,
      changes,
    })),
    next_before_id: entries.length > shown.length ? (shown.at(-1)?.id ?? null) : null,
  };
}
