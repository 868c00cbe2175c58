/** One call of the compiler, with the settings that every ginnel executable has. */

export interface Target {
  /** Name of the executable in dist/. */
  readonly file: string;
  /** Runtime to put the program on; none: that of this machine. Fetched from the npm registry when it is not cached. */
  readonly runtime?: string;
}

const SETTINGS: readonly string[] = [
  "--compile",
  "--production",
  "--minify",
  "--format=esm",
  "--bytecode", // halves the start: 13 ms in place of 30 ms until the version is printed, for 2 MB more
  // Without these two the executable would run what the .env and bunfig.toml of any folder it is started in say.
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
];

/** Throws with the compiler's own words when it fails. */
export async function compile(target: Target, entry: string, outfile: string): Promise<void> {
  const runtime = target.runtime === undefined ? [] : [`--target=${target.runtime}`];
  const compiler = Bun.spawn([process.execPath, "build", ...SETTINGS, ...runtime, entry, `--outfile=${outfile}`], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, complaint, status] = await Promise.all([
    new Response(compiler.stdout).text(),
    new Response(compiler.stderr).text(),
    compiler.exited,
  ]);
  if (status !== 0) throw new Error(`the compiler ended with status ${status}: ${(complaint + output).trim()}`);
}
