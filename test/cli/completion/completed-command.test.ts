import { describe, expect, test } from "bun:test";
import { bashScript } from "../../../src/cli/completion/bash-script.ts";
import { completedCommands, flagsWithValue } from "../../../src/cli/completion/completed-command.ts";
import { fishScript } from "../../../src/cli/completion/fish-script.ts";
import { zshScript } from "../../../src/cli/completion/zsh-script.ts";
import { reachableCommands } from "../../../src/cli/reachable-commands.ts";

const commands = completedCommands(await reachableCommands(["api"]));

describe("completedCommands", () => {
  test("completedCommands knows every command by each of its names, and none that is refused", () => {
    const words = commands.map((command) => command.words);
    expect(words).toEqual(
      expect.arrayContaining([
        "",
        "http",
        "config check",
        "config add-server-addr",
        "completion",
        "api ip-policies create",
      ]),
    );
    expect(words).not.toContain("tunnel");
    expect(commands[0]?.next.map(({ word }) => word)).not.toContain("tunnel");
  });

  test("completedCommands offers no flag that is refused, and says what its value is", () => {
    const http = commands.find(({ words }) => words === "http");
    const flag = (name: string): unknown => http?.flags.find((each) => each.name === name)?.value;
    expect(flag("--oauth")).toBeUndefined();
    expect([flag("--scheme"), flag("--inspect"), flag("--upstream-tls-verify-cas"), flag("--url")]).toEqual([
      ["http", "https"],
      "none",
      "path",
      "text",
    ]);
  });

  test("completedCommands offers the edge's commands no flag that only agents have a use for", () => {
    const admin = commands.find(({ words }) => words === "edge admin account");
    expect(admin?.flags.map(({ name }) => name)).toEqual(["--config", "--help"]);
  });

  test("flagsWithValue takes the word of the command that knows most, and no two know different things", () => {
    const known = commands
      .flatMap(({ flags }) => flags)
      .filter(({ value }) => value !== "text")
      .map(({ name, value }) => `${name} ${JSON.stringify(value)}`);
    const names = [...new Set(known)].map((each) => each.split(" ")[0]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(flagsWithValue(commands).get("--log-format")).toEqual(["term", "logfmt", "json"]);
  });

  test("completedCommands holds only words that no shell reads as more", () => {
    const words = commands.flatMap(({ next, argument, flags }) => [
      ...next.map(({ word }) => word),
      ...(argument === "tunnels" ? [] : argument),
      ...flags.map(({ name }) => name),
    ]);
    const choices = [...flagsWithValue(commands).values()].flatMap((kind) => (typeof kind === "object" ? kind : []));
    expect([...words, ...choices].filter((word) => !/^[\w.-]+$/.test(word))).toEqual([]);
  });
});

describe.each([
  ["bash", bashScript],
  ["zsh", zshScript],
  ["fish", fishScript],
] as const)("the script for %s", (shell, script) => {
  test.each(["ginnel", "ngrok"] as const)("for %s has no fault that the shell would find", async (program) => {
    const child = Bun.spawn([shell, "-n", "/dev/stdin"], {
      stdin: Buffer.from(script(program, commands)),
      stdout: "pipe",
      stderr: "pipe",
    });
    expect([await child.exited, await child.stdout.text(), await child.stderr.text()]).toEqual([0, "", ""]);
  });
});
