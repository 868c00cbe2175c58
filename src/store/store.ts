/**
 * Where the records of the product are kept. The store knows tables, transactions, the audit log, who is online and how other
 * processes learn of a change; it knows nothing of what records mean, who may see them, or how they are shown.
 */
import type { Actor, AuditEntry } from "../model/records/audit-entry.ts";
import type { Records, RecordType } from "../model/records/records.ts";
import type { LiveRecords } from "./live-records.ts";
import type { Page } from "./page.ts";
import type { SecretBox } from "./secret-box.ts";

/** One change that was committed. */
export type Change = { readonly [T in RecordType]: ChangeOf<T> }[RecordType];

export interface ChangeOf<T extends RecordType> {
  readonly type: T;
  readonly action: AuditEntry["action"];
  /** As it was after this change, or before it was deleted. */
  readonly record: Records[T];
}

/** The fields that a change of a record may give; those left out stay. */
export type Changes<T extends RecordType> = Partial<Omit<Records[T], "id" | "accountId" | "createdAt">>;

export interface Reader {
  get<T extends RecordType>(type: T, id: string): Promise<Records[T] | undefined>;
  /** Every record of the kind, of all accounts, newest first. */
  all<T extends RecordType>(type: T, where?: Partial<Records[T]>): Promise<readonly Records[T][]>;
  /** Records of one account, newest first. An account is itself in its list. */
  list<T extends RecordType>(type: T, accountId: string, page: Page<Records[T]>): Promise<readonly Records[T][]>;
  /** How many records of the kind an account has. */
  count(type: RecordType, accountId: string): Promise<number>;
}

/** What {@link Store.change} hands to its work; not to be used after it. Sees its own changes. */
export interface Transaction extends Reader {
  /**
   * @throws ConflictError `taken` when a unique field has the value of another record, `missing` when it names a record that is not
   * there or belongs to another account
   */
  insert<T extends RecordType>(type: T, record: Records[T]): Promise<void>;
  /**
   * Answers the record as it is then; `undefined` when there is none. Nothing is written when nothing differs.
   * @throws ConflictError as {@link insert}
   */
  update<T extends RecordType>(type: T, id: string, changes: Changes<T>): Promise<Records[T] | undefined>;
  /**
   * Answers what was removed; `undefined` when there is none. The rules of an IP policy go with it, and a domain forgets its certificate.
   * @throws ConflictError `inUse` when another record needs it
   */
  remove<T extends RecordType>(type: T, id: string): Promise<Records[T] | undefined>;
}

/** When it rejects it is called again. */
export type ReloadRecords = () => Promise<void>;

/** Every call rejects with a StoreError when the database fails. */
export interface Store extends Reader {
  /**
   * Does `work` in one transaction, together with an entry in the audit log for each change. When it resolves, the changes are on
   * disk and every listener of this process was told. When `work` throws, nothing has happened and the error comes through. Works
   * are done one after the other, over all nodes: `work` waits for nothing but the transaction, and calls no other method of the store.
   */
  change<R>(actor: Actor, work: (transaction: Transaction) => Promise<R>): Promise<R>;
  /**
   * Called with each committed change, of this process and of others, in the order in which they were committed. The answer ends it.
   * Another process's change comes within a second (PostgreSQL: at once, or within five seconds while the connection that tells of
   * changes is being made anew). A listener that throws is told of the next one all the same.
   *
   * `reload` is called, and waited for, when changes were deleted before this process had read them, or cannot be read: what is known
   * of any record may be out of date. Changes that are read anew then may be told again.
   */
  listen(listener: (changes: readonly Change[]) => void, reload?: ReloadRecords): () => void;
  /** Resolves when every listener was told of all that was committed before the call, by any process, as far as it can be read now. */
  caughtUp(): Promise<void>;
  /** The audit log of one account, newest first; of the edge itself when `accountId` is undefined. */
  audit(accountId: string | undefined, page: Page<AuditEntry>): Promise<readonly AuditEntry[]>;
  /** Removes some of what is older, the oldest first. True when there may be more. Nobody is told, and it is no change. */
  trim(olderThan: { readonly changes: Date; readonly audit: Date }): Promise<boolean>;
  /** Who and what is online. */
  readonly live: LiveRecords;
  /** Seals what records keep sealed, such as private keys. */
  readonly secrets: SecretBox;
  /** Resolves when the database answers; for checks of readiness. */
  ping(): Promise<void>;
  /** Waits for the change that is under way. */
  close(): Promise<void>;
}
