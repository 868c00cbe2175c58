/** `config edit` as a process, with editors that are scripts, at a terminal and without one. */
import { describe, expect, test } from "bun:test";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TemporaryFolder } from "../../support/temporary-folder.ts";
import { TerminalProgram } from "../../support/terminal-program.ts";

const MAIN = join(import.meta.dir, "../../../src/main.ts");
const GOOD = "version: 3\nagent: { authtoken: T }\n";

/** A home with a configuration file `c.yml`, and an editor that is this shell script. */
function scene(script: string): { home: TemporaryFolder; editor: string; path: string } {
  const home = new TemporaryFolder();
  const editor = home.file("an editor.sh");
  writeFileSync(editor, `#!/bin/sh\n${script}\n`);
  chmodSync(editor, 0o755);
  writeFileSync(home.file("c.yml"), GOOD);
  return { home, editor: `'${editor}' --wait`, path: home.file("c.yml") };
}

function environment(home: TemporaryFolder, editor: string): Record<string, string> {
  return { HOME: home.path, EDITOR: editor, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" };
}

describe("config edit", () => {
  test("config edit runs the editor with its own words and takes what it wrote", async () => {
    const { home, editor, path } = scene('test "$1" = --wait && echo "version: 2 # $#" > "$2"');
    using _ = home;
    const child = Bun.spawn([process.execPath, MAIN, "config", "edit", `--config=${path}`], {
      env: { PATH: process.env["PATH"], ...environment(home, editor) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const outcome = { code: await child.exited, stdout: await child.stdout.text(), stderr: await child.stderr.text() };
    expect(outcome).toEqual({ code: 0, stdout: `Configuration file saved: ${path}\n`, stderr: "" });
    expect(readFileSync(path, "utf8")).toBe("version: 2 # 2\n");
    expect(readdirSync(home.path).toSorted()).toEqual(["an editor.sh", "c.yml"]);
  });

  test("config edit that nobody sits at changes nothing for the worse, and keeps what was written", async () => {
    const { home, editor, path } = scene('echo "nonsense: [" > "$2"');
    using _ = home;
    const child = Bun.spawn([process.execPath, MAIN, "config", "edit", `--config=${path}`], {
      env: { PATH: process.env["PATH"], ...environment(home, editor) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    expect(await child.exited).toBe(1);
    const kept = /What you wrote is kept at (.*)\n/.exec(await child.stderr.text())?.[1] ?? "";
    expect(readFileSync(kept, "utf8")).toBe("nonsense: [\n");
    expect(readFileSync(path, "utf8")).toBe(GOOD);
  });

  test("config edit asks at the terminal, minds no Ctrl+C in the editor, and edits again", async () => {
    const { home, editor, path } = scene('trap : INT; echo editing; until read line; do :; done; echo "$line" > "$2"');
    using _ = home;
    await using program = new TerminalProgram([process.execPath, MAIN, "config", "edit", `--config=${path}`], {
      cwd: home.path,
      env: environment(home, editor),
    });
    await program.shows("editing");
    program.type("\x03");
    await program.shows("^C");
    program.type("\x03");
    await program.shows("^C");
    program.type("{ version: 3, agnt: {} }\n");
    expect(await program.shows("leave the file alone (q)? ")).toContain("field agnt not found in type config.Agent");
    expect(readFileSync(path, "utf8")).toBe(GOOD);
    program.type("e\n");
    await program.shows("editing");
    program.type("{ version: 3, agent: {} }\n");
    await program.shows(`Configuration file saved: ${path}`);
    expect(await program.exited).toBe(0);
    expect(readFileSync(path, "utf8")).toBe("{ version: 3, agent: {} }\n");
    expect(readdirSync(home.path).toSorted()).toEqual(["an editor.sh", "c.yml"]);
  });
});
