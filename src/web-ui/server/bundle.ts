/**
 * A macro: runs while the file that calls it is being transpiled, and its answer stands there in its place. So the source tree, the tests
 * and the compiled program all hold the present state of the pages, and nothing generated lies about.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Bundle {
  readonly script: string;
  readonly style: string;
  readonly icon: string;
}

const SRC = join(import.meta.dir, "../..");

/**
 * Of the folder `client`, told from src/ on: main.tsx, style.css and icon.svg. Throws with the bundler's own words. A macro may start a
 * bundler, but cannot call the one that runs it.
 */
export function bundleClient(client: string): Bundle {
  const folder = join(SRC, client);
  return {
    script: bundled(join(folder, "main.tsx")),
    style: bundled(join(folder, "style.css")),
    icon: readFileSync(join(folder, "icon.svg"), "utf8"),
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
