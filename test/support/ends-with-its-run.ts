/** Processes that a test starts and that must not outlive it, however the run ends: one that is killed disposes nothing. */
import { join } from "node:path";

/** Words for the runtime, in front of the program. */
export const ENDS_WITH_ITS_RUN: readonly string[] = ["--preload", join(import.meta.dir, "end-with-parent.ts")];
