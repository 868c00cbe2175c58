/** The table that tells every process what was changed, in the order of the commits. */
import type { Records, RecordType } from "../model/records/records.ts";
import type { SqlValue } from "./column.ts";
import type { Run } from "./database.ts";
import type { Change, ChangeOf } from "./store.ts";
import type { Row } from "./table.ts";
import { TABLES } from "./tables.ts";
import { UnreadableChange } from "./unreadable-change.ts";

/** Older ones are deleted. Whoever reads is seldom more than a second behind. */
const LOGGED_CHANGES = 100_000;
const READ_AT_ONCE = 500;

export interface LoggedChange {
  /** Grows with every change, and may leave numbers out. */
  readonly seq: number;
  /** What another version of ginnel wrote may be unreadable for this one. */
  readonly change: Change | UnreadableChange;
}

/** Within the transaction that makes the change. */
export async function logChange<T extends RecordType>(run: Run, at: Date, change: ChangeOf<T>): Promise<void> {
  const [row] = await run(
    "INSERT INTO change_log (at, record_type, action, record) VALUES ($1, $2, $3, $4) RETURNING seq",
    [at.toISOString(), change.type, change.action, toJson(change.type, change.record)],
  );
  await run("DELETE FROM change_log WHERE seq <= $1", [Number(row?.["seq"]) - LOGGED_CHANGES]);
}

export interface LoggedChanges {
  readonly changes: readonly LoggedChange[];
  /** False: some that came before these may have been deleted unread. */
  readonly isWhole: boolean;
}

/** The next ones after a number, at most as many as are read at once. */
export async function loggedAfter(run: Run, seq: number): Promise<LoggedChanges> {
  const statement = "SELECT seq, record_type, action, record FROM change_log WHERE seq >= $1 ORDER BY seq LIMIT $2";
  const rows = await run(statement, [seq, READ_AT_ONCE + 1]);
  // The oldest go first, and numbers may be left out: nothing behind the one that was read last is missing while that one is there.
  const [first] = rows;
  const isKnown = first !== undefined && Number(first["seq"]) === seq;
  const changes = (isKnown ? rows.slice(1) : rows).map((row) => ({ seq: Number(row["seq"]), change: changeOf(row) }));
  return { changes, isWhole: isKnown || seq === 0 || changes.length === 0 };
}

/** 0 before the first. */
export async function lastLogged(run: Run): Promise<number> {
  const [row] = await run("SELECT max(seq) AS last FROM change_log");
  return Number(row?.["last"] ?? 0);
}

function changeOf(row: Row): Change | UnreadableChange {
  const type = String(row["record_type"]);
  if (!isRecordType(type)) return UnreadableChange.ofUnknownKind(type);
  try {
    const record = fromJson(type, String(row["record"]));
    return { type, action: row["action"], record } as Change; // written by logChange
  } catch (cause) {
    return UnreadableChange.ofRecord(type, Number(row["seq"]), cause);
  }
}

function isRecordType(type: string): type is RecordType {
  return Object.hasOwn(TABLES, type);
}

/** By the names of the columns: other versions have others. */
function toJson<T extends RecordType>(type: T, record: Records[T]): string {
  const { columns } = TABLES[type];
  const values = TABLES[type].encode(record);
  return JSON.stringify(Object.fromEntries(columns.map((name, index) => [name, toJsonValue(values[index] ?? null)])));
}

function toJsonValue(value: SqlValue): LoggedValue {
  return value instanceof Uint8Array ? { base64: value.toBase64() } : value;
}

type LoggedValue = string | number | boolean | null | { readonly base64: string };

/** @throws Error when it is not what `toJson` makes of these columns; further ones do not matter */
function fromJson<T extends RecordType>(type: T, text: string): Records[T] {
  const values = JSON.parse(text) as Readonly<Record<string, LoggedValue>>; // from toJson
  const row = TABLES[type].columns.map((name) => {
    const value = values[name];
    if (value === undefined) throw new Error(`it has no ${name}`);
    return [name, typeof value === "object" && value !== null ? Uint8Array.fromBase64(value.base64) : value] as const;
  });
  return TABLES[type].decode(Object.fromEntries(row));
}
