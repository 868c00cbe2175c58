/** How many files and sockets the system lets this process have open. */
import { readFileSync } from "node:fs";

/** Where the system does not say. */
const USUAL_LIMIT = 10_000;
/** The rest is for agents, files, and connections that are just ending. */
const PART_FOR_VISITORS = 0.8;

/** Visitors that an edge can have at a time when each takes this many descriptors of the process. */
export function visitorsWithinDescriptors(perVisitor: number, limit: number = descriptorLimit()): number {
  return Math.max(1, Math.floor((limit * PART_FOR_VISITORS) / perVisitor));
}

function descriptorLimit(): number {
  try {
    return parseLimit(readFileSync("/proc/self/limits", "latin1")) ?? USUAL_LIMIT;
  } catch {
    return USUAL_LIMIT;
  }
}

/** The soft limit of Linux's table; `undefined` when there is none. */
export function parseLimit(table: string): number | undefined {
  const [, soft] = /^Max open files +(\d+) /m.exec(table) ?? [];
  return soft === undefined ? undefined : Number(soft);
}
