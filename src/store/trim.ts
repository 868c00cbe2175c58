/** What is only kept for a while: the log of changes, and the audit log. */
import type { Run } from "./database.ts";

/** Rows of each table in one transaction, which everybody else's changes wait for. */
export const TRIMMED_AT_ONCE = 500;

/** Tables whose keys grow with the time `at`, and their keys. */
const KEYS = { change_log: "seq", audit_entry: "id" } as const;

/** Removes rows from before a time, the oldest first. True when there may be more of them. */
export async function trimOldest(run: Run, table: keyof typeof KEYS, before: Date): Promise<boolean> {
  const key = KEYS[table];
  const limit = before.toISOString();
  const rows = await run(`SELECT ${key} AS key, at FROM ${table} ORDER BY ${key} LIMIT $1`, [TRIMMED_AT_ONCE + 1]);
  // The newest row always stays: what a listener has heard of last is told by its number.
  const others = rows.slice(0, -1);
  const kept = others.findIndex(({ at }) => String(at) >= limit);
  const old = kept < 0 ? others : others.slice(0, kept);
  const last = old.at(-1)?.["key"];
  if (typeof last !== "string" && typeof last !== "number") return false;
  await run(`DELETE FROM ${table} WHERE ${key} <= $1 AND at < $2`, [
    key === "seq" ? Number(last) : String(last),
    limit,
  ]);
  return old.length === TRIMMED_AT_ONCE;
}
