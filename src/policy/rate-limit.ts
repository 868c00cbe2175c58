/** How many requests of one kind may come in a stretch of time (action rate-limit, reference.md 9.2). */

export interface RateLimitOptions {
  /** Requests per window. */
  readonly capacity: number;
  readonly windowMs: number;
}

/** Kinds counted at a time, since visitors choose what makes one. The kind that was met longest ago is forgotten first. */
const MAX_KINDS = 10_000;

/** Counts of two windows that follow each other. */
interface Counts {
  window: number;
  current: number;
  previous: number;
}

/**
 * A window that slides: what the last whole window had counts by the part of it that is still inside. Two numbers per kind, and
 * never more than the capacity in any stretch of that length for visitors who come evenly.
 */
export class RateLimit {
  readonly #options: RateLimitOptions;
  readonly #kinds = new Map<string, Counts>();

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** Counts one request. Undefined: it may go on; else the seconds after which one may come again, at least 1. */
  take(kind: string, nowMs: number): number | undefined {
    const { capacity, windowMs } = this.#options;
    const window = Math.floor(nowMs / windowMs);
    const counts = this.#countsOf(kind, window);
    const passed = nowMs / windowMs - window;
    if (counts.previous * (1 - passed) + counts.current + 1 <= capacity) {
      counts.current += 1;
      return undefined;
    }
    return Math.max(1, Math.ceil((waitWindows(counts, capacity, passed) * windowMs) / 1000));
  }

  #countsOf(kind: string, window: number): Counts {
    const known = this.#kinds.get(kind) ?? { window, current: 0, previous: 0 };
    this.#kinds.delete(kind);
    this.#kinds.set(kind, known);
    if (this.#kinds.size > MAX_KINDS) this.#forgetOldest();
    if (known.window !== window) {
      known.previous = known.window === window - 1 ? known.current : 0;
      known.current = 0;
      known.window = window;
    }
    return known;
  }

  #forgetOldest(): void {
    const [oldest] = this.#kinds.keys();
    if (oldest !== undefined) this.#kinds.delete(oldest);
  }
}

/** Windows from now until there is room for one more. `passed`: part of the current window that is over. */
function waitWindows({ current, previous }: Counts, capacity: number, passed: number): number {
  const room = capacity - 1 - current;
  if (room >= 0 && previous > 0) return Math.max(0, 1 - room / previous - passed);
  // Only in the next window, when this one's count has faded enough.
  return 1 - passed + Math.max(0, 1 - (capacity - 1) / Math.max(1, current));
}
