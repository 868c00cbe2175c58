/** Ids for streams that we open: odd for an agent, even for an edge, in steps of two, for ever (protocol.md section 2). */
import { MAX_STREAM_ID } from "./frame.ts";

export type MuxRole = "agent" | "edge";

const FIRST_ID: Readonly<Record<MuxRole, number>> = { agent: 3, edge: 2 };

export class StreamIds {
  readonly #first: number;
  #next: number;

  /** `next` is for tests of the wrap after 2^30 streams. */
  constructor(role: MuxRole, next = FIRST_ID[role]) {
    this.#first = FIRST_ID[role];
    this.#next = next;
  }

  /** The next id that is not a key of `inUse`, which holds far fewer than all ids. */
  take(inUse: ReadonlyMap<number, unknown>): number {
    for (;;) {
      const id = this.#next;
      this.#next = id + 2 > MAX_STREAM_ID ? this.#first : id + 2;
      if (!inUse.has(id)) return id;
    }
  }
}
