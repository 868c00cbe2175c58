import { DecayingSample, type SampleOfValues } from "./decaying-sample.ts";
import { RateMeter } from "./rate-meter.ts";

const NANOSECONDS_PER_MS = 1e6;
const SHARES = [0.5, 0.9, 0.95, 0.99];

/** As the agent API shows it (reference.md 3.3): rates per second, durations in whole nanoseconds. All finite. */
export interface ExchangeMetrics {
  /** Since the start of the tunnel. */
  readonly count: number;
  readonly rate1: number;
  readonly rate5: number;
  readonly rate15: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
}

export interface ExchangeMeterOptions {
  readonly nowMs: number;
  /** Is told everything that this meter is told. */
  readonly total?: ExchangeMeter | undefined;
  /** In [0, 1), for the sample. */
  readonly random?: (() => number) | undefined;
}

/** Counts what begins, and samples how long it took when it ends. */
export class ExchangeMeter {
  readonly #rates: RateMeter;
  readonly #sample: DecayingSample;
  readonly #total: ExchangeMeter | undefined;

  constructor({ nowMs, total, random }: ExchangeMeterOptions) {
    this.#rates = new RateMeter(nowMs);
    this.#sample = new DecayingSample(random);
    this.#total = total;
  }

  get startedCount(): number {
    return this.#rates.count;
  }

  /** In milliseconds, of those that have ended. */
  get durations(): SampleOfValues {
    return this.#sample;
  }

  started(nowMs: number): void {
    this.#rates.mark(nowMs);
    this.#total?.started(nowMs);
  }

  /** Once for each that started. */
  ended(durationMs: number, nowMs: number): void {
    this.#sample.add(Math.max(0, durationMs), nowMs);
    this.#total?.ended(durationMs, nowMs);
  }

  snapshot(nowMs: number): ExchangeMetrics {
    const { count } = this.#rates;
    const { rate1, rate5, rate15 } = this.#rates.rates(nowMs);
    const [p50 = 0, p90 = 0, p95 = 0, p99 = 0] = this.#sample.percentiles(SHARES).map(nanoseconds);
    return { count, rate1, rate5, rate15, p50, p90, p95, p99 };
  }
}

/** Whole, as some programs expect them. */
function nanoseconds(ms: number): number {
  return Math.round(ms * NANOSECONDS_PER_MS);
}
