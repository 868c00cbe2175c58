/** The program as a process: what it prints where, and how it ends. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, openSync, closeSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram, type Outcome } from "./support/run-program.ts";

const MAIN = join(import.meta.dir, "../src/main.ts");
const home = mkdtempSync(join(tmpdir(), "main-"));
afterAll(() => rmSync(home, { recursive: true }));

function run(line: string, name = "ginnel"): Promise<Outcome> {
  return runProgram(line, { home, name });
}

describe("main", () => {
  test.each([
    ["--version", "ngrok", "ngrok version 3.39.0\n"],
    ["version", "/opt/bin/ngrok", "ngrok version 3.39.0\n"],
    ["version --log=stdout", "ginnel", "ginnel version 0.1.0\n"],
    ["/opt/bin/ngrok update", "ngrok", "No update source is configured; nothing was changed.\n"],
  ])("main prints for %s called as %s exactly %j and writes no file", async (line, name, stdout) => {
    expect(await run(line, name)).toEqual({ code: 0, stdout, stderr: "" });
    expect(readdirSync(home)).toEqual([]);
  });

  test.each([
    ["", "NAME:\n  ngrok - "],
    ["-h", "NAME:\n  ngrok - "],
    ["help http", "NAME:\n  ngrok http - "],
    ["tcp --help", "NAME:\n  ngrok tcp - "],
    ["config", "NAME:\n  ngrok config - "],
    ["api --help", "NAME:\n  ngrok api - "],
    ["credits", "This program is built on Bun"],
  ])("main answers %j with help or text and code 0", async (line, start) => {
    const { code, stdout, stderr } = await run(line, "ngrok");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toStartWith(start);
  });

  test.each([
    [
      "htpp 80",
      "ERROR:  Unknown command 'htpp'.\nERROR:  Did you mean 'ngrok http'?\nERROR:  Run 'ngrok help' to see what there is.\nERROR:  \n",
    ],
    [
      "http --nmae x 80",
      "ERROR:  Unknown flag --nmae for 'ngrok http'.\nERROR:  Did you mean --name?\nERROR:  Run 'ngrok help http' to see what there is.\nERROR:  \n",
    ],
    [
      "service",
      "ERROR:  Command 'service' is not yet supported by this version.\nERROR:  Run 'ngrok help service' to see what there is.\nERROR:  \n",
    ],
    [
      "help nothing at all",
      "ERROR:  Unknown command 'nothing at all'.\nERROR:  Run 'ngrok help' for all commands.\nERROR:  \n",
    ],
  ])("main ends %j with code 1 and every line of stderr marked", async (line, stderr) => {
    expect(await run(line, "ngrok")).toEqual({ code: 1, stdout: "", stderr });
  });

  test("main writes a long text whole to a file and minds no reader that goes away", async () => {
    const file = join(home, "credits.txt");
    const descriptor = openSync(file, "w");
    const child = Bun.spawn([process.execPath, MAIN, "credits"], { stdout: descriptor, stderr: "pipe" });
    expect([await child.exited, await child.stderr.text()]).toEqual([0, ""]);
    closeSync(descriptor);
    expect(readFileSync(file, "utf8")).toBe((await run("credits")).stdout);
    rmSync(file);

    const shell = Bun.spawn(["bash", "-c", `set -o pipefail; '${process.execPath}' '${MAIN}' credits | head -c 1`], {
      stdout: "pipe",
      stderr: "pipe",
    });
    expect([await shell.exited, await shell.stdout.text(), await shell.stderr.text()]).toEqual([0, "T", ""]);
  });
});
