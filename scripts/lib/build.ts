/** Compiles src/main.ts to executables in dist/. Started by scripts/build, which says how to call it. */
import { chmod, mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ArgsDef, defineCommand } from "citty";
import { compile, type Target } from "./compile.ts";
import { log, runScript } from "./run-script.ts";
import { isStale } from "./staleness.ts";

const ROOT = join(import.meta.dir, "../..");
const DIST = join(ROOT, "dist");

/** What a release holds. The last part of the runtime's name is the C library; without one it is the system's own. */
const RELEASE: readonly Target[] = [
  { file: "ginnel-linux-x64", runtime: "bun-linux-x64" },
  { file: "ginnel-linux-arm64", runtime: "bun-linux-arm64" },
  { file: "ginnel-linux-x64-musl", runtime: "bun-linux-x64-musl" },
  { file: "ginnel-linux-arm64-musl", runtime: "bun-linux-arm64-musl" },
  { file: "ginnel-macos-x64", runtime: "bun-darwin-x64" },
  { file: "ginnel-macos-arm64", runtime: "bun-darwin-arm64" },
  { file: "ginnel-windows-x64.exe", runtime: "bun-windows-x64" },
];
const HERE: Target = { file: process.platform === "win32" ? "ginnel.exe" : "ginnel" };

/** Compiles beside the final place and renames, so that whoever runs the old file meanwhile is not disturbed. */
async function build(target: Target): Promise<void> {
  const finished = join(DIST, target.file);
  const unfinished = join(DIST, `.${process.pid}-${target.file}`);
  try {
    await compile(target, join(ROOT, "src/main.ts"), unfinished);
    await chmod(unfinished, 0o755);
    await rename(unfinished, finished);
  } finally {
    await rm(unfinished, { force: true });
  }
  const { size } = await stat(finished);
  log.success(`dist/${target.file}  ${(size / 1e6).toFixed(1)} MB`);
}

/** The compiler reports success for some programs that cannot start, so the one for this machine has to say its version. */
async function checkItRuns(): Promise<void> {
  const run = Bun.spawn([join(DIST, HERE.file), "--version"], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [output, complaint, status] = await Promise.all([
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
    run.exited,
  ]);
  if (status !== 0) throw new Error(`dist/${HERE.file} --version ended with status ${status}: ${complaint}${output}`);
  log.info(output.trim());
}

async function writeSums(files: readonly string[]): Promise<void> {
  const lines = await Promise.all(
    files.map(async (file) => {
      const hash = new Bun.CryptoHasher("sha256");
      for await (const bytes of Bun.file(join(DIST, file)).stream()) hash.update(bytes);
      return `${hash.digest("hex")}  ${file}\n`;
    }),
  );
  await Bun.write(join(DIST, "SHA256SUMS"), lines.join(""));
  log.success("dist/SHA256SUMS");
}

/** Builds what it can and names the rest, because a runtime may be missing from the registry. */
async function buildRelease(): Promise<readonly string[]> {
  const built: string[] = [];
  const failed: string[] = [];
  for (const target of RELEASE) {
    try {
      await build(target);
      built.push(target.file);
    } catch (error) {
      failed.push(target.file);
      log.warn(`dist/${target.file} was not built: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  await writeSums(built);
  return failed;
}

const ARGS = {
  all: {
    type: "boolean",
    description: "also for every other system, with dist/SHA256SUMS; fails when one could not be built",
  },
  "if-stale": { type: "boolean", description: "not when dist/ginnel is newer than its sources" },
} satisfies ArgsDef;

const command = defineCommand({
  meta: { name: "scripts/build", description: "Compiles dist/ginnel, for this machine" },
  args: ARGS,
  async run({ args }) {
    await mkdir(DIST, { recursive: true });
    if (args["if-stale"] !== true || (await isStale(join(DIST, HERE.file), ROOT))) {
      await build(HERE);
      await checkItRuns();
    }
    const failed = args.all === true ? await buildRelease() : [];
    if (failed.length > 0) throw new Error(`missing from this release: ${failed.join(", ")}`);
  },
});

await runScript(command, ARGS);
