/** Command lines of programs that start ngrok, and what they look for in the output (clients.md sections 1 and 2, rows by number). */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { BUILD_TIMEOUT_MS, builtBinary } from "../support/built-binary.ts";
import { runClient } from "../support/client-program.ts";
import { LineReader } from "../support/line-reader.ts";
import { runProgram } from "../support/run-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const LIMIT_MS = 30_000;
setDefaultTimeout(LIMIT_MS);
const MAIN = join(import.meta.dir, "../../src/main.ts");
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

  test("a one-shot command meets K-014 and K-056: a file without version becomes one of version 2, and is kept beside it", async () => {
    using home = new TemporaryFolder();
    const path = home.file("ngrok.yml");
    await Bun.write(path, "authtoken: T\n");
    const { code, stderr } = await runProgram(`config upgrade --config=${path}`, { home: home.path, name: "ngrok" });
    expect([code, stderr]).toEqual([0, ""]);
    const upgraded = readFileSync(path, "utf8");
    for (const line of [`version: "2"`, "region: us", "authtoken: T"]) expect(upgraded.split("\n")).toContain(line);
    expect(readFileSync(`${path}.v1.bak`, "utf8")).toBe("authtoken: T\n");
  });

  test("a one-shot command meets K-039: the file is whole when the first byte is printed", async () => {
    using home = new TemporaryFolder();
    const path = home.file("ngrok.yml");
    const child = Bun.spawn([process.execPath, MAIN, "authtoken", "T", `--config=${path}`], {
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

describe("a command line", () => {
  const FILES = {
    "a.yml": `version: "3"\nendpoints: []\n`,
    "b.yml": `version: "2"\ntunnels:\n  x: { proto: http, addr: 1, subdomain: old, schemes: [http] }\n`,
    "c.yml": "tunnels:\n  x: { proto: http, addr: 80, subdomain: merged, bind_tls: false }\n",
  };

  // The edge is that of the agent itself, whose ports are not known before.
  test.each([
    ["K-021", "--config=a.yml --config=b.yml start --all --log=stdout", /url=http:\/\/old\.localhost:\d+$/],
    ["K-021", "--config=a.yml http --log=stdout web:80", /addr=http:\/\/web:80 url=https?:/],
    [
      "K-022",
      "start --config=b.yml,c.yml x --log=stdout",
      /addr=http:\/\/localhost:80 url=http:\/\/merged\.localhost:\d+$/,
    ],
    ["K-022", "start --all --config b.yml --config c.yml --log stdout", /url=http:\/\/merged\.localhost:\d+$/],
    [
      "K-023",
      "http -log=stdout -log-level=debug -inspect=false -region us -config b.yml -authtoken T -subdomain=S -host-header=V -bind-tls=false -auth=u:p 80",
      /url=http:\/\/s\.localhost:\d+$/,
    ],
    ["K-023", "http -hostname=h.localhost -log stdout -bind-tls true 80", /url=https:\/\/h\.localhost:\d+$/],
    ["K-024", "http 127.0.0.1:80 --host-header=rewrite --log=stdout", /addr=http:\/\/127\.0\.0\.1:80 url=https?:/],
    ["K-024", "http 80 --domain=d.localhost --log=stdout", /\/\/d\.localhost:\d+$/],
    ["K-024", "http 80 --url https://u.localhost --log=stdout", /url=https:\/\/u\.localhost:\d+$/],
    [
      "K-025",
      "tcp 22 --authtoken T --log stdout --log-format json --config a.yml",
      /"addr":"\/\/localhost:22",.*"url":"tcp:\/\/[^"]+:\d+"\}$/,
    ],
    ["K-025", "http 80 --log=stdout --log-format=term", /msg="started tunnel".* url=https?:/],
  ])("a command line meets %s: %s", async (_, line, started) => {
    using home = new TemporaryFolder();
    for (const [name, text] of Object.entries(FILES)) await Bun.write(home.file(name), text);
    const child = Bun.spawn([process.execPath, MAIN, ...line.split(" ")], {
      argv0: "ngrok",
      cwd: home.path,
      env: {
        PATH: process.env["PATH"],
        HOME: home.path,
        XDG_STATE_HOME: home.path,
        BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const log = new LineReader(child.stdout);
    await log.find((text) => (started.test(text) ? true : undefined));
    child.kill("SIGTERM");
    expect([await child.exited, await child.stderr.text()]).toEqual([0, ""]); // K-026, K-030
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
