/**
 * Measures every system in turn, case by case and round by round, so that what disturbs the machine disturbs all of them.
 */
import type { Case, ProgramCase } from "./case.ts";
import { farAway, nearby } from "./far-line.ts";
import { type Measurement, Measurements } from "./measurement.ts";
import { cpuSeconds } from "./process-usage.ts";
import type { Reach, RunningSystem, System, Upstreams } from "./system.ts";

export interface Pace {
  readonly rounds: number;
  readonly seconds: number;
  /** Rounds of the cases about the program alone. */
  readonly starts: number;
}

export class Measuring {
  readonly measured = new Measurements();
  readonly #pace: Pace;
  readonly #upstreams: Upstreams;
  readonly #onProgress: (line: string) => void;

  constructor(pace: Pace, upstreams: Upstreams, onProgress: (line: string) => void) {
    this.#pace = pace;
    this.#upstreams = upstreams;
    this.#onProgress = onProgress;
  }

  async measureSystems(cases: readonly Case[], systems: readonly System[]): Promise<void> {
    const ofSpeed = cases.filter(({ asksForMemory }) => asksForMemory !== true);
    await this.#measureSpeed(
      ofSpeed.filter(({ isFar }) => isFar !== true),
      systems,
      () => nearby,
    );
    await this.#measureSpeed(
      ofSpeed.filter(({ isFar }) => isFar === true),
      systems,
      farAway,
    );
    await this.#measureMemory(
      cases.filter(({ asksForMemory }) => asksForMemory === true),
      systems,
    );
  }

  async measureProgram(cases: readonly ProgramCase[]): Promise<void> {
    for (const one of cases) {
      for (let round = 0; round < (one.varies ? this.#pace.starts : 1); round++) {
        this.#onProgress(`${one.name}, round ${round + 1}`);
        const value = await one.measure(this.#upstreams);
        this.measured.add({ case: one.name, system: "ginnel", round, value, cpuSeconds: {}, cpuPerWork: undefined });
      }
    }
  }

  async #measureSpeed(
    cases: readonly Case[],
    systems: readonly System[],
    reachWith: (undo: AsyncDisposableStack) => Reach,
  ): Promise<void> {
    if (cases.length === 0) return;
    await using undo = new AsyncDisposableStack();
    const reach = reachWith(undo);
    const running = new Map<string, RunningSystem>();
    for (const system of systems) {
      this.#onProgress(`starting ${system.name}`);
      running.set(system.name, undo.use(await system.start(this.#upstreams, reach)));
    }
    for (const one of cases) {
      for (let round = 0; round < this.#pace.rounds; round++) {
        for (const [system, instance] of running) await this.#add(one, system, instance, round);
      }
    }
  }

  /** Each time with new processes, since those that were busy have memory to spare. */
  async #measureMemory(cases: readonly Case[], systems: readonly System[]): Promise<void> {
    for (const one of cases) {
      for (let round = 0; round < this.#pace.rounds; round++) {
        for (const system of systems) {
          await using instance = await system.start(this.#upstreams, nearby);
          if (Object.keys(instance.processes).length > 0) await this.#add(one, system.name, instance, round);
        }
      }
    }
  }

  async #add(one: Case, system: string, instance: RunningSystem, round: number): Promise<void> {
    this.#onProgress(`${one.name}, round ${round + 1}, ${system}`);
    this.measured.add({ case: one.name, system, round, ...(await measure(one, instance, this.#pace.seconds)) });
  }
}

async function measure(
  one: Case,
  system: RunningSystem,
  seconds: number,
): Promise<Pick<Measurement, "value" | "cpuSeconds" | "cpuPerWork">> {
  const before = await cpuByRole(system);
  const { value, work } = await one.measure(system, seconds);
  const after = await cpuByRole(system);
  const used = Object.fromEntries(Object.entries(after).map(([role, now]) => [role, now - (before[role] ?? 0)]));
  const total = Object.values(used).reduce((sum, seconds) => sum + seconds, 0);
  const hasCost = work !== undefined && work > 0 && Object.keys(used).length > 0;
  return { value, cpuSeconds: used, cpuPerWork: hasCost ? total / work : undefined };
}

async function cpuByRole({ processes }: RunningSystem): Promise<Readonly<Record<string, number>>> {
  const roles = Object.entries(processes).map(async ([role, pid]) => [role, await cpuSeconds([pid])] as const);
  return Object.fromEntries(await Promise.all(roles));
}
