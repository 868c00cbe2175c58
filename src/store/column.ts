/** How the field of a record becomes the value of a column, the same for every database. */
import { createHash } from "node:crypto";

export type SqlValue = string | number | boolean | null | Uint8Array;

export interface Column<V> {
  readonly encode: (value: V) => SqlValue;
  /** Gets what `encode` gave, as a database gives it back. */
  readonly decode: (raw: unknown) => V;
  /** Of such a field the audit log says only that it changed. */
  readonly isSecret: boolean;
  /** What the audit log says in its place. Absent: itself. */
  readonly shown?: (value: V) => string;
}

/**
 * Any text but what PostgreSQL cannot keep: NUL and halves of surrogate pairs become U+FFFD, everywhere alike, so that nothing an
 * agent says of itself makes the database refuse it.
 */
export const text: Column<string> = { encode: storedText, decode: String, isSecret: false };

/** As {@link text} keeps it: for values that columns are compared with. */
export function storedText(value: string): string {
  return value.toWellFormed().replaceAll("\0", "\u{FFFD}");
}

/** Text that is one of a few words; what is in the table was written by us. */
export function word<W extends string>(): Column<W> {
  return { encode: (value) => value, decode: (raw) => String(raw) as W, isSecret: false };
}

/** Whole numbers up to 2^53. PostgreSQL gives large ones as text. */
export const whole: Column<number> = { encode: (value) => value, decode: Number, isSecret: false };

/** `Infinity` is NULL. */
export const limit: Column<number> = {
  encode: (value) => (Number.isFinite(value) ? value : null),
  decode: (raw) => (raw === null ? Infinity : Number(raw)),
  isSecret: false,
};

/** SQLite gives 0 and 1. */
export const flag: Column<boolean> = { encode: (value) => value, decode: Boolean, isSecret: false };

/** RFC 3339 in UTC with milliseconds: readable, and sorts by time in every database. */
export const time: Column<Date> = {
  encode: (value) => value.toISOString(),
  decode: (raw) => new Date(String(raw)),
  isSecret: false,
};

/** The bytes are our own. */
export const bytes: Column<Uint8Array> = {
  encode: (value) => value,
  decode: (raw) => Uint8Array.from(raw instanceof Uint8Array ? raw : []),
  isSecret: false,
};

/** Lists and objects, as JSON text. `revive` makes of the parsed text what was encoded; without, it is that already. */
export function json<V>(revive: (parsed: never) => V = (parsed) => parsed): Column<V> {
  return {
    encode: (value) => JSON.stringify(value),
    decode: (raw) => revive(JSON.parse(String(raw)) as never), // was written by `encode`
    isSecret: false,
  };
}

/** NULL is `undefined`. */
export function optional<V>(column: Column<V>): Column<V | undefined> {
  return {
    encode: (value) => (value === undefined ? null : column.encode(value)),
    decode: (raw) => (raw === null || raw === undefined ? undefined : column.decode(raw)),
    isSecret: column.isSecret,
  };
}

export function secret<V>(column: Column<V>): Column<V> {
  return { ...column, isSecret: true };
}

/** PEM, which would fill the audit log: it names the SHA-256 of the text. */
export const pem: Column<string> = {
  ...text,
  shown: (value) => `sha256:${createHash("sha256").update(value).digest("hex")}`,
};
