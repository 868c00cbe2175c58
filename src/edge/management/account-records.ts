import { newId } from "../../base/record-id.ts";
import type { Owned } from "../../model/records/record.ts";
import { ID_PREFIXES, type Records, type RecordType } from "../../model/records/records.ts";
import type { Reader } from "../../store/store.ts";
import { ResourceNotFound } from "./resource-not-found.ts";

/** Kinds of records that belong to an account. */
export type OwnedType = { readonly [T in RecordType]: Records[T] extends Owned ? T : never }[RecordType];

/**
 * A record of this account; everything else is not there.
 * @throws ResourceNotFound
 */
export async function ownRecord<T extends OwnedType>(
  reader: Reader,
  type: T,
  { id, accountId }: { readonly id: string; readonly accountId: string },
): Promise<Records[T]> {
  const record = await reader.get(type, id);
  if (record === undefined || record.accountId !== accountId) throw new ResourceNotFound();
  return record;
}

/** What every new record of an account begins with. */
export function newOwned(
  type: OwnedType,
  accountId: string,
  { now, notes }: { readonly now: Date; readonly notes: Notes },
): Owned {
  const { description = "", metadata = "" } = notes;
  return { id: newId(ID_PREFIXES[type], now), accountId, createdAt: now, description, metadata };
}

/** What people and programs say about a record, as far as they do. */
export interface Notes {
  readonly description?: string | undefined;
  readonly metadata?: string | undefined;
}

/** The notes that were given, for a change. */
export function changedNotes({ description, metadata }: Notes): { description?: string; metadata?: string } {
  return { ...(description === undefined ? {} : { description }), ...(metadata === undefined ? {} : { metadata }) };
}
