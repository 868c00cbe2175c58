import type { MetricHistogram } from "./prometheus-text.ts";

/** In seconds: from a service beside the edge to a slow upload, about a factor of two and a half each. */
const BOUNDS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const MS_PER_SECOND = 1_000;

/** How long things took, by fixed bounds. On the path of every request: takes memory once, and none for a value. */
export class DurationHistogram {
  /** One place for each bound, and one for what lay beyond. */
  readonly #counts = new Float64Array(BOUNDS_SECONDS.length + 1);
  #sumMs = 0;

  add(durationMs: number): void {
    const ms = Math.max(0, durationMs);
    let place = 0;
    while (place < BOUNDS_SECONDS.length && ms > (BOUNDS_SECONDS[place] ?? 0) * MS_PER_SECOND) place += 1;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#sumMs += ms;
  }

  /** In seconds, as Prometheus wants it. */
  snapshot(): MetricHistogram {
    let count = 0;
    const buckets = BOUNDS_SECONDS.map((bound, place) => {
      count += this.#counts[place] ?? 0;
      return [bound, count] as const;
    });
    count += this.#counts[BOUNDS_SECONDS.length] ?? 0;
    return { buckets, sum: this.#sumMs / MS_PER_SECOND, count };
  }
}
