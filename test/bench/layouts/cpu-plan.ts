/** Which processors a run uses for what: those of the measured system apart from those of load, upstream and line. */

export interface CpuPlan {
  /** Edge and agent. Empty: not pinned. */
  readonly system: readonly number[];
  readonly load: readonly number[];
}

export const NOT_PINNED: CpuPlan = { system: [], load: [] };

/** Halves them; a single one is shared, by not pinning. */
export function cpuPlan(allowed: readonly number[]): CpuPlan {
  if (allowed.length < 2) return NOT_PINNED;
  const half = Math.floor(allowed.length / 2);
  return { system: allowed.slice(0, half), load: allowed.slice(half) };
}

/** Numbers of a list as the kernel writes it, such as `0-3,8`. */
export function cpuNumbers(list: string): readonly number[] {
  return list.split(",").flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** Words in front of a program that is to stay on these. */
export function pinnedTo(cpus: readonly number[]): readonly string[] {
  return cpus.length === 0 ? [] : ["taskset", "--cpu-list", cpus.join(",")];
}
