/** Growing pauses between attempts, with jitter so that many agents do not come back in step. */

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * The pause before an attempt, in milliseconds: none before the first (attempt 0), then doubling from `firstMs` to
 * `maxMs`, of which a random half is left out. `random` is in [0, 1).
 */
export function pauseBefore(attempt: number, { firstMs, maxMs }: Backoff, random: number): number {
  if (attempt === 0) return 0;
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return full / 2 + (full / 2) * random;
}
