import { type ApiRecord, listAt, textAt } from "../data/api-record.ts";
import type { Method } from "../data/plain-call.ts";
import type { DraftValue, Field } from "./field.ts";

/** What a form holds, by the names of its fields. */
export type Draft = Readonly<Record<string, DraftValue>>;

/** One call of those that a form leads to. */
export interface DraftCall {
  readonly method: Method;
  /** Behind the path of the record. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** The fields that can be filled in. */
export function fieldsFor(fields: readonly Field[], record: ApiRecord | undefined): readonly Field[] {
  return record === undefined ? fields : fields.filter(({ isFixed }) => isFixed !== true);
}

/** As the record is, or empty. */
export function draftOf(fields: readonly Field[], record: ApiRecord | undefined): Draft {
  return Object.fromEntries(
    fieldsFor(fields, record).map((field) => [
      field.name,
      record === undefined ? firstOf(field) : valueIn(field, record),
    ]),
  );
}

/** The body that makes a record: what was left empty is left out. */
export function createBody(fields: readonly Field[], draft: Draft): Readonly<Record<string, unknown>> {
  const bodies = fields.map((field) => {
    const value = draft[field.name] ?? "";
    return isEmpty(value) && field.isRequired !== true ? {} : written(field, value);
  });
  return Object.assign({}, ...bodies);
}

/** The calls that change a record to what the form holds; none when nothing differs. */
export function updateCalls(fields: readonly Field[], draft: Draft, record: ApiRecord): readonly DraftCall[] {
  const before = draftOf(fields, record);
  const changed = fieldsFor(fields, record).filter(({ name }) => !isSame(before[name], draft[name]));
  const cleared = changed.filter((field) => isEmpty(draft[field.name] ?? "") && field.clearing !== undefined);
  const rest = changed.filter((field) => !cleared.includes(field));
  const body: Readonly<Record<string, unknown>> = Object.assign(
    {},
    ...rest.map((field) => written(field, draft[field.name] ?? "")),
  );
  const clearings = cleared.flatMap(({ clearing }) => clearing?.(record) ?? []);
  return [
    ...(rest.length === 0 ? [] : [{ method: "PATCH", path: "", body } as const]),
    ...clearings.map((path) => ({ method: "DELETE", path }) as const),
  ];
}

/** The lines of a field of the kind `lines`. */
export function linesOf(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function firstOf({ kind, initial, options }: Field): DraftValue {
  if (initial !== undefined) return initial;
  if (kind === "check") return false;
  if (kind === "records") return [];
  return kind === "choice" ? (options?.[0]?.value ?? "") : "";
}

function valueIn({ name, kind, read }: Field, record: ApiRecord): DraftValue {
  if (read !== undefined) return read(record);
  if (kind === "check") return record[name] === true;
  if (kind === "records") return listAt(record, name);
  return kind === "lines" ? listAt(record, name).join("\n") : textAt(record, name);
}

function written({ name, kind, write }: Field, value: DraftValue): Readonly<Record<string, unknown>> {
  if (write !== undefined) return write(value);
  return { [name]: kind === "lines" && typeof value === "string" ? linesOf(value) : value };
}

function isEmpty(value: DraftValue): boolean {
  return value === "" || (typeof value === "object" && value.length === 0);
}

function isSame(one: DraftValue | undefined, other: DraftValue | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
