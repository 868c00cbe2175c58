/** How a process of an edge is told that it is a further one. Environment and not flags: it has the command line of the first one. */
import { join } from "node:path";
import { HUB } from "../../edge/workers/worker-hub.ts";

/** The number of the first one of them. */
export const FIRST_WORKER = HUB + 1;

const VARIABLE = "GINNEL_EDGE_WORKER";

/** A process that serves the ports of another one. */
export interface WorkerRole {
  /** From {@link FIRST_WORKER} on. */
  readonly worker: number;
  /** Where the sockets of the first process are. */
  readonly folder: string;
}

/** `undefined`: it is the first one. */
export function workerRoleOf(env: Readonly<Record<string, string | undefined>>): WorkerRole | undefined {
  const [, worker, folder] = /^(\d+) (.+)$/.exec(env[VARIABLE] ?? "") ?? [];
  return worker === undefined || folder === undefined ? undefined : { worker: Number(worker), folder };
}

/** The environment that tells it. */
export function environmentOf({ worker, folder }: WorkerRole): Readonly<Record<string, string>> {
  return { [VARIABLE]: `${worker} ${folder}` };
}

/** Where workers dial the first process. */
export function hubSocket(folder: string): string {
  return join(folder, "hub");
}

/** Where workers bring requests for the edge's own site, over HTTP. */
export function siteSocket(folder: string): string {
  return join(folder, "site");
}
