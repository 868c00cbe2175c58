/** Keeps visitors from an upstream that fails (reference.md 7.11): counts its answers over a window that slides in buckets. */

export interface CircuitBreakerOptions {
  /** Ratio of 5xx, 0 to 1, at which the breaker opens. */
  readonly errorThreshold: number;
  /** Fewer answers in the window say nothing. */
  readonly volumeThreshold?: number;
  readonly windowMs?: number;
  readonly openMs?: number;
}

const VOLUME = 10;
const WINDOW_MS = 10_000;
const OPEN_MS = 10_000;
const BUCKETS = 10;

interface Bucket {
  /** Number of the stretch of time that is counted here. */
  stretch: number;
  answers: number;
  failures: number;
}

export class CircuitBreaker {
  readonly #options: Required<CircuitBreakerOptions>;
  readonly #buckets: readonly Bucket[] = Array.from({ length: BUCKETS }, newBucket);
  #openUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: CircuitBreakerOptions) {
    this.#options = { volumeThreshold: VOLUME, windowMs: WINDOW_MS, openMs: OPEN_MS, ...options };
  }

  /** Whether a request may go to the upstream now. */
  admits(nowMs: number): boolean {
    return nowMs >= this.#openUntilMs;
  }

  /** The upstream answered, or did not. What was under way when the breaker opened counts for nothing. */
  onOutcome(isFailure: boolean, nowMs: number): void {
    if (!this.admits(nowMs)) return;
    const bucket = this.#bucketAt(nowMs);
    bucket.answers += 1;
    if (isFailure) bucket.failures += 1;
    const { answers, failures } = this.#inWindow(nowMs);
    const { errorThreshold, volumeThreshold, openMs } = this.#options;
    if (failures === 0 || answers < volumeThreshold || failures / answers < errorThreshold) return;
    this.#openUntilMs = nowMs + openMs;
    for (const counted of this.#buckets) Object.assign(counted, newBucket());
  }

  #bucketAt(nowMs: number): Bucket {
    const stretch = this.#stretch(nowMs);
    const bucket = this.#buckets[((stretch % BUCKETS) + BUCKETS) % BUCKETS];
    if (bucket === undefined) throw new Error("a stretch of time without a bucket");
    if (bucket.stretch !== stretch) Object.assign(bucket, newBucket(), { stretch });
    return bucket;
  }

  #inWindow(nowMs: number): { readonly answers: number; readonly failures: number } {
    const oldest = this.#stretch(nowMs) - BUCKETS;
    const current = this.#buckets.filter(({ stretch }) => stretch > oldest);
    return {
      answers: current.reduce((sum, bucket) => sum + bucket.answers, 0),
      failures: current.reduce((sum, bucket) => sum + bucket.failures, 0),
    };
  }

  #stretch(nowMs: number): number {
    return Math.floor(nowMs / (this.#options.windowMs / BUCKETS));
  }
}

function newBucket(): Bucket {
  return { stretch: Number.NEGATIVE_INFINITY, answers: 0, failures: 0 };
}
