import { getExchange, listHeads } from "./agent-api.ts";
import type { ExchangeHeads, ExchangeSummary, FieldsByName } from "./exchange.ts";
import { Subject } from "./subject.ts";
import type { Traffic } from "./traffic.ts";

interface Headers {
  readonly request: FieldsByName;
  readonly response: FieldsByName;
}

/** Asked for at the same time when exchanges arrive while somebody filters by header. */
const PARALLEL_CALLS = 4;

/**
 * The headers of exchanges, for filtering. The list does without them, so they are fetched when a filter first asks: of all
 * exchanges at once, and afterwards of each new one.
 */
export class HeaderIndex {
  /** Counts up when headers have arrived. */
  readonly version = new Subject(0);
  readonly #traffic: Pick<Traffic, "find" | "shown">;
  readonly #headers = new Map<string, Headers>();
  readonly #asked = new Set<string>();
  readonly #queue: string[] = [];
  #isFilled = false;
  #running = 0;

  constructor(traffic: Pick<Traffic, "find" | "shown">) {
    this.#traffic = traffic;
  }

  /** The exchange with its headers; as it was given while they are on their way. */
  readonly withHeaders = (exchange: ExchangeSummary): ExchangeSummary => {
    const known = this.#headers.get(exchange.id);
    if (known !== undefined) {
      const { request, response } = exchange;
      return {
        ...exchange,
        request: { ...request, headers: known.request },
        response: response === null ? null : { ...response, headers: known.response },
      };
    }
    if (this.#isFilled) this.#ask(exchange.id);
    return exchange;
  };

  /** Fetches the headers of everything; once. */
  async fill(): Promise<void> {
    if (this.#isFilled) return;
    this.#isFilled = true;
    try {
      for (const exchange of await listHeads()) this.#keep(exchange);
    } finally {
      this.version.set(this.version.value + 1);
    }
  }

  #ask(id: string): void {
    const exchange = this.#traffic.find(id);
    // Headers of an open exchange may still lack those of the response.
    if (this.#asked.has(id) || exchange === undefined || exchange.response === null) return;
    this.#asked.add(id);
    this.#queue.push(id);
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#running >= PARALLEL_CALLS) return;
    this.#running += 1;
    for (let id = this.#queue.shift(); id !== undefined; id = this.#queue.shift()) {
      const exchange = await getExchange(id).catch(() => undefined); // it may be gone by now
      if (exchange !== undefined) this.#keep(exchange);
    }
    this.#running -= 1;
    this.#forgetGone();
    this.version.set(this.version.value + 1);
  }

  /** A page may be open for days. A paused list goes on showing what the agent no longer has. */
  #forgetGone(): void {
    if (this.#traffic.shown.value.isPaused) return;
    const ids = new Set([...this.#asked, ...this.#headers.keys()]);
    for (const id of ids) {
      if (this.#traffic.find(id) !== undefined) continue;
      this.#asked.delete(id);
      this.#headers.delete(id);
    }
  }

  #keep({ id, request, response }: ExchangeHeads): void {
    if (response !== null) this.#headers.set(id, { request: request.headers, response: response.headers });
  }
}
