/** Growing pauses between attempts, with jitter so that many agents do not come back in step. */

export interface Backoff {
  readonly firstMs: number;
  /** Each pause is this many times as long as the one before. */
  readonly growth: number;
  readonly maxMs: number;
}

/**
 * The pause before an attempt, in milliseconds: none before the first (attempt 0), then growing from `firstMs` to
 * `maxMs`, of which a random half is left out. `random` is in [0, 1).
 */
export function pauseBefore(attempt: number, { firstMs, growth, maxMs }: Backoff, random: number): number {
  if (attempt === 0) return 0;
  const full = Math.min(maxMs, firstMs * growth ** Math.min(attempt - 1, 30));
  return full / 2 + (full / 2) * random;
}
