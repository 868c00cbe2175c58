/** The compiled program minds its own business: the folder it is started in, and what a machine may lack. */
import { beforeAll, describe, expect, test } from "bun:test";
import { readdir, writeFile } from "node:fs/promises";
import { BUILD_TIMEOUT_MS, builtBinary } from "../support/built-binary.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const VERSION = /^ginnel version \d+\.\d+\.\d+\n$/;

let binary = "";

beforeAll(async () => {
  binary = await builtBinary();
}, BUILD_TIMEOUT_MS);

interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment is empty. */
async function run(folder: string, ...command: readonly string[]): Promise<Outcome> {
  const child = Bun.spawn([...command], { cwd: folder, env: {}, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, status] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { status, stdout, stderr };
}

describe("dist/ginnel", () => {
  test("runs no code that a bunfig.toml or package.json of the folder names", async () => {
    using folder = new TemporaryFolder();
    await writeFile(folder.file("preload.js"), `require("node:fs").writeFileSync("ran", "");`);
    await writeFile(folder.file("bunfig.toml"), `preload = ["./preload.js"]\n[run]\npreload = ["./preload.js"]\n`);
    await writeFile(
      folder.file("package.json"),
      `{ "type": "commonjs", "version": "9.9.9", "main": "./preload.js", "imports": { "#x": "./preload.js" } }`,
    );
    const outcome = await run(folder.path, binary, "version");
    expect(outcome).toEqual({ status: 0, stdout: expect.stringMatching(VERSION), stderr: "" });
    expect(outcome.stdout).not.toContain("9.9.9");
    expect(await readdir(folder.path)).not.toContain("ran");
  });

  test("takes no setting from .env files of the folder", async () => {
    using folder = new TemporaryFolder();
    const proof = folder.file("ran");
    await writeFile(folder.file("preload.js"), `require("node:fs").writeFileSync(${JSON.stringify(proof)}, "");`);
    const lines = [`BUN_OPTIONS="--preload ${folder.file("preload.js")}"`, "BUN_BE_BUN=1", "NGROK_CONFIG=from-env.yml"];
    const names = [".env", ".env.local", ".env.production", ".env.development"];
    await Promise.all(names.map((name) => writeFile(folder.file(name), `${lines.join("\n")}\n`)));
    const { stdout, stderr } = await run(folder.path, binary, "config", "check");
    expect(stdout + stderr).not.toContain("from-env.yml");
    expect((await run(folder.path, binary, "version")).stdout).toMatch(VERSION);
    expect(await readdir(folder.path)).not.toContain("ran");
  });

  test("needs no environment and no open standard input", async () => {
    expect(await run("/", "/bin/sh", "-c", 'exec "$0" version <&-', binary)).toEqual({
      status: 0,
      stdout: expect.stringMatching(VERSION),
      stderr: "",
    });
  });
});
