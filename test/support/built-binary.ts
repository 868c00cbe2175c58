/** The compiled program, for tests that need it as users get it. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");
const DIST = join(ROOT, "dist");

/** Path of dist/ginnel, compiled first if it is older than its sources. Test files that run side by side take turns. */
export async function builtBinary(): Promise<string> {
  await mkdir(DIST, { recursive: true });
  const command = ["flock", join(DIST, ".lock"), join(ROOT, "scripts/build"), "--if-stale"];
  const build = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [output, complaint, status] = await Promise.all([
    new Response(build.stdout).text(),
    new Response(build.stderr).text(),
    build.exited,
  ]);
  if (status !== 0) throw new Error(`dist/ginnel could not be compiled: ${complaint}${output}`);
  return join(DIST, "ginnel");
}

/** For tests that may have to compile first. */
export const BUILD_TIMEOUT_MS = 120_000;
