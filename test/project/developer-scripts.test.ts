/** The options of the scripts for developers; what they do with them is seen when they are used. */
import { expect, test } from "bun:test";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");

async function run(script: string, ...args: readonly string[]) {
  const env = { ...process.env, NO_COLOR: "1" };
  const command = [process.execPath, "--no-env-file", join(ROOT, script), ...args];
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe", env });
  const [stdout, stderr, status] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { stdout, stderr, status };
}

test.each([
  ["scripts/lib/build.ts", ["--all", "--if-stale"]],
  ["test/bench/bench.ts", ["--full", "--systems", "--json"]],
])("%s explains its options", async (script, options) => {
  const { stdout, stderr, status } = await run(script, "--help");
  for (const option of options) expect(stdout).toContain(option);
  expect([stderr, status]).toEqual(["", 0]);
});

test.each([
  ["scripts/lib/build.ts", ["--al"], "not known: al; there are --all, --if-stale"],
  ["scripts/lib/build.ts", ["release"], "not known: release"],
  ["test/bench/bench.ts", ["http-7"], "there is no case http-7, but http-1"],
  ["test/bench/bench.ts", ["--json"], "--json"],
])("%s refuses %j", async (script, args, complaint) => {
  const { stdout, stderr, status } = await run(script, ...args);
  expect(stderr).toContain(complaint);
  expect([stdout, status]).toEqual(["", 1]);
});
