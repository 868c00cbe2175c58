import { Subject } from "../../../../web-ui/client/subject.ts";
import type { ApiRecord } from "./api-record.ts";
import { CallFailure, failureText } from "./call-failure.ts";

export interface ShownRecord {
  /** As it was known last. */
  readonly record: ApiRecord | undefined;
  /** The edge has none with this id, or no longer. */
  readonly isGone: boolean;
  /** Why the last look failed; empty when it did not. */
  readonly failure: string;
}

/** One record, from look to look, and with what was changed here since. */
export class OneRecord {
  readonly shown = new Subject<ShownRecord>({ record: undefined, isGone: false, failure: "" });
  readonly #read: () => Promise<ApiRecord>;
  #isReading = false;

  constructor(read: () => Promise<ApiRecord>) {
    this.#read = read;
  }

  /** Looks anew, unless it is looking already. Failures are shown, not thrown. */
  async load(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    const before = this.shown.value.record;
    try {
      const record = await this.#read();
      // What was changed here meanwhile is newer than what was read.
      if (this.shown.value.record === before) this.put(record);
    } catch (failure) {
      const isGone = failure instanceof CallFailure && failure.status === 404;
      this.shown.set({ ...this.shown.value, isGone, failure: isGone ? "" : failureText(failure) });
    } finally {
      this.#isReading = false;
    }
  }

  put(record: ApiRecord): void {
    this.shown.set({ record, isGone: false, failure: "" });
  }
}
