/** The scripts in real shells: somebody types, presses the key, and sees what there is. */
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { ShellSurroundings } from "../../support/shell-surroundings.ts";
import { TerminalProgram } from "../../support/terminal-program.ts";

const PROMPT = "READY>";
const CLEAR_LINE = "\x15";

/** Two tunnels, of which the second would run a program if anything of it were taken for code. */
const CONFIG = `version: 2
tunnels:
  website: { proto: http, addr: 80 }
  "yes $(touch pwned)": { proto: http, addr: 80 }
`;

/** What is typed in front of the key, and how the line reads behind it. */
const LINES = [
  ["con", "config "],
  ["config upg", "config upgrade "],
  ["edge ch", "edge check "],
  ["help cred", "help credits "],
  ["completion zs", "completion zsh "],
  ["http --ur", "http --url "],
  ["--log-format j", "--log-format json "],
  ["start --log-level=wa", "start --log-level=warn "],
  ["http --config=g.y", "http --config=g.yml "],
  ["--config g.yml start web", "--config g.yml start website "],
  ["start --config=g.yml --log false web", "start --config=g.yml --log false website "],
  ["start --config g.yml y", "start --config g.yml yes\\ \\$\\(touch\\ pwned\\) "],
  ["config upgrade --dr", "config upgrade --dry-run "],
  ["api reserved-d", "api reserved-domains "],
  ["--config=g.yml api --api-key K ip-policy-rules cre", "--config=g.yml api --api-key K ip-policy-rules create "],
  ["api ip-restrictions create --ty", "api ip-restrictions create --type "],
  ["api ip-restrictions create --type da", "api ip-restrictions create --type dashboard "],
] as const;

const SHELLS = [
  ["bash", ["bash", "--norc", "--noprofile", "-i"], "source ./script"],
  ["zsh", ["zsh", "-f", "-i"], "unsetopt zle_bracketed_paste; autoload -U compinit; compinit -D -u; source ./script"],
] as const;

describe.each(SHELLS)("the script for %s", (shell, command, setUp) => {
  test.each(["ginnel", "ngrok"] as const)("completes what is typed behind %s", async (program) => {
    using here = await ShellSurroundings.of(program, shell, CONFIG);
    await using terminal = new TerminalProgram(command, {
      cwd: here.folder.path,
      env: { ...here.env, PS1: PROMPT, INPUTRC: "/dev/null" },
    });
    await terminal.shows(PROMPT);
    terminal.type(`${setUp}; echo LOA''DED\n`);
    await terminal.shows("LOADED");
    await terminal.shows(PROMPT);
    for (const [typed, completed] of LINES) {
      terminal.type(`${program} ${typed}\t`);
      await terminal.shows(`${program} ${completed}`);
      terminal.type(`${CLEAR_LINE}\n`);
      await terminal.shows(PROMPT);
    }
    expect(existsSync(here.folder.file("pwned"))).toBeFalse();
  });
});

describe("the script for fish", () => {
  test.each(["ginnel", "ngrok"] as const)("completes what is typed behind %s", async (program) => {
    using here = await ShellSurroundings.of(program, "fish", CONFIG);
    const lines = LINES.map(([typed]) => `complete -C '${program} ${typed}'; echo ---`);
    const child = Bun.spawn(["fish", "--no-config", "-c", `source ./script; ${lines.join("; ")}`], {
      cwd: here.folder.path,
      env: here.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [shown, complaints] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    expect(complaints).toBe("");
    // What stands behind a tab describes the word. Quotes are added when a word is taken.
    const offered = shown.split("---\n").map((block) => block.replace(/(\t.*)?\n$/, ""));
    const expected = LINES.map(([, completed]) => completed.replaceAll("\\", "").trimEnd());
    for (const [index, word] of expected.entries()) expect(` ${word}`).toEndWith(` ${offered[index]}`);
    expect(offered.every((word, index) => word !== "" || index === LINES.length)).toBeTrue();
    expect(existsSync(here.folder.file("pwned"))).toBeFalse();
  });
});
