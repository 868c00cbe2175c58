/** What a shell needs to complete the words of our program: the program on its PATH, a home, and the script. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProgramName } from "../../src/cli/program-name.ts";
import { runProgram } from "./run-program.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");

export class ShellSurroundings implements Disposable {
  readonly folder: TemporaryFolder;
  /** Of the script that completes words. */
  readonly script: string;

  private constructor(folder: TemporaryFolder, script: string) {
    this.folder = folder;
    this.script = script;
  }

  /** `config` is the text of `g.yml` in the folder, which is the home too. */
  static async of(program: ProgramName, shell: string, config: string): Promise<ShellSurroundings> {
    const folder = new TemporaryFolder();
    writeFileSync(folder.file(program), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
    chmodSync(folder.file(program), 0o755);
    writeFileSync(folder.file("g.yml"), config);
    const { stdout } = await runProgram(`completion ${shell}`, { home: folder.path, name: program });
    writeFileSync(folder.file("script"), stdout);
    return new ShellSurroundings(folder, folder.file("script"));
  }

  get env(): Record<string, string> {
    return {
      PATH: `${this.folder.path}:${process.env["PATH"]}`,
      HOME: this.folder.path,
      BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
    };
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
  }
}
