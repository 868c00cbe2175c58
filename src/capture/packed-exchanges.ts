import type { Exchange } from "./exchange.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import { ExchangeSlab } from "./exchange-slab.ts";

/** What takes more of a slab than this stays as it is: a slab should hold many. */
const PACKED_SHARE = 1 / 16;

interface Filled {
  readonly slab: ExchangeSlab;
  /** When the last exchange in it was packed. */
  filledAs: number;
}

/**
 * Finished exchanges in slabs that are filled one after the other, and let go of one after the other. A slab that was let go
 * of is filled again: so much memory is taken once, whatever passes.
 */
export class PackedExchanges {
  readonly #slabBytes: number;
  /** Oldest first; the last is being filled. */
  readonly #slabs: Filled[] = [];
  /** How many there were before the oldest. */
  #goneSlabs = 0;
  #spare: ExchangeSlab | undefined;
  #memoryBytes = 0;

  constructor(slabBytes: number) {
    this.#slabBytes = Math.floor(slabBytes / 8) * 8;
  }

  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** When the last of those that go next was packed; infinite when there are none. */
  get oldestAs(): number {
    return this.#slabs[0]?.filledAs ?? Infinity;
  }

  /** Copies an exchange, and answers its place; undefined when it cannot be packed. `now`: ascends with every call. */
  add(exchange: ExchangeRecord, now: number): number | undefined {
    const bytes = ExchangeSlab.sizeOf(exchange);
    if (bytes > this.#slabBytes * PACKED_SHARE) return undefined;
    const last = this.#slabs.at(-1);
    const filled = last?.slab.hasRoom(bytes) === true ? last : this.#begin();
    const { slab } = filled;
    const before = slab.memoryBytes;
    const place = slab.add(exchange);
    this.#memoryBytes += slab.memoryBytes - before;
    filled.filledAs = now;
    return (this.#goneSlabs + this.#slabs.length - 1) * this.#slabBytes + place;
  }

  /** A copy of the exchange at that place. */
  read(place: number, id: string): Exchange | undefined {
    return this.#slabOf(place)?.read(place % this.#slabBytes, id);
  }

  tunnelNameAt(place: number): string | undefined {
    return this.#slabOf(place)?.tunnelNameAt(place % this.#slabBytes);
  }

  /** Lets go of the oldest slab; answers the serial numbers of what was in it. */
  removeOldest(): readonly number[] {
    const slab = this.#slabs.shift()?.slab;
    if (slab === undefined) return [];
    const { serials } = slab;
    this.#goneSlabs += 1;
    this.#memoryBytes -= slab.memoryBytes;
    slab.clear();
    this.#spare = slab;
    return serials;
  }

  clear(): void {
    this.#goneSlabs += this.#slabs.length;
    this.#slabs.length = 0;
    this.#spare = undefined;
    this.#memoryBytes = 0;
  }

  #begin(): Filled {
    const slab = this.#spare ?? new ExchangeSlab(this.#slabBytes);
    const filled = { slab, filledAs: 0 };
    this.#spare = undefined;
    this.#slabs.push(filled);
    this.#memoryBytes += slab.memoryBytes;
    return filled;
  }

  #slabOf(place: number): ExchangeSlab | undefined {
    return this.#slabs[Math.floor(place / this.#slabBytes) - this.#goneSlabs]?.slab;
  }
}
