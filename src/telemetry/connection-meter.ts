import type { SampleOfValues } from "./decaying-sample.ts";
import { ExchangeMeter, type ExchangeMetrics } from "./exchange-meter.ts";

/** As the agent API shows it (reference.md 3.3). */
export interface ConnectionMetrics extends ExchangeMetrics {
  /** Open now. */
  readonly gauge: number;
}

export interface ConnectionMeterOptions {
  readonly nowMs: number;
  /** Is told everything that this meter is told. */
  readonly total?: ConnectionMeter | undefined;
  /** In [0, 1), for the sample. */
  readonly random?: (() => number) | undefined;
}

/** Counts connections of visitors from when they are joined to the upstream until they close. */
export class ConnectionMeter {
  readonly #meter: ExchangeMeter;
  readonly #total: ConnectionMeter | undefined;
  #openCount = 0;

  constructor({ nowMs, total, random }: ConnectionMeterOptions) {
    this.#meter = new ExchangeMeter({ nowMs, random });
    this.#total = total;
  }

  get openedCount(): number {
    return this.#meter.startedCount;
  }

  get openCount(): number {
    return this.#openCount;
  }

  /** In milliseconds, of those that have closed. */
  get durations(): SampleOfValues {
    return this.#meter.durations;
  }

  opened(nowMs: number): void {
    this.#openCount++;
    this.#meter.started(nowMs);
    this.#total?.opened(nowMs);
  }

  /** Once for each that was opened. */
  closed(durationMs: number, nowMs: number): void {
    this.#openCount--;
    this.#meter.ended(durationMs, nowMs);
    this.#total?.closed(durationMs, nowMs);
  }

  snapshot(nowMs: number): ConnectionMetrics {
    const { count, ...rest } = this.#meter.snapshot(nowMs);
    return { count, gauge: this.#openCount, ...rest };
  }
}
