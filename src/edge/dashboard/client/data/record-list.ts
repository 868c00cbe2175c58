import { Subject } from "../../../../web-ui/client/subject.ts";
import type { ApiRecord } from "./api-record.ts";
import { failureText } from "./call-failure.ts";
import type { RecordPage } from "./record-pages.ts";

export interface ShownRecords extends RecordPage {
  readonly isLoaded: boolean;
  /** Why the last look failed; empty when it did not. */
  readonly failure: string;
}

/** Answers those older than this id, the newest without one. */
export type ReadPage = (beforeId?: string) => Promise<RecordPage>;

/** Records of one list, newest first: page by page, and with what was changed here since. */
export class RecordList {
  readonly shown = new Subject<ShownRecords>({ records: [], hasOlder: false, isLoaded: false, failure: "" });
  readonly #read: ReadPage;
  #reading: Promise<void> | undefined;

  constructor(read: ReadPage) {
    this.#read = read;
  }

  /** Looks anew, unless it is looking already; older pages that were loaded stay. Failures are shown, not thrown. */
  async load(): Promise<void> {
    await (this.#reading ??
      this.#look(async () => {
        const { records, hasOlder } = await this.#readUndisturbed();
        const oldest = records.at(-1);
        const older =
          oldest === undefined || !hasOlder ? [] : this.shown.value.records.filter(({ id }) => id < oldest.id);
        this.shown.set({
          records: [...records, ...older],
          hasOlder: older.length > 0 ? this.shown.value.hasOlder : hasOlder,
          isLoaded: true,
          failure: "",
        });
      }));
  }

  async loadOlder(): Promise<void> {
    await this.#reading;
    await this.#look(async () => {
      const page = await this.#read(this.shown.value.records.at(-1)?.id);
      const known = new Set(this.shown.value.records.map(({ id }) => id));
      const records = [...this.shown.value.records, ...page.records.filter(({ id }) => !known.has(id))];
      this.shown.set({ records, hasOlder: page.hasOlder, isLoaded: true, failure: "" });
    });
  }

  /** A new record comes first, a known one stays where it is. */
  put(record: ApiRecord): void {
    const { records } = this.shown.value;
    const at = records.findIndex(({ id }) => id === record.id);
    this.shown.set({ ...this.shown.value, records: at < 0 ? [record, ...records] : records.with(at, record) });
  }

  remove(removedId: string): void {
    this.shown.set({ ...this.shown.value, records: this.shown.value.records.filter(({ id }) => id !== removedId) });
  }

  /** An answer from before a change that was made here would take the change away again. */
  async #readUndisturbed(): Promise<RecordPage> {
    for (;;) {
      const { records } = this.shown.value;
      const page = await this.#read();
      if (this.shown.value.records === records) return page;
    }
  }

  async #look(read: () => Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#reading = promise;
    try {
      await read();
    } catch (failure) {
      this.shown.set({ ...this.shown.value, isLoaded: true, failure: failureText(failure) });
    } finally {
      this.#reading = undefined;
      resolve();
    }
  }
}
