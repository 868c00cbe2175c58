import { clearExchanges, listExchanges } from "./agent-api.ts";
import { ExchangeList } from "./exchange-list.ts";
import type { ExchangeSummary } from "./exchange.ts";
import { Subject } from "../../../../web-ui/client/subject.ts";

/** What the list shows. A new object whenever something has changed. */
export interface ShownTraffic {
  readonly exchanges: readonly ExchangeSummary[];
  readonly isPaused: boolean;
  /** Exchanges that came since the list was paused. */
  readonly waiting: number;
  /** False until the first answer of the agent. */
  readonly isLoaded: boolean;
}

/** Told of every change, until it answers true. `isNew`: nothing was known of the exchange before. */
export type Watcher = (exchange: ExchangeSummary, isNew: boolean) => boolean;

/** Changes are shown together, so that a burst of exchanges costs a few renderings and not thousands. */
const SHOW_EVERY_MS = 80;

/** The exchanges in the agent's memory, kept in step by the feed; a paused list stays as it is while they go on. */
export class Traffic {
  readonly shown = new Subject<ShownTraffic>({ exchanges: [], isPaused: false, waiting: 0, isLoaded: false });
  readonly #list = new ExchangeList();
  readonly #watchers = new Set<Watcher>();
  #waiting = new Set<string>();
  #isShowDue = false;
  /** What the feed told while the list was on its way. */
  #held: (() => void)[] | undefined;

  /** As the agent has it now, also while paused. */
  find(id: string): ExchangeSummary | undefined {
    return this.#list.find(id);
  }

  /** Fetches everything anew: at the start, and whenever the feed was lost. */
  async load(): Promise<void> {
    const held: (() => void)[] = [];
    this.#held = held;
    try {
      const exchanges = await listExchanges();
      // A later call asks for what is newer, and has what was told since.
      if (this.#held !== held) return;
      this.#list.clear();
      for (const exchange of exchanges) this.#list.put(exchange);
    } finally {
      if (this.#held === held) {
        this.#held = undefined;
        for (const change of held) change();
      }
    }
    this.#show({ isLoaded: true });
  }

  /** New, or in a new state. */
  changed(exchange: ExchangeSummary): void {
    if (this.#held !== undefined) {
      this.#held.push(() => this.changed(exchange));
      return;
    }
    const isNew = this.#list.find(exchange.id) === undefined;
    if (isNew && this.shown.value.isPaused) this.#waiting.add(exchange.id);
    this.#list.put(exchange);
    for (const watcher of this.#watchers) if (watcher(exchange, isNew)) this.#watchers.delete(watcher);
    this.#showSoon();
  }

  removed(ids: readonly string[]): void {
    if (this.#held !== undefined) {
      this.#held.push(() => this.removed(ids));
      return;
    }
    this.#list.remove(ids);
    for (const id of ids) this.#waiting.delete(id);
    this.#showSoon();
  }

  cleared(): void {
    if (this.#held !== undefined) {
      this.#held.push(() => this.cleared());
      return;
    }
    this.#list.clear();
    this.#waiting.clear();
    this.shown.set({ ...this.shown.value, exchanges: [], waiting: 0 });
  }

  /** Throws what the agent answers. */
  async clear(): Promise<void> {
    await clearExchanges();
    this.cleared();
  }

  pause(isPaused: boolean): void {
    this.#waiting = new Set();
    const exchanges = isPaused ? this.shown.value.exchanges : this.#list.newestFirst;
    this.shown.set({ ...this.shown.value, isPaused, waiting: 0, exchanges });
  }

  /** Answers how to stop watching. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #showSoon(): void {
    if (this.#isShowDue) return;
    this.#isShowDue = true;
    setTimeout(() => {
      this.#isShowDue = false;
      this.#show({});
    }, SHOW_EVERY_MS);
  }

  #show(changes: Pick<Partial<ShownTraffic>, "isLoaded">): void {
    const { value } = this.shown;
    const news = value.isPaused ? { waiting: this.#waiting.size } : { exchanges: this.#list.newestFirst };
    this.shown.set({ ...value, ...changes, ...news });
  }
}
