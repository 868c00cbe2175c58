/** What was measured, and the middle of several rounds. */

export interface Measurement {
  readonly layout: string;
  /** Name of the case. */
  readonly case: string;
  readonly system: string;
  readonly round: number;
  /** By the name of the question, in its unit; null: it never came. */
  readonly values: Readonly<Record<string, number | null>>;
  /** CPU seconds of each program of the system while it was measured, by role. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
  /** CPU seconds of all its programs per request or GB, where the case has such a unit. */
  readonly cpuPerWork: number | null;
}

/** Of one layout. */
export class Measurements {
  readonly #all: readonly Measurement[];

  constructor(all: readonly Measurement[]) {
    this.#all = all;
  }

  /** Middle value of the rounds; undefined for what was not measured, Infinity for what never came. */
  value(question: string, system: string): number | undefined {
    const values = this.#of(system).flatMap(
      ({ values: { [question]: value } }) => value ?? (value === null ? Infinity : []),
    );
    return median(values);
  }

  cpuPerWork(caseName: string, system: string): number | undefined {
    return median(this.#of(system).flatMap((one) => (one.case === caseName ? (one.cpuPerWork ?? []) : [])));
  }

  #of(system: string): readonly Measurement[] {
    return this.#all.filter((one) => one.system === system);
  }
}

/** The mean of the two in the middle where their number is even; undefined of no values. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
