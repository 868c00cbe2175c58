/**
 * Measures every system in turn, case by case and round by round, so that what disturbs the machine disturbs all of them. A system
 * that does not start and a measurement that fails are told of and left out: the others go on.
 */
import type { Case, Circumstances, ProgramCase } from "./case.ts";
import type { Measurement } from "./measurement.ts";
import { cpuSeconds } from "./process-usage.ts";
import type { RunningSystem, System, Upstreams } from "./system.ts";
import { warmUp } from "./loads/warm-up.ts";

export interface MeasuringOptions {
  readonly layout: string;
  readonly rounds: number;
  readonly upstreams: Upstreams;
  /** All but the system. */
  readonly circumstances: Omit<Circumstances, "system">;
  readonly onProgress: (line: string) => void;
  readonly onFailure: (line: string) => void;
}

export class Measuring {
  readonly measured: Measurement[] = [];
  readonly #options: MeasuringOptions;

  constructor(options: MeasuringOptions) {
    this.#options = options;
  }

  async measureSystems(cases: readonly Case[], systems: readonly System[]): Promise<void> {
    const fresh = cases.filter(({ needsFreshProcesses }) => needsFreshProcesses === true);
    const shared = cases.filter((one) => !fresh.includes(one));
    if (shared.length > 0) await this.#measureSharing(shared, systems);
    for (const [one, round] of this.#turns(fresh)) {
      for (const system of systems) {
        await using instance = await this.#started(system);
        if (instance !== undefined) await this.#add(one, system.name, instance, round);
      }
    }
  }

  async measureProgram(cases: readonly ProgramCase[], upstreamPort: number): Promise<void> {
    for (const [one, round] of this.#turns(cases)) {
      this.#options.onProgress(`${one.name}, round ${round + 1}`);
      const { values } = await one.measure(upstreamPort);
      this.#keep({ case: one.name, system: "ginnel", round, values, cpuSeconds: {}, cpuPerWork: null });
    }
  }

  async #measureSharing(cases: readonly Case[], systems: readonly System[]): Promise<void> {
    await using undo = new AsyncDisposableStack();
    const running: [string, RunningSystem][] = [];
    for (const system of systems) {
      const instance = await this.#started(system);
      if (instance !== undefined) running.push([system.name, undo.use(instance)]);
    }
    for (const [system, instance] of running) await this.#warmUp(system, instance);
    for (const [one, round] of this.#turns(cases)) {
      for (const [system, instance] of running) await this.#add(one, system, instance, round);
    }
  }

  *#turns<T extends { readonly happensOnce?: boolean }>(cases: readonly T[]): Iterable<readonly [T, number]> {
    for (const one of cases) {
      const rounds = one.happensOnce === true ? 1 : this.#options.rounds;
      for (let round = 0; round < rounds; round++) yield [one, round];
    }
  }

  async #started(system: System): Promise<RunningSystem | undefined> {
    const { upstreams, circumstances, onFailure } = this.#options;
    try {
      return await system.start(upstreams, circumstances.places);
    } catch (error) {
      onFailure(`${system.name} did not start: ${text(error)}`);
      return undefined;
    }
  }

  async #warmUp(name: string, system: RunningSystem): Promise<void> {
    this.#options.onProgress(`warm-up, ${name}`);
    try {
      await warmUp(system);
    } catch (error) {
      this.#options.onFailure(`warm-up, ${name}: ${text(error)}`);
    }
  }

  async #add(one: Case, name: string, system: RunningSystem, round: number): Promise<void> {
    const { circumstances, onProgress, onFailure } = this.#options;
    const all = { ...circumstances, system };
    if (one.appliesTo?.(all) === false) return;
    onProgress(`${one.name}, round ${round + 1}, ${name}`);
    try {
      this.#keep({ case: one.name, system: name, round, ...(await measure(one, all)) });
    } catch (error) {
      onFailure(`${one.name}, round ${round + 1}, ${name}: ${text(error)}`);
    }
  }

  #keep(measurement: Omit<Measurement, "layout">): void {
    this.measured.push({ layout: this.#options.layout, ...measurement });
  }
}

async function measure(
  one: Case,
  circumstances: Circumstances,
): Promise<Pick<Measurement, "values" | "cpuSeconds" | "cpuPerWork">> {
  const before = await cpuByRole(circumstances.system);
  const { values, work } = await one.measure(circumstances);
  const after = await cpuByRole(circumstances.system);
  const used = Object.fromEntries(Object.entries(after).map(([role, now]) => [role, now - (before[role] ?? 0)]));
  const total = Object.values(used).reduce((sum, seconds) => sum + seconds, 0);
  const hasCost = work !== undefined && work > 0 && Object.keys(used).length > 0;
  return { values, cpuSeconds: used, cpuPerWork: hasCost ? total / work : null };
}

async function cpuByRole({ programs }: RunningSystem): Promise<Readonly<Record<string, number>>> {
  const roles = Object.entries(programs).map(async ([role, { pid }]) => [role, await cpuSeconds([pid])] as const);
  return Object.fromEntries(await Promise.all(roles));
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
