/**
 * A macro: runs while assets.ts is being transpiled, and its answer stands there in its place. So the source tree, the tests
 * and the compiled program all hold the present state of client/, and nothing generated lies about.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Bundle {
  readonly script: string;
  readonly style: string;
  readonly icon: string;
}

/** Throws with the bundler's own words. A macro may start a bundler, but cannot call the one that runs it. */
export function bundleClient(): Bundle {
  const client = join(import.meta.dir, "client");
  return {
    script: bundled(join(client, "main.tsx")),
    style: bundled(join(client, "style.css")),
    icon: readFileSync(join(client, "icon.svg"), "utf8"),
  };
}

function bundled(entry: string): string {
  const bundler = Bun.spawnSync(
    [process.execPath, "build", "--production", "--target=browser", "--format=esm", "--minify", entry],
    // In a folder of ours: a bundler obeys the bunfig.toml of the folder that it is started in.
    { cwd: import.meta.dir, stdin: "ignore", stdout: "pipe", stderr: "pipe" },
  );
  if (!bundler.success) throw new Error(`${entry} cannot be bundled: ${bundler.stderr.toString()}`);
  return bundler.stdout.toString();
}
