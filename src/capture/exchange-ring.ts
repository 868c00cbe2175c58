import type { Exchange } from "./exchange.ts";
import { ExchangeIds } from "./exchange-ids.ts";

/** Hears what changes. Must not throw, and not keep what it is told of for longer than the ring does. */
export interface RingListener {
  /** A new exchange, or one of which more is known: a head, messages, its end. Not for each piece of a body. */
  onChange(exchange: Exchange): void;
  /** They had to make room for newer ones, or were too large. */
  onRemoved(ids: readonly string[]): void;
  onCleared(): void;
}

export interface ExchangeFilter {
  readonly tunnelName?: string | undefined;
  readonly limit?: number | undefined;
}

interface Kept {
  readonly exchange: Exchange;
  readonly onDropped: (exchange: Exchange) => void;
  bytes: number;
}

/** Places of exchanges that are gone are given back once there are this many and half of the list is such places. */
const SPENT_PLACES = 1_024;

/**
 * The newest exchanges, as many as fit into so many bytes of memory. Exchanges are added while they are open, and whoever
 * lets one grow says so. One that alone is larger than the limit is not kept (reference.md 3.4).
 */
export class ExchangeRing {
  readonly limitBytes: number;
  readonly #kept = new Map<string, Kept>();
  /**
   * Oldest first, from `#first` on; the places in front of that are spent. The map would do, but finding its first entry
   * means passing over all that were ever deleted in front of it.
   */
  readonly #order: (Kept | undefined)[] = [];
  #first = 0;
  readonly #ids = new ExchangeIds();
  readonly #listeners = new Set<RingListener>();
  #memoryBytes = 0;

  constructor({ limitBytes }: { readonly limitBytes: number }) {
    this.limitBytes = limitBytes;
  }

  /** Of everything that is kept. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  get count(): number {
    return this.#kept.size;
  }

  /** The id of an exchange that starts now; ascends as text, whatever the wall clock does. */
  nextId(now: Date): string {
    return this.#ids.next(now);
  }

  /** `onDropped` is called when the exchange is no longer kept: its owner lets go of the memory. */
  add(exchange: Exchange, onDropped: (exchange: Exchange) => void): void {
    const kept = { exchange, onDropped, bytes: 0 };
    this.#kept.set(exchange.id, kept);
    this.#order.push(kept);
    this.changed(exchange);
  }

  /** The exchange takes more memory, or less. Nothing happens when it is no longer kept. */
  grown(exchange: Exchange): void {
    const kept = this.#kept.get(exchange.id);
    if (kept === undefined) return;
    const bytes = exchange.memoryBytes;
    this.#memoryBytes += bytes - kept.bytes;
    kept.bytes = bytes;
    if (bytes > this.limitBytes) this.#removeOne(kept);
    else if (this.#memoryBytes > this.limitBytes) this.#makeRoom();
  }

  /** There is something new to tell about the exchange. */
  changed(exchange: Exchange): void {
    this.grown(exchange);
    if (this.#listeners.size === 0 || !this.#kept.has(exchange.id)) return;
    for (const listener of this.#listeners) listener.onChange(exchange);
  }

  /** Newest first; without a limit all of them. */
  list({ tunnelName, limit = Infinity }: ExchangeFilter = {}): readonly Exchange[] {
    const found: Exchange[] = [];
    for (let place = this.#order.length - 1; place >= this.#first && found.length < limit; place--) {
      const kept = this.#order[place];
      if (kept === undefined) continue;
      if (tunnelName === undefined || kept.exchange.tunnelName === tunnelName) found.push(kept.exchange);
    }
    return found;
  }

  find(id: string): Exchange | undefined {
    return this.#kept.get(id)?.exchange;
  }

  /** Forgets all of them; those that are open do not come back. */
  clear(): void {
    const all = [...this.#kept.values()];
    this.#kept.clear();
    this.#order.length = 0;
    this.#first = 0;
    this.#memoryBytes = 0;
    for (const { exchange, onDropped } of all) onDropped(exchange);
    for (const listener of this.#listeners) listener.onCleared();
  }

  /** The answer ends it. */
  listen(listener: RingListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #removeOne(kept: Kept): void {
    this.#order.splice(this.#order.indexOf(kept, this.#first), 1);
    this.#forget([kept]);
  }

  #makeRoom(): void {
    const removed: Kept[] = [];
    let freedBytes = 0;
    while (this.#memoryBytes - freedBytes > this.limitBytes && this.#first < this.#order.length) {
      const oldest = this.#order[this.#first];
      this.#order[this.#first++] = undefined; // lets go of it
      if (oldest === undefined) continue;
      freedBytes += oldest.bytes;
      removed.push(oldest);
    }
    if (this.#first >= SPENT_PLACES && this.#first * 2 >= this.#order.length) {
      this.#order.splice(0, this.#first);
      this.#first = 0;
    }
    this.#forget(removed);
  }

  #forget(removed: readonly Kept[]): void {
    for (const { exchange, bytes, onDropped } of removed) {
      this.#kept.delete(exchange.id);
      this.#memoryBytes -= bytes;
      onDropped(exchange);
    }
    if (this.#listeners.size === 0) return;
    const ids = removed.map(({ exchange }) => exchange.id);
    for (const listener of this.#listeners) listener.onRemoved(ids);
  }
}
