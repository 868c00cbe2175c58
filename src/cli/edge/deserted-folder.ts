/** What is left behind when the first process of an edge is killed. */
import { rm } from "node:fs/promises";
import { DialError } from "../../net/dial-error.ts";
import { dialTcp } from "../../net/tcp-dial.ts";
import { hubSocket } from "./worker-role.ts";

const DIAL_LIMIT_MS = 5_000;

/**
 * Removes the folder that the processes of an edge meet in, unless somebody listens there: a worker may lose its link to a first process
 * that lives, and serves the others.
 */
export async function removeIfDeserted(folder: string): Promise<void> {
  try {
    (await dialTcp({ unix: hubSocket(folder) }, { timeoutMs: DIAL_LIMIT_MS })).reset();
  } catch (error) {
    if (error instanceof DialError && error.reason === "refused") await rm(folder, { recursive: true, force: true });
  }
}
