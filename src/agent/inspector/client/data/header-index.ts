import { getExchange, listHeads } from "./agent-api.ts";
import type { ExchangeDetail, Field } from "./exchange.ts";
import { Subject } from "./subject.ts";
import { traffic } from "./agent.ts";

/** Asked for at the same time when exchanges arrive while somebody filters by header. */
const PARALLEL_CALLS = 4;

/**
 * The headers of exchanges, for filtering. The list does without them, so they are fetched when a filter first asks: of all
 * exchanges at once, and afterwards of each new one.
 */
export class HeaderIndex {
  /** Counts up when headers have arrived. */
  readonly version = new Subject(0);
  readonly #headers = new Map<string, readonly Field[]>();
  readonly #asked = new Set<string>();
  readonly #queue: string[] = [];
  #isFilled = false;
  #running = 0;

  /** Undefined while they are unknown; then they are on their way. */
  readonly headersOf = (id: string): readonly Field[] | undefined => {
    const known = this.#headers.get(id);
    if (known === undefined && this.#isFilled) this.#ask(id);
    return known;
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
    // Headers of an open exchange may still lack those of the response.
    if (this.#asked.has(id) || traffic.find(id)?.response === null) return;
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
    this.version.set(this.version.value + 1);
  }

  #keep({ id, request, response }: ExchangeDetail): void {
    if (response === null) return;
    this.#headers.set(id, [...fieldsOf(request.headers), ...fieldsOf(response.headers)]);
  }
}

function fieldsOf(headers: Readonly<Record<string, readonly string[]>>): readonly Field[] {
  return Object.entries(headers).flatMap(([name, values]) => values.map((value) => [name, value] as const));
}
