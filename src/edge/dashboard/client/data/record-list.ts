import { Subject } from "../../../../web-ui/client/subject.ts";
import type { ApiRecord } from "./api-record.ts";
import { failureText } from "./call-failure.ts";
import type { RecordPage } from "./record-pages.ts";

export interface ShownRecords extends RecordPage {
  readonly isLoaded: boolean;
  /** Why the last look failed; empty when it did not. */
  readonly failure: string;
}

/** When it looks anew, a list reads on to where its person had come, but no more pages than this. */
export const MOST_PAGES_ANEW = 20;
/** Read to search them: as many domains or authtokens as an account may have, unless its operator says otherwise. */
export const MOST_PAGES_SEARCHED = 100;

/** Answers those older than this id, the newest without one. */
export type ReadPage = (beforeId?: string) => Promise<RecordPage>;

/** Records of one list, newest first: page by page, and with what was changed here since. */
export class RecordList {
  readonly shown = new Subject<ShownRecords>({ records: [], hasOlder: false, isLoaded: false, failure: "" });
  readonly #read: ReadPage;
  #reading: Promise<void> | undefined;
  /** The last of the older pages that were asked for ended here. */
  #oldestWanted: string | undefined;

  constructor(read: ReadPage) {
    this.#read = read;
  }

  /**
   * Looks anew, unless it is looking already: at the newest page, and at older ones as far as they were loaded, {@link MOST_PAGES_ANEW}
   * at most. Failures are shown, not thrown.
   */
  async load(): Promise<void> {
    await (this.#reading ??
      this.#look(async () => {
        this.shown.set({ ...(await this.#readUndisturbed()), isLoaded: true, failure: "" });
      }));
  }

  async loadOlder(): Promise<void> {
    await this.#reading;
    await this.#look(async () => {
      const page = await this.#read(this.shown.value.records.at(-1)?.id);
      const known = new Set(this.shown.value.records.map(({ id }) => id));
      const records = [...this.shown.value.records, ...page.records.filter(({ id }) => !known.has(id))];
      this.#oldestWanted = records.at(-1)?.id;
      this.shown.set({ records, hasOlder: page.hasOlder, isLoaded: true, failure: "" });
    });
  }

  /** Reads on to the end, for as long as nothing fails, but {@link MOST_PAGES_SEARCHED} further pages at most. */
  async loadAll(signal: AbortSignal): Promise<void> {
    for (let pages = 0; pages < MOST_PAGES_SEARCHED; pages++) {
      await this.#reading;
      if (signal.aborted || !this.shown.value.hasOlder) return;
      await this.loadOlder();
      if (this.shown.value.failure !== "") return;
    }
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
      const anew = await this.#readAnew();
      if (this.shown.value.records === records) return anew;
    }
  }

  async #readAnew(): Promise<RecordPage> {
    const wanted = this.#oldestWanted;
    const newest = await this.#read();
    const records = [...newest.records];
    let { hasOlder } = newest;
    if (wanted === undefined) return newest;
    for (let pages = 1; pages < MOST_PAGES_ANEW; pages++) {
      const oldest = records.at(-1)?.id;
      if (!hasOlder || oldest === undefined || oldest <= wanted) break;
      const page = await this.#read(oldest);
      records.push(...page.records);
      ({ hasOlder } = page);
    }
    return { records, hasOlder };
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
