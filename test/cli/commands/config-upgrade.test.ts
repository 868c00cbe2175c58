/** `config upgrade` as a process. */
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { runProgram } from "../../support/run-program.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";

const OLD = "# mine\n\nauthtoken: T\n";
const NOTE =
  "Note: without a choice of schemes, 'http' on the command line opens https alone from now on; --scheme chooses\n";

function put(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe("config upgrade", () => {
  test("config upgrade of a file without a version makes it one of version 2, and keeps the former", async () => {
    using home = new TemporaryFolder();
    const path = put(home.file("c.yml"), OLD);
    expect(await runProgram(`config upgrade --config=${path}`, { home: home.path })).toEqual({
      code: 0,
      stdout: `Configuration file upgraded from version 1 to 2: ${path}\nThe former one is kept at: ${path}.v1.bak\n${NOTE}`,
      stderr: "",
    });
    expect(readFileSync(path, "utf8")).toBe('# mine\n\nversion: "2"\nregion: us\nauthtoken: T\n');
    expect(readFileSync(`${path}.v1.bak`, "utf8")).toBe(OLD);
    expect(statSync(`${path}.v1.bak`).mode & 0o777).toBe(0o600);
    expect((await runProgram(`config check --config=${path}`, { home: home.path })).stdout).toBe(
      `Valid configuration file at ${path}\n`,
    );
  });

  test("config upgrade twice reaches version 3, and a third time changes nothing", async () => {
    using home = new TemporaryFolder();
    const path = put(home.file(".config/ginnel/ginnel.yml"), OLD);
    await runProgram("config upgrade", { home: home.path });
    await runProgram("config upgrade", { home: home.path });
    expect(readFileSync(path, "utf8")).toBe('# mine\n\nversion: "3"\nagent:\n  authtoken: T\n');
    const { stdout } = await runProgram("config upgrade", { home: home.path });
    expect(stdout).toBe(`Configuration file is of version 3 already: ${path}\n`);
    expect(readdirSync(dirname(path)).toSorted()).toEqual(["ginnel.yml", "ginnel.yml.v1.bak", "ginnel.yml.v2.bak"]);
  });

  test("config upgrade writes over no backup, and through a link", async () => {
    using home = new TemporaryFolder();
    const path = put(home.file("real/c.yml"), OLD);
    symlinkSync(path, home.file("link.yml"));
    put(`${home.file("link.yml")}.v1.bak`, "older");
    const { stdout } = await runProgram("config upgrade 3 --config=link.yml", { home: home.path });
    expect(stdout).toContain("The former one is kept at: link.yml.v1.bak.2\n");
    expect(readFileSync(home.file("link.yml.v1.bak"), "utf8")).toBe("older");
    expect(readFileSync(home.file("link.yml.v1.bak.2"), "utf8")).toBe(OLD);
    expect(readFileSync(path, "utf8")).toStartWith('# mine\n\nversion: "3"\n');
  });

  test("config upgrade --dry-run prints a file and writes none", async () => {
    using home = new TemporaryFolder();
    const path = put(home.file("c.yml"), OLD);
    const { code, stdout } = await runProgram(`config upgrade 3 --dry-run --relocate --config=${path}`, {
      home: home.path,
    });
    expect({ code, left: readdirSync(home.path), text: readFileSync(path, "utf8") }).toEqual({
      code: 0,
      left: ["c.yml"],
      text: OLD,
    });
    expect(stdout).toEndWith('version: "3"\nagent:\n  authtoken: T\n');
    expect(stdout).toStartWith(`# ${home.file(".config/ngrok/ngrok.yml")}\n# without a choice`);
  });

  test("config upgrade --relocate moves the file of 2.x to where 3.x and ginnel look", async () => {
    using home = new TemporaryFolder();
    const path = put(home.file(".ngrok2/ngrok.yml"), OLD);
    const moved = home.file(".config/ngrok/ngrok.yml");
    const { stdout } = await runProgram("config upgrade --relocate", { home: home.path });
    expect(stdout).toStartWith(
      `Configuration file moved to: ${moved}\nConfiguration file upgraded from version 1 to 2: ${moved}\n`,
    );
    expect([existsSync(path), existsSync(`${path}.v1.bak`)]).toEqual([false, true]);
    expect((await runProgram("config check", { home: home.path })).stdout).toBe(
      `Valid configuration file at ${moved}\n`,
    );
  });

  test("config upgrade of several files writes none when one is faulty", async () => {
    using home = new TemporaryFolder();
    put(home.file("a.yml"), OLD);
    put(home.file("b.yml"), "version: 2\nauthtokn: T\n");
    const { code, stderr } = await runProgram("config upgrade --config=a.yml,b.yml", { home: home.path });
    expect(code).toBe(1);
    expect(stderr).toContain("'b.yml': YAML parsing error: line 2, column 1: field authtokn not found");
    expect(readFileSync(home.file("a.yml"), "utf8")).toBe(OLD);
  });

  test.each([
    ["config upgrade", "ERROR:  There is no configuration file to upgrade. Looked for:\n"],
    ["config upgrade 4 --config=c.yml", "ERROR:  '4' is no version of the configuration file; give 2 or 3.\n"],
    ["config upgrade 2 3 --config=c.yml", "ERROR:  'ginnel config upgrade' has no use for '3'.\n"],
    ["config upgrade 1 --config=new.yml", "ERROR:  'new.yml' is of version 3, and an upgrade does not go back"],
    ["config upgrade --relocate --config=c.yml,new.yml", "ERROR:  --relocate moves one file; name it alone"],
    ["config upgrade --relocate --config=c.yml", "ERROR:  cannot move 'c.yml': there is a file at '"],
  ])("%s is refused with the reason", async (line, start) => {
    using home = new TemporaryFolder();
    put(home.file("c.yml"), OLD);
    put(home.file("new.yml"), "version: 3\n");
    if (line.includes("--relocate")) put(home.file(".config/ginnel/ginnel.yml"), "");
    const { code, stdout, stderr } = await runProgram(line, { home: home.path });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toStartWith(start);
    expect(readFileSync(home.file("c.yml"), "utf8")).toBe(OLD);
  });
});
