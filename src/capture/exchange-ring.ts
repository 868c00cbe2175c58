import type { Exchange } from "./exchange.ts";
import { ExchangeIds } from "./exchange-ids.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import { OpenSerials } from "./open-serials.ts";
import { PackedExchanges } from "./packed-exchanges.ts";

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
  readonly ids?: ReadonlySet<string> | undefined;
  readonly limit?: number | undefined;
}

export interface RingOptions {
  readonly limitBytes: number;
  readonly ids?: Pick<ExchangeIds, "idOf" | "serialOf"> | undefined;
}

/** An exchange that is an object still. */
interface Kept {
  readonly exchange: Exchange;
  readonly onDropped: (exchange: Exchange) => void;
  bytes: number;
  /** How many had ended before it did; infinite while it is open. */
  endedAs: number;
}

/** Packed exchanges are let go of by so much of the limit at once, or by less when the limit is large. */
const SLAB_SHARE = 1 / 32;
const SLAB_LIMIT_BYTES = 1024 * 1024;
/** Open exchanges go last up to this share of the limit: visitors who never finish must not hide all others. */
const OPEN_SHARE = 1 / 2;

/**
 * The newest exchanges, as many as fit into so many bytes of memory. Exchanges are added while they are open, and whoever
 * lets one grow says so. When room is needed, those that ended first go first, and open ones last unless they hold half of
 * it. One that alone is larger than the limit is not kept (reference.md 3.4).
 */
export class ExchangeRing {
  readonly limitBytes: number;
  /** By serial number, in the order of starts: the exchange, or where it is packed. */
  readonly #kept = new Map<number, Kept | number>();
  readonly #packed: PackedExchanges;
  readonly #open = new OpenSerials((serial) => this.#openOf(serial) !== undefined);
  /** Those that ended and are not packed, in the order of their ends. */
  readonly #unpacked: Kept[] = [];
  #openBytes = 0;
  #unpackedBytes = 0;
  #endedCount = 0;
  #nextSerial = 0;
  readonly #ids: Pick<ExchangeIds, "idOf" | "serialOf">;
  readonly #listeners = new Set<RingListener>();

  constructor({ limitBytes, ids = new ExchangeIds(new Date()) }: RingOptions) {
    this.limitBytes = limitBytes;
    this.#ids = ids;
    this.#packed = new PackedExchanges(Math.min(limitBytes * SLAB_SHARE, SLAB_LIMIT_BYTES));
  }

  /** Of everything that is kept. */
  get memoryBytes(): number {
    return this.#openBytes + this.#unpackedBytes + this.#packed.memoryBytes;
  }

  get count(): number {
    return this.#kept.size;
  }

  /** Of an exchange that starts now. */
  nextSerial(): number {
    return this.#nextSerial++;
  }

  /** Ascends as text with the serial number. */
  idOf(serial: number): string {
    return this.#ids.idOf(serial);
  }

  /** `onDropped` is called when an exchange that was not packed is no longer kept: its owner lets go of the memory. */
  add(exchange: Exchange, onDropped: (exchange: Exchange) => void): void {
    const kept = { exchange, onDropped, bytes: 0, endedAs: Infinity };
    this.#kept.set(exchange.serial, kept);
    this.#open.add(exchange.serial);
    this.changed(exchange);
  }

  /** The exchange takes more memory, or less. Nothing happens when it is no longer kept. */
  grown({ serial }: Exchange): void {
    const kept = this.#kept.get(serial);
    if (typeof kept === "object") this.#count(kept);
  }

  /** There is something new to tell about the exchange. */
  changed(exchange: Exchange): void {
    this.grown(exchange);
    this.#tell(exchange);
  }

  /** It is over, and does not change any more. */
  ended(exchange: ExchangeRecord): void {
    const kept = this.#kept.get(exchange.serial);
    if (typeof kept !== "object") return;
    kept.endedAs = this.#endedCount++;
    this.#open.left();
    this.#openBytes -= kept.bytes;
    const place = this.#packed.add(exchange, kept.endedAs);
    if (place === undefined) {
      this.#unpacked.push(kept);
      this.#unpackedBytes += kept.bytes;
      this.#count(kept);
    } else {
      this.#kept.set(exchange.serial, place);
      this.#makeRoom();
    }
    this.#tell(exchange);
  }

  /** Newest first; without a limit all of them. */
  list(filter: ExchangeFilter = {}): readonly Exchange[] {
    return [...this.newestFirst(filter)];
  }

