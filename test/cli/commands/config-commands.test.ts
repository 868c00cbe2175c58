/** The commands on the configuration file, as processes. */
import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TemporaryFolder } from "../../support/temporary-folder.ts";
import { runProgram } from "../../support/run-program.ts";

const DEFAULT_FILE = ".config/ginnel/ginnel.yml";

describe("config add-authtoken", () => {
  test.each([
    ["config add-authtoken T --log stdout --config P", "Authtoken", 'version: "3"\nagent:\n    authtoken: T\n'],
    ["config add-api-key K --log stdout --config P", "API key", 'version: "3"\nagent:\n    api_key: K\n'],
    ["authtoken T --config=P", "Authtoken", 'version: "3"\nagent:\n    authtoken: T\n'],
    ["authtoken -config=P T", "Authtoken", 'version: "3"\nagent:\n    authtoken: T\n'],
    [
      "--config P config add-server-addr e.example:443",
      "Server address",
      'version: "3"\nagent:\n    connect_url: "e.example:443"\n',
    ],
  ])("%s makes the file and tells so", async (line, label, text) => {
    using home = new TemporaryFolder();
    const path = home.file("new/P");
    const outcome = await runProgram(line.replace(/\bP$|\bP\b/, path), { home: home.path });
    expect(outcome).toEqual({ code: 0, stdout: `${label} saved to configuration file: ${path}\n`, stderr: "" });
    expect(readFileSync(path, "utf8")).toBe(text);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("config add-authtoken without --config writes to the default file, and replaces only the token there", async () => {
    using home = new TemporaryFolder();
    const path = home.file(DEFAULT_FILE);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, 'version: "2"\nauthtoken: old # mine\ntunnels:\n  web: { proto: http, addr: 80 }\n');
    expect((await runProgram("config add-authtoken new", { home: home.path })).stdout).toBe(
      `Authtoken saved to configuration file: ${path}\n`,
    );
    expect(readFileSync(path, "utf8")).toBe(
      'version: "2"\nauthtoken: new # mine\ntunnels:\n  web: { proto: http, addr: 80 }\n',
    );
  });

  test.each([
    ["config add-authtoken", "ERROR:  'ginnel config add-authtoken' needs TOKEN.\n"],
    ["config add-authtoken T --config /dev/null/x", "ERROR:  Error writing configuration file '/dev/null/x': "],
    ["config add-connect-url http://x", "ERROR:  'http://x' is no address of an edge.\n"],
  ])("%s fails with code 1 and says why", async (line, start) => {
    using home = new TemporaryFolder();
    const { code, stdout, stderr } = await runProgram(line, { home: home.path });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toStartWith(start);
    expect(stderr).toEndWith("\nERROR:  \n");
  });

  test.each([
    ["config add-authtoken", "x y", "The authtoken holds a space, so it cannot be one", "ERR_NGROK_105"],
    ["authtoken", " xy", "The authtoken holds a space, so it cannot be one", "ERR_NGROK_105"],
    ["config add-authtoken", "", "The authtoken is empty, so it cannot be one", "ERR_NGROK_105"],
    ["config add-authtoken", "x\u001b[2Jy", "The authtoken holds a line end or another control", "ERR_NGROK_105"],
    ["config add-authtoken", "tökän", "The authtoken holds a character that is not of ASCII", "ERR_NGROK_105"],
    ["config add-api-key", "x y", "The API key holds a space, so it cannot be one", "ERR_NGROK_202"],
    ["config add-api-key", "xy\n", "The API key holds a line end or another control", "ERR_NGROK_202"],
    ["config add-connect-url", "e.example :443", "'e.example :443' is no address of an edge.", undefined],
    ["config add-server-addr", "e.example\t:443", "'e.example\\t:443' is no address of an edge.", undefined],
  ])("%s refuses %j and writes nothing", async (line, value, reason, code) => {
    using home = new TemporaryFolder();
    const path = home.file("c.yml");
    writeFileSync(path, 'version: "2"\nauthtoken: old\n');
    const words = [...line.split(" "), value, `--config=${path}`];
    const { stderr, ...ended } = await runProgram(words, { home: home.path });
    expect(ended).toEqual({ code: 1, stdout: "" });
    const lines = stderr.split("\n");
    expect(lines[0]).toStartWith(`ERROR:  ${reason}`);
    expect(lines[1]).toMatch(/^ERROR: {2}(Copy|Give|An API key has two parts.*copy) /);
    expect([code, stderr.includes(`\nERROR:  ${code}\n`)]).toEqual([code, code !== undefined]);
    expect(readFileSync(path, "utf8")).toBe('version: "2"\nauthtoken: old\n');
  });
});

describe("config check", () => {
  test.each([
    ["version 2", 'version: "2"\nregion: us\n', ""],
    ["version 3 alone", 'version: "3"\n', ""],
    [
      "no version",
      "authtoken: T\n",
      "Warning: PATH names no version, or version 1; the rules of that version apply to it\n",
    ],
    ["an empty file", "", "Warning: PATH names no version, or version 1; the rules of that version apply to it\n"],
  ])("config check accepts %s", async (_, text, warning) => {
    using home = new TemporaryFolder();
    const path = home.file("c.yml");
    writeFileSync(path, text);
    expect(await runProgram(`config check --config=${path}`, { home: home.path })).toEqual({
      code: 0,
      stdout: `Valid configuration file at ${path}\n${warning.replace("PATH", path)}`,
      stderr: "",
    });
  });

  test.each([
    [
      "an unknown key",
      'version: "2"\nauthtokn: T\n',
      "line 2, column 1: field authtokn not found in type config.Agent; did you mean authtoken?",
    ],
    ["a faulty tunnel", 'version: "2"\ntunnels:\n  web: { proto: gopher, addr: 80 }\n', "line 3"],
    ["no YAML", "a: [", "line 1"],
  ])("config check refuses %s with its place", async (_, text, place) => {
    using home = new TemporaryFolder();
    const path = home.file("c.yml");
    writeFileSync(path, text);
    const { code, stdout, stderr } = await runProgram(`config check --config=${path}`, { home: home.path });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toStartWith(`ERROR:  Error reading configuration file '${path}': YAML parsing error: `);
    expect(stderr).toContain(place);
  });

  test("config check finds the default file, tells of a tunnel that cannot start yet, and misses a file that is not there", async () => {
    using home = new TemporaryFolder();
    const path = home.file(DEFAULT_FILE);
    const missing = await runProgram("config check", { home: home.path });
    expect({ code: missing.code, stdout: missing.stdout }).toEqual({ code: 1, stdout: "" });
    expect(missing.stderr).toContain(`ERROR:  ${path}\n`);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, 'version: "2"\ntunnels:\n  web: { proto: http, addr: 80, oauth: { provider: google } }\n');
    const { code, stdout, stderr } = await runProgram("config check", { home: home.path });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toStartWith(`Valid configuration file at ${path}\nWarning: tunnel 'web' cannot be started: `);
  });
});
