import type { RecordType } from "../model/records/records.ts";
import type { Column, SqlValue } from "./column.ts";

/** As a database gives it: by name of column. */
export type Row = Readonly<Record<string, unknown>>;

export interface TableSpec<R> {
  readonly name: string;
  readonly columns: { readonly [F in keyof R]-?: Column<R[F]> };
  /** Fields that are unique, one or several together. Ids are anyway. */
  readonly unique?: readonly (readonly (keyof R & string)[])[];
  readonly references?: readonly (Reference & { readonly field: keyof R })[];
}

/** A field that holds the id of another record, or several. */
export interface Reference {
  readonly field: string;
  readonly to: RecordType;
  readonly isList?: boolean;
  /** What happens when the other record is removed. */
  readonly onRemove: "refuse" | "remove" | "clear";
}

/** Turns records into rows and back, and writes the SQL that one table needs. Placeholders are `$1`, which both databases know. */
export class Table<R extends { readonly id: string }> {
  readonly name: string;
  readonly unique: readonly (readonly (keyof R & string)[])[];
  readonly references: readonly Reference[];
  readonly #columns: readonly (readonly [field: keyof R & string, name: string, column: Column<unknown>])[];

  constructor({ name, columns, unique = [], references = [] }: TableSpec<R>) {
    this.name = name;
    this.unique = unique;
    this.references = references;
    const entries = Object.entries(columns) as [keyof R & string, Column<unknown>][]; // the fields of R and no others
    this.#columns = entries.map(([field, column]) => [field, columnName(field), column]);
  }

  /** Names of the columns, in one order for all statements. */
  get columns(): readonly string[] {
    return this.#columns.map(([, name]) => name);
  }

  encode(record: R): readonly SqlValue[] {
    return this.#columns.map(([field, , column]) => column.encode(record[field]));
  }

  decode(row: Row): R {
    const fields = this.#columns.map(([field, name, column]) => [field, column.decode(row[name])] as const);
    return Object.fromEntries(fields) as unknown as R; // each column decodes what it encoded from this field of R
  }

  select(rest = ""): string {
    return `SELECT ${this.columns.join(", ")} FROM ${this.name} ${rest}`;
  }

  insert(rest = ""): string {
    const places = this.columns.map((_, index) => `$${index + 1}`);
    return `INSERT INTO ${this.name} (${this.columns.join(", ")}) VALUES (${places.join(", ")}) ${rest}`;
  }

  /** Takes the place of a record with the same id. */
  put(): string {
    return this.insert(`ON CONFLICT (id) DO UPDATE SET ${this.columns.map((c) => `${c} = excluded.${c}`).join(", ")}`);
  }

  /** The id is the value after the last column. */
  update(): string {
    const settings = this.columns.map((column, index) => `${column} = $${index + 1}`);
    return `UPDATE ${this.name} SET ${settings.join(", ")} WHERE id = $${this.columns.length + 1}`;
  }

  delete(): string {
    return `DELETE FROM ${this.name} WHERE id = $1`;
  }

  isSecret(field: keyof R): boolean {
    return this.#columns.some(([name, , column]) => name === field && column.isSecret);
  }

  /** Conditions and their values, numbered after `taken` further ones. Fields without a value ask for nothing. */
  where(
    wanted: Partial<R>,
    taken = 0,
  ): { readonly conditions: readonly string[]; readonly values: readonly SqlValue[] } {
    const asked = this.#columns.filter(([field]) => wanted[field] !== undefined);
    return {
      conditions: asked.map(([, name], index) => `${name} = $${taken + index + 1}`),
      values: asked.map(([field, , column]) => column.encode(wanted[field])),
    };
  }

  /** The fields in which two records differ, with what the audit log may show of both. `undefined` stands for no record. */
  difference(before: R | undefined, after: R | undefined): Readonly<Record<string, readonly [unknown, unknown]>> {
    const changed = this.#columns.flatMap(([field, , column]) => {
      const pair = [before, after].map((record) => (record === undefined ? null : column.encode(record[field])));
      if (isSame(pair[0], pair[1])) return [];
      const shown = [before, after].map((record) => shownValue(record?.[field], column));
      return [[field, [shown[0], shown[1]]] as const];
    });
    return Object.fromEntries(changed);
  }
}

/** `isPooled` is `is_pooled`. */
export function columnName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The audit log keeps JSON: `undefined` and `Infinity` are `null` there. */
function shownValue(value: unknown, { isSecret, shown }: Column<unknown>): unknown {
  if (value === undefined || value === "") return null;
  return isSecret ? "(secret)" : (shown?.(value) ?? value);
}

function isSame(one: SqlValue | undefined, other: SqlValue | undefined): boolean {
  if (one instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(one, other) === 0;
  return one === other;
}
