import { LISTED_IDS_LIMIT, listHeads } from "./agent-api.ts";
import type { ExchangeHeads, ExchangeSummary, FieldsByName } from "./exchange.ts";
import { Subject } from "../../../../web-ui/client/subject.ts";
import type { Traffic } from "./traffic.ts";

interface Headers {
  readonly request: FieldsByName;
  /** Undefined until there is a response. */
  readonly response: FieldsByName | undefined;
}

/**
 * The headers of exchanges, for filtering. The list does without them, so they are fetched when a filter first asks: of all
 * exchanges at once, and afterwards of new ones and of those that were answered since, many in one call.
 */
export class HeaderIndex {
  /** Counts up when headers have arrived. */
  readonly version = new Subject(0);
  readonly #traffic: Pick<Traffic, "find" | "shown">;
  readonly #headers = new Map<string, Headers>();
  /** Those that were asked for, and whether their response was there by then. */
  readonly #asked = new Map<string, boolean>();
  readonly #queue = new Set<string>();
  /** Those that are whole, so that they are made once and not with every letter of a filter. */
  readonly #joined = new WeakMap<ExchangeSummary, ExchangeSummary>();
  #isFilled = false;
  #isFetching = false;

  /** `agentReturns`: changes when the agent is there again. Then what was asked in vain is asked again. */
  constructor(traffic: Pick<Traffic, "find" | "shown">, agentReturns: Pick<Subject<number>, "listen">) {
    this.#traffic = traffic;
    agentReturns.listen(() => this.#forgetUnanswered());
  }

  /** The exchange with its headers; as it was given while they are on their way. */
  readonly withHeaders = (exchange: ExchangeSummary): ExchangeSummary => {
    const before = this.#joined.get(exchange);
    if (before !== undefined) return before;
    const { id, request, response } = exchange;
    const known = this.#headers.get(id);
    const isWhole = known !== undefined && (response === null || known.response !== undefined);
    if (!isWhole && this.#isFilled) this.#ask(exchange);
    if (known === undefined) return exchange;
    const joined = {
      ...exchange,
      request: { ...request, headers: known.request },
      response: response === null ? null : { ...response, ...(known.response && { headers: known.response }) },
    };
    if (isWhole) this.#joined.set(exchange, joined);
    return joined;
  };

  /** Fetches the headers of everything; once. Throws what the agent answers. */
  async fill(): Promise<void> {
    if (this.#isFilled) return;
    this.#isFilled = true;
    try {
      for (const exchange of await listHeads()) this.#keep(exchange);
    } finally {
      this.version.set(this.version.value + 1);
    }
  }

  #ask({ id, response }: ExchangeSummary): void {
    const hasResponse = response !== null;
    if (this.#asked.get(id) === hasResponse || this.#traffic.find(id) === undefined) return;
    this.#asked.set(id, hasResponse);
    this.#queue.add(id);
    if (!this.#isFetching) void this.#fetchQueue();
  }

  async #fetchQueue(): Promise<void> {
    this.#isFetching = true;
    // Whoever filters asks for one exchange after the other, so the rest of them gets into the same call.
    await Promise.resolve();
    while (this.#queue.size > 0) {
      const ids = [...this.#queue].slice(0, LISTED_IDS_LIMIT);
      for (const id of ids) this.#queue.delete(id);
      // The agent may be gone: the filter goes by what is known until it is back.
      for (const exchange of await listHeads(ids).catch(() => [])) this.#keep(exchange);
      this.version.set(this.version.value + 1);
    }
    this.#isFetching = false;
    this.#forgetGone();
  }

  #forgetUnanswered(): void {
    for (const id of this.#asked.keys()) {
      // Without a response it may have been asked for a second time, and that in vain.
      if (this.#headers.get(id)?.response === undefined) this.#asked.delete(id);
    }
    this.version.set(this.version.value + 1);
  }

  /** A page may be open for days. A paused list goes on showing what the agent no longer has. */
  #forgetGone(): void {
    if (this.#traffic.shown.value.isPaused) return;
    const ids = new Set([...this.#asked.keys(), ...this.#headers.keys()]);
    for (const id of ids) {
      if (this.#traffic.find(id) !== undefined) continue;
      this.#asked.delete(id);
      this.#headers.delete(id);
    }
  }

  #keep({ id, request, response }: ExchangeHeads): void {
    this.#headers.set(id, { request: request.headers, response: response?.headers });
  }
}
