import type { ExchangeSummary } from "./exchange.ts";

/** Exchanges by id, and in order, the newest first. Changes come one by one, the order is made when it is asked for. */
export class ExchangeList {
  readonly #byId = new Map<string, ExchangeSummary>();
  #ordered: readonly ExchangeSummary[] | undefined = [];

  get size(): number {
    return this.#byId.size;
  }

  /** The same array until something changes. */
  get newestFirst(): readonly ExchangeSummary[] {
    // Ids ascend with time, and a map keeps its order of insertion, so this is nearly sorted already.
    this.#ordered ??= [...this.#byId.values()].toReversed().sort(compareNewestFirst);
    return this.#ordered;
  }

  find(id: string): ExchangeSummary | undefined {
    return this.#byId.get(id);
  }

  put(exchange: ExchangeSummary): void {
    this.#byId.set(exchange.id, exchange);
    this.#ordered = undefined;
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) this.#byId.delete(id);
    this.#ordered = undefined;
  }

  clear(): void {
    this.#byId.clear();
    this.#ordered = [];
  }
}

function compareNewestFirst(a: ExchangeSummary, b: ExchangeSummary): number {
  if (a.id === b.id) return 0;
  return a.id < b.id ? 1 : -1;
}
