/** What was measured, and the middle of several rounds. */

export interface Measurement {
  readonly case: string;
  readonly system: string;
  readonly round: number;
  /** In the unit of the case. */
  readonly value: number;
  /** CPU seconds of each process of the system while it was measured, by role. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
  /** CPU seconds of all its processes per request or GB, where the case has such a unit. */
  readonly cpuPerWork: number | undefined;
}

export class Measurements {
  readonly #all: Measurement[] = [];

  add(measurement: Measurement): void {
    this.#all.push(measurement);
  }

  all(): readonly Measurement[] {
    return this.#all;
  }

  /** Middle value of the rounds; undefined for what was not measured. */
  value(caseName: string, system: string): number | undefined {
    return median(this.#of(caseName, system).map(({ value }) => value));
  }

  cpuPerWork(caseName: string, system: string): number | undefined {
    return median(this.#of(caseName, system).flatMap(({ cpuPerWork }) => cpuPerWork ?? []));
  }

  #of(caseName: string, system: string): readonly Measurement[] {
    return this.#all.filter((one) => one.case === caseName && one.system === system);
  }
}

export function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
