/**
 * Where the legs of an agent belong: an edge of several processes serves an agent best that has a session in each of them. Which
 * process takes a connection nobody can choose, so an agent sees where it came to, and goes once more when it is there already. Pure.
 */

/** Further legs gain little beyond that, and each takes a place, a heartbeat and every bind at the edge. */
export const MAX_LEGS = 4;

/** What an edge tells of a session: its process, from 1 on, and how many there are; 0 where it does not say. */
export interface ProcessOfEdge {
  readonly worker: number;
  readonly workers: number;
}

/** `elsewhere`: the agent has a leg in this process, another one would do more. `surplus`: there are enough legs without it. */
export type Placement = "keep" | "elsewhere" | "surplus";

/** `held`: the processes that other legs of the agent have sessions in. */
export function placeLeg(
  number: number,
  { worker, workers }: ProcessOfEdge,
  held: ReadonlySet<number | undefined>,
): Placement {
  const wanted = wantedLegs(workers);
  if (number >= wanted) return "surplus";
  return wanted > 1 && worker > 0 && held.has(worker) ? "elsewhere" : "keep";
}

/** How many legs an agent has at an edge of so many processes. */
export function wantedLegs(workers: number): number {
  return Math.min(Math.max(workers, 1), MAX_LEGS);
}
