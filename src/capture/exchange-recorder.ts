import type { Exchange, ExchangeOutcome } from "./exchange.ts";
import { type ExchangeOrigin, ExchangeRecord } from "./exchange-record.ts";
import type { ExchangeRing } from "./exchange-ring.ts";

/** Where the exchanges of a tunnel go. */
export interface Capture {
  readonly ring: ExchangeRing;
  readonly tunnelName: string;
  /** They repeat this one. */
  readonly replayOf?: string | undefined;
  readonly watcher?: ExchangeWatcher | undefined;
}

/** Hears of every exchange, whether the ring keeps it or not; when it happened, by the clock of durations. */
export interface ExchangeWatcher {
  onStarted?(exchange: Exchange, atMs: number): void;
  /** The head of the response is there. */
  onResponse?(exchange: Exchange): void;
  /** `outcome` is no longer `open`. */
  onEnded?(exchange: Exchange, atMs: number): void;
}

/** Makes the records of one visitor's exchanges, and tells ring and watcher what becomes of them. */
export class ExchangeRecorder {
  readonly #capture: Capture;
  readonly #origin: ExchangeOrigin;

  constructor(capture: Capture, visitorAddress: string) {
    const { ring, tunnelName, replayOf } = capture;
    this.#capture = capture;
    this.#origin = { tunnelName, visitorAddress, replayOf, idOf: (serial) => ring.idOf(serial) };
  }

  /** To be told of with {@link started} once something of the request is in it. */
  create(method: string, startedAtMs: number, startMs: number): ExchangeRecord {
    const serial = this.#capture.ring.nextSerial();
    return new ExchangeRecord({ serial, origin: this.#origin, method, startedAtMs, startMs });
  }

  started(exchange: ExchangeRecord, nowMs: number): void {
    this.#capture.ring.add(exchange, drop);
    this.#capture.watcher?.onStarted?.(exchange, nowMs);
  }

  responded(exchange: ExchangeRecord): void {
    this.#capture.ring.changed(exchange);
    this.#capture.watcher?.onResponse?.(exchange);
  }

  /** Octets of a body came. */
  grown(exchange: ExchangeRecord): void {
    if (!exchange.isDropped) this.#capture.ring.grown(exchange);
  }

  /** Messages came. */
  changed(exchange: ExchangeRecord): void {
    if (!exchange.isDropped) this.#capture.ring.changed(exchange);
  }

  end(exchange: ExchangeRecord, outcome: Exclude<ExchangeOutcome, "open">, nowMs: number): void {
    exchange.end(outcome, nowMs);
    this.#capture.ring.ended(exchange);
    this.#capture.watcher?.onEnded?.(exchange, nowMs);
  }
}

/** One function for all, because the ring keeps it with each of very many exchanges. */
function drop(exchange: Exchange): void {
  if (exchange instanceof ExchangeRecord) exchange.drop();
}
