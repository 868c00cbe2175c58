/** Command lines of programs that start ngrok, and what they look for in the output (clients.md sections 1 and 2, rows by number). */
import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { BUILD_TIMEOUT_MS, builtBinary } from "../support/built-binary.ts";
import { runClient } from "../support/client-program.ts";
import { LineReader } from "../support/line-reader.ts";
import { runProgram } from "../support/run-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const LIMIT_MS = 30_000;
const V2 = `version: "2"\nregion: us\n`;

describe("a one-shot command", () => {
  // FILE stands for the path of the configuration file.
  test.each([
    ["K-012", "config add-authtoken T --log stdout --config FILE", undefined, "Authtoken saved to", "T"],
    ["K-012", "config add-authtoken T --config=FILE", undefined, "Authtoken saved to", "T"],
    ["K-012", "config add-api-key K --log stdout --config FILE", V2, "API key saved to", "api_key: K"],
    ["K-013", "authtoken T --config=FILE", V2, "Authtoken saved to", "authtoken: T"],
    ["K-013", "authtoken -config=FILE T", V2, "Authtoken saved to", "authtoken: T"],
  ])("a one-shot command meets %s: %s", async (_, line, before, words, inFile) => {
    using home = new TemporaryFolder();
    const path = home.file("folder/ngrok.yml");
    if (before !== undefined) await Bun.write(path, before);
    const outcome = await runProgram(line.replace("FILE", path), { home: home.path, name: "ngrok" });
    expect(outcome).toEqual({ code: 0, stdout: `${words} configuration file: ${path}\n`, stderr: "" });
    expect(readFileSync(path, "utf8")).toContain(inFile);
    expect(readFileSync(path, "utf8")).toContain(before === undefined ? `version: "3"\n` : "region: us\n");
  });

  test.each([
    ["K-016", "--version", "ngrok version 3.39.0\n"],
    ["K-016", "version", "ngrok version 3.39.0\n"],
    ["K-017", "update", "No update source is configured; nothing was changed.\n"],
    ["K-018", "/home/ann/.config/ngrok/ngrok update", "No update source is configured; nothing was changed.\n"],
  ])("a one-shot command meets %s: %s", async (_, line, stdout) => {
    using home = new TemporaryFolder();
    const outcome = await runProgram(line, { home: home.path, name: "ngrok" });
    expect(outcome).toEqual({ code: 0, stdout, stderr: "" });
  });

  test("a one-shot command meets K-019: nothing at all is answered with help", async () => {
    using home = new TemporaryFolder();
    const { code, stdout, stderr } = await runProgram("", { home: home.path, name: "ngrok" });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toStartWith("NAME:\n  ngrok - ");
  });

  test.each([
    ["K-015", "config check --config=FILE", "Valid configuration file at FILE\n", 0],
    ["K-041", "config check --config=FILE.missing", "", 1],
    ["K-041", "no-such-command", "", 1],
    ["K-041", "http 80 --no-such-flag", "", 1],
  ])("a one-shot command meets %s: %s ends with its code", async (_, line, stdout, code) => {
    using home = new TemporaryFolder();
    const path = home.file("ngrok.yml");
    await Bun.write(path, V2);
    const outcome = await runProgram(line.replace("FILE", path), { home: home.path, name: "ngrok" });
    expect([outcome.code, outcome.stdout]).toEqual([code, stdout.replace("FILE", path)]);
    expect(outcome.stderr === "").toBe(code === 0);
  });

  test("a one-shot command meets K-039: the file is whole when the first byte is printed", async () => {
    using home = new TemporaryFolder();
    const path = home.file("ngrok.yml");
    const main = `${import.meta.dir}/../../src/main.ts`;
    const child = Bun.spawn([process.execPath, main, "authtoken", "T", `--config=${path}`], {
      env: { PATH: process.env["PATH"], HOME: home.path, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
      stdout: "pipe",
      stderr: "pipe",
    });
    const output = child.stdout.getReader();
    await output.read();
    child.kill("SIGTERM");
    expect(readFileSync(path, "utf8")).toBe(`version: "3"\nagent:\n    authtoken: T\n`);
    await child.exited;
  });

  test("a one-shot command meets K-003 and K-006: the default file is below HOME, and a program beside it is no matter", async () => {
    using home = new TemporaryFolder();
    await Bun.write(home.file(".config/ngrok/ngrok"), "the program that a wrapper puts there");
    await Bun.write(home.file(".config/ngrok/ngrok.yml"), V2);
    const outcome = await runProgram("config add-authtoken T", { home: home.path, name: "ngrok" });
    const path = home.file(".config/ngrok/ngrok.yml");
    expect(outcome.stdout).toBe(`Authtoken saved to configuration file: ${path}\n`);
    expect(readFileSync(path, "utf8")).toContain("authtoken: T");
  });

  test("a one-shot command meets K-005: with ngrok's oldest place alone, that file is written", async () => {
    using home = new TemporaryFolder();
    const path = home.file(".ngrok2/ngrok.yml");
    await Bun.write(path, "tunnels: {}\n");
    const outcome = await runProgram("authtoken T", { home: home.path, name: "ngrok" });
    expect(outcome.stdout).toBe(`Authtoken saved to configuration file: ${path}\n`);
    expect(readFileSync(path, "utf8")).toContain("authtoken: T");
  });
});

describe("the compiled program", () => {
  test.each(["link", "copy", "exec wrapper"] as const)(
    "the compiled program meets K-001: it is ngrok when reached over a %s of that name",
    async (kind) => {
      const binary = await builtBinary();
      using home = new TemporaryFolder();
      mkdirSync(home.file("bin"));
      const path = home.file("bin/ngrok");
      if (kind === "link") symlinkSync(binary, path);
      if (kind === "copy") await Bun.write(path, Bun.file(binary));
      if (kind === "exec wrapper") {
        symlinkSync(binary, home.file("ngrok"));
        await Bun.write(path, `#!/bin/sh\nexec ${home.file("ngrok")} "$@"\n`);
      }
      chmodSync(path, 0o755);
      const { stdout, stderr, code } = await runClient([path, "--version"], { env: { HOME: home.path } });
      expect([code, stdout.toString(), stderr]).toEqual([0, "ngrok version 3.39.0\n", ""]);
      const child = Bun.spawn([path, "start", "--none", "--log=stdout"], {
        cwd: home.path,
        env: { PATH: process.env["PATH"], HOME: home.path, XDG_STATE_HOME: home.path },
        stdout: "pipe",
        stderr: "pipe",
      });
      await new LineReader(child.stdout).find((line) => (line.includes("tunnel session started") ? true : undefined));
      expect(readFileSync(`/proc/${child.pid}/comm`, "utf8")).toBe("ngrok\n");
      child.kill("SIGTERM");
      expect([await child.exited, await child.stderr.text()]).toEqual([0, ""]);
    },
    BUILD_TIMEOUT_MS + LIMIT_MS,
  );
});
