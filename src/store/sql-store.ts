import type { Clock } from "../base/clock.ts";
import type { Actor, AuditEntry } from "../model/records/audit-entry.ts";
import type { Records, RecordType } from "../model/records/records.ts";
import { allOrNothing } from "./all-or-nothing.ts";
import type { ChangeFeed } from "./change-feed.ts";
import type { Database } from "./database.ts";
import type { LiveRecords } from "./live-records.ts";
import { RecordReader, readPage } from "./record-reader.ts";
import { RecordWriter } from "./record-writer.ts";
import type { SecretBox } from "./secret-box.ts";
import { SqlLiveRecords } from "./sql-live-records.ts";
import type { Page } from "./page.ts";
import type { Change, ReloadRecords, Store, Transaction } from "./store.ts";
import { AUDIT_TABLE } from "./tables.ts";
import { trimOldest } from "./trim.ts";

export interface SqlStoreParts {
  /** Its tables are of the newest version. Closed with the store. */
  readonly database: Database;
  readonly feed: ChangeFeed;
  readonly secrets: SecretBox;
  readonly clock: Clock;
}

export class SqlStore implements Store {
  readonly live: LiveRecords;
  readonly secrets: SecretBox;
  readonly #database: Database;
  readonly #feed: ChangeFeed;
  readonly #reader: RecordReader;
  readonly #clock: Clock;

  constructor({ database, feed, secrets, clock }: SqlStoreParts) {
    this.#database = database;
    this.#feed = feed;
    this.secrets = secrets;
    this.#clock = clock;
    this.#reader = new RecordReader(database.read);
    this.live = new SqlLiveRecords(database.live);
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

  async change<R>(actor: Actor, work: (transaction: Transaction) => Promise<R>): Promise<R> {
    const result = await this.#database.change((run) =>
      allOrNothing(run, (strict) => work(new RecordWriter(strict, actor, this.#clock.date()))),
    );
    await this.#feed.catchUp();
    return result;
  }

  listen(listener: (changes: readonly Change[]) => void, reload?: ReloadRecords): () => void {
    return this.#feed.listen(listener, reload);
  }

  caughtUp(): Promise<void> {
    return this.#feed.catchUp();
  }

  audit(accountId: string | undefined, page: Page<AuditEntry>): Promise<readonly AuditEntry[]> {
    const ofOwner = accountId === undefined ? "account_id IS NULL AND $1 = ''" : "account_id = $1";
    return readPage(this.#database.read, AUDIT_TABLE, ofOwner, accountId ?? "", page);
  }

  trim(olderThan: { readonly changes: Date; readonly audit: Date }): Promise<boolean> {
    return this.#database.change(async (run) => {
      const hasMoreChanges = await trimOldest(run, "change_log", olderThan.changes);
      return (await trimOldest(run, "audit_entry", olderThan.audit)) || hasMoreChanges;
    });
  }

  ping(): Promise<void> {
    return this.#database.ping();
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
