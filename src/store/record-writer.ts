import { newId } from "../base/record-id.ts";
import type { Actor, AuditEntry } from "../model/records/audit-entry.ts";
import type { Records, RecordType } from "../model/records/records.ts";
import { logChange } from "./change-log.ts";
import type { Run } from "./database.ts";
import { RecordReader, readOne } from "./record-reader.ts";
import { ConflictError } from "./store-error.ts";
import type { Page } from "./page.ts";
import type { Changes, ChangeOf, Transaction } from "./store.ts";
import type { Reference, Table } from "./table.ts";
import { AUDIT_TABLE, RECORD_TYPES, TABLES } from "./tables.ts";

/**
 * Changes records within one transaction, and writes down who did it. What is unique and what refers to what is looked up before
 * each change, so that both databases give the same answer and the transaction can go on after a conflict; that is safe because
 * changes are made one at a time. The databases' own constraints stand behind it.
 */
export class RecordWriter implements Transaction {
  readonly #run: Run;
  readonly #reader: RecordReader;
  readonly #actor: Actor;
  readonly #at: Date;

  constructor(run: Run, actor: Actor, at: Date) {
    this.#run = run;
    this.#reader = new RecordReader(run);
    this.#actor = actor;
    this.#at = at;
  }

  get<T extends RecordType>(type: T, id: string): Promise<Records[T] | undefined> {
    return this.#reader.get(type, id);
  }

  all<T extends RecordType>(type: T, where?: Partial<Records[T]>): Promise<readonly Records[T][]> {
    return this.#reader.all(type, where);
  }

  list<T extends RecordType>(type: T, accountId: string, page: Page<Records[T]>): Promise<readonly Records[T][]> {
    return this.#reader.list(type, accountId, page);
  }

  count(type: RecordType, accountId: string): Promise<number> {
    return this.#reader.count(type, accountId);
  }

  async insert<T extends RecordType>(type: T, record: Records[T]): Promise<void> {
    const table: Table<Records[T]> = TABLES[type];
    if ((await readOne(this.#run, table, record.id)) !== undefined)
      throw new ConflictError("taken", type, "id", record.id);
    await this.#checkUnique(type, record);
    await this.#checkReferences(type, record);
    await this.#run(table.insert(), table.encode(record));
    await this.#writeDown({ type, action: "created", record }, undefined, record);
  }

  async update<T extends RecordType>(type: T, id: string, changes: Changes<T>): Promise<Records[T] | undefined> {
    const table: Table<Records[T]> = TABLES[type];
    const before = await readOne(this.#run, table, id);
    if (before === undefined) return undefined;
    const after: Records[T] = { ...before, ...changes };
    if (Object.keys(table.difference(before, after)).length === 0) return before;
    await this.#checkUnique(type, after);
    await this.#checkReferences(type, after);
    await this.#run(table.update(), [...table.encode(after), id]);
    await this.#writeDown({ type, action: "updated", record: after }, before, after);
    return after;
  }

  async remove<T extends RecordType>(type: T, id: string): Promise<Records[T] | undefined> {
    const table: Table<Records[T]> = TABLES[type];
    const before = await readOne(this.#run, table, id);
    if (before === undefined) return undefined;
    for (const other of RECORD_TYPES) {
      const references = TABLES[other].references.filter(({ to }) => to === type);
      for (const reference of references) await this.#release(other, reference, id);
    }
    await this.#run(table.delete(), [id]);
    await this.#writeDown({ type, action: "deleted", record: before }, before, undefined);
    return before;
  }

  async #checkUnique<T extends RecordType>(type: T, record: Records[T]): Promise<void> {
    const table: Table<Records[T]> = TABLES[type];
    for (const fields of table.unique) {
      const last = fields.at(-1) ?? "id";
      const same = await this.#reader.all(type, pick(record, fields));
      const isTaken = same.some(({ id }) => id !== record.id);
      if (isTaken)
        throw new ConflictError("taken", type, last, table.isSecret(last) ? "(secret)" : String(record[last]));
    }
  }

  async #checkReferences<T extends RecordType>(type: T, record: Records[T]): Promise<void> {
    const table: Table<Records[T]> = TABLES[type];
    for (const reference of table.references) {
      for (const id of idsIn(record, reference)) {
        const target = await this.#reader.get(reference.to, id);
        const isForeign = target !== undefined && "accountId" in target && target.accountId !== accountOf(record);
        if (target === undefined || isForeign) throw new ConflictError("missing", type, reference.field, id);
      }
    }
  }

  /** Does what the reference says with all records of kind `other` that refer to one that is to go. */
  async #release(other: RecordType, reference: Reference, id: string): Promise<void> {
    // Lists cannot be asked for, so of a table with such a reference every record is looked at.
    const candidates = await this.#reader.all(other, reference.isList === true ? {} : { [reference.field]: id });
    for (const record of candidates.filter((candidate) => idsIn(candidate, reference).includes(id))) {
      switch (reference.onRemove) {
        case "refuse":
          throw new ConflictError("inUse", other, reference.field, id);
        case "remove":
          await this.remove(other, record.id);
          break;
        case "clear":
          await this.update(other, record.id, { [reference.field]: undefined });
          break;
        default:
          reference.onRemove satisfies never;
      }
    }
  }

  async #writeDown<T extends RecordType>(
    change: ChangeOf<T>,
    before: Records[T] | undefined,
    after: Records[T] | undefined,
  ): Promise<void> {
    const table: Table<Records[T]> = TABLES[change.type];
    const entry: AuditEntry = {
      id: newId("au", this.#at),
      accountId: accountOf(change.record),
      at: this.#at,
      actor: this.#actor,
      action: change.action,
      recordType: change.type,
      recordId: change.record.id,
      changes: table.difference(before, after),
    };
    await this.#run(AUDIT_TABLE.insert(), AUDIT_TABLE.encode(entry));
    await logChange(this.#run, this.#at, change);
  }
}

function accountOf(record: Records[RecordType]): string | undefined {
  if ("accountId" in record) return record.accountId;
  return "limits" in record ? record.id : undefined;
}

function pick<R>(record: R, fields: readonly (keyof R)[]): Partial<R> {
  const picked: Partial<R> = {};
  for (const field of fields) picked[field] = record[field];
  return picked;
}

function idsIn(record: Records[RecordType], { field, isList = false }: Reference): readonly string[] {
  const value: unknown = Reflect.get(record, field);
  if (isList && Array.isArray(value)) return value.map(String);
  return typeof value === "string" ? [value] : [];
}
