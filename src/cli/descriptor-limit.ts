/** How many files and sockets the system lets this process have open. */
import { readFileSync } from "node:fs";

/** Where the system does not say. */
const USUAL_LIMIT = 10_000;
/** The rest is for agents, files, and connections that are just ending. */
const PART_FOR_VISITORS = 0.8;
/** For listening, files, the database, and whoever asks for metrics: what a process has open beside visitors and agents. */
const OWN_DESCRIPTORS = 32;

/** Visitors that may be there at a time when each takes this many descriptors of the process. */
export function visitorsWithinDescriptors(perVisitor: number, limit: number = descriptorLimit()): number {
  const forVisitors = Math.min(limit * PART_FOR_VISITORS, limit - OWN_DESCRIPTORS);
  return Math.max(1, Math.floor(forVisitors / perVisitor));
}

/** Connections that may be there at a time, of visitors and agents together, with a descriptor each. */
export function connectionsWithinDescriptors(limit: number = descriptorLimit()): number {
  return Math.max(1, limit - OWN_DESCRIPTORS);
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