  /** The same one by one: those that are gone by the time they are asked for are left out. */
  *newestFirst({ tunnelName, ids, limit = Infinity }: ExchangeFilter = {}): Iterable<Exchange> {
    const serials = ids === undefined ? [...this.#kept.keys()] : this.#serialsOf(ids);
    for (let left = limit, serial = serials.pop(); serial !== undefined && left > 0; serial = serials.pop()) {
      const exchange = this.#get(serial, tunnelName);
      if (exchange === undefined) continue;
      left -= 1;
      yield exchange;
    }
  }

  find(id: string): Exchange | undefined {
    const serial = this.#ids.serialOf(id);
    return serial === undefined ? undefined : this.#get(serial);
  }

  /** Forgets all of them; those that are open do not come back. */
  clear(): void {
    const all = [...this.#kept.values()];
    this.#kept.clear();
    this.#packed.clear();
    this.#open.clear();
    this.#unpacked.length = 0;
    this.#openBytes = 0;
    this.#unpackedBytes = 0;
    for (const kept of all) if (typeof kept === "object") kept.onDropped(kept.exchange);
    for (const listener of this.#listeners) listener.onCleared();
  }

  /** The answer ends it. */
  listen(listener: RingListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(exchange: Exchange): void {
    if (this.#listeners.size === 0 || !this.#kept.has(exchange.serial)) return;
    for (const listener of this.#listeners) listener.onChange(exchange);
  }

  /** Ascending. */
  #serialsOf(ids: ReadonlySet<string>): number[] {
    const serials = [...ids].map((id) => this.#ids.serialOf(id));
    return serials.filter((serial) => serial !== undefined).toSorted((a, b) => a - b);
  }

  #get(serial: number, tunnelName?: string): Exchange | undefined {
    const kept = this.#kept.get(serial);
    if (kept === undefined) return undefined;
    const isPacked = typeof kept === "number";
    const nameThere = isPacked ? this.#packed.tunnelNameAt(kept) : kept.exchange.tunnelName;
    if (tunnelName !== undefined && nameThere !== tunnelName) return undefined;
    return isPacked ? this.#packed.read(kept, this.idOf(serial)) : kept.exchange;
  }

  #count(kept: Kept): void {
    const bytes = kept.exchange.memoryBytes;
    this.#add(kept, bytes - kept.bytes);
    kept.bytes = bytes;
    if (bytes <= this.limitBytes) return this.#makeRoom();
    this.#drop(kept);
    this.#tellRemoved([kept.exchange.serial]);
  }

  #add({ endedAs }: Kept, bytes: number): void {
    if (endedAs === Infinity) this.#openBytes += bytes;
    else this.#unpackedBytes += bytes;
  }

  #makeRoom(): void {
    if (this.memoryBytes <= this.limitBytes) return;
    const removed: number[] = [];
    while (this.memoryBytes > this.limitBytes && this.#kept.size > 0) removed.push(...this.#removeOldest());
    this.#tellRemoved(removed);
  }

  /** Answers the serial numbers of what went. */
  #removeOldest(): readonly number[] {
    const isCrowded = this.#openBytes > this.limitBytes * OPEN_SHARE;
    const first = isCrowded ? this.#oldestOpen() : this.#unpacked[0];
    if (!isCrowded && this.#packed.oldestAs < (first?.endedAs ?? Infinity)) {
      const serials = this.#packed.removeOldest();
      for (const serial of serials) this.#kept.delete(serial);
      return serials;
    }
    const oldest = first ?? this.#oldestOpen();
    if (oldest === undefined) return [];
    this.#drop(oldest);
    return [oldest.exchange.serial];
  }

  #oldestOpen(): Kept | undefined {
    const serial = this.#open.oldest;
    return serial === undefined ? undefined : this.#openOf(serial);
  }

  #openOf(serial: number): Kept | undefined {
    const kept = this.#kept.get(serial);
    return typeof kept === "object" && kept.endedAs === Infinity ? kept : undefined;
  }

  #drop(kept: Kept): void {
    this.#kept.delete(kept.exchange.serial);
    this.#add(kept, -kept.bytes);
    if (kept.endedAs === Infinity) this.#open.left();
    else this.#unpacked.splice(this.#unpacked.indexOf(kept), 1);
    kept.onDropped(kept.exchange);
  }

  #tellRemoved(serials: readonly number[]): void {
    if (this.#listeners.size === 0) return;
    const ids = serials.map((serial) => this.idOf(serial));
    for (const listener of this.#listeners) listener.onRemoved(ids);
  }
}
