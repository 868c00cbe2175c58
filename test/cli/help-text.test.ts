import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { parseCommandLine } from "../../src/cli/command-line.ts";
import { COMMANDS } from "../../src/cli/command-table.ts";
import { reachableCommands } from "../../src/cli/reachable-commands.ts";
import type { CommandSpec } from "../../src/cli/command-spec.ts";
import { findFlag } from "../../src/cli/flag-spec.ts";
import { commandHelp, programHelp } from "../../src/cli/help-text.ts";
import { offeredFlags } from "../../src/cli/offered-flags.ts";
import { COMMON_FLAGS } from "../../src/cli/table/common-flags.ts";

const GOLDEN = join(import.meta.dir, "../golden/help");
const ALL: readonly (readonly [string, CommandSpec])[] = Object.entries(COMMANDS);
const TABLE = await reachableCommands(["api"]);

/** Golden files hold the words, a line of dashes and the help. */
async function golden(file: string): Promise<{ words: string; help: string }> {
  const [words = "", help = ""] = (await Bun.file(join(GOLDEN, `${file}.txt`)).text()).split("----------\n");
  return { words: words.trim(), help };
}

describe("programHelp", () => {
  test.each(["ginnel", "ngrok"] as const)("programHelp of %s is as kept", async (program) => {
    const { words, help } = await golden(`program-${program}`);
    expect(words).toBe(program);
    expect(programHelp(program)).toBe(help);
  });
});

describe("commandHelp", () => {
  test.each(ALL.map(([name]) => name))("commandHelp of %s is as kept", async (name) => {
    const spec = ALL.find(([each]) => each === name)?.[1];
    const { words, help } = await golden(name.replaceAll(" ", "-"));
    expect(words).toBe(`ginnel ${name}`);
    expect(spec === undefined ? "" : commandHelp(name, spec, "ginnel")).toBe(help);
  });

  test.each(Object.entries(TABLE))("commandHelp of %s has its blocks, no brace and no long line", (name, spec) => {
    const help = commandHelp(name, spec, "ngrok", TABLE);
    expect(help).toMatch(/^NAME:\n {2}ngrok /);
    expect(help).toContain("\nUSAGE:\n");
    expect(help).toContain("\nDESCRIPTION:\n");
    expect(help).toContain("\nOPTIONS:\n");
    expect(help).not.toContain("{");
    expect(help).not.toContain("ginnel http");
    expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test("commandHelp of the edge's commands offers no flag that only agents have a use for", () => {
    const offered = ALL.filter(([name]) => `${name} `.startsWith("edge ")).flatMap(([name, spec]) =>
      Object.keys(offeredFlags(spec))
        .filter((flag) => !(flag in spec.flags))
        .map((flag) => `${name} --${flag}`),
    );
    expect(offered.filter((each) => !/ --(?:config|help)$/.test(each))).toEqual([]);
    expect(offered).toContain("edge admin --config");
    // They are understood all the same.
    expect(parseCommandLine(["edge", "ca", "--log=false"], "ginnel", TABLE).flags).toEqual({ log: "false" });
  });

  test.each(ALL)("every example of %s is a line that parses", (name, { examples }) => {
    for (const { line } of examples) {
      // As a shell would split it, as far as examples use a shell.
      const words = line.replace(/ > .*/, "").replaceAll("'", "").split(" ");
      expect(`${parseCommandLine(words, "ginnel", TABLE).command} `).toStartWith(`${name} `);
    }
  });
});

test("no flag of a command takes the place of a common one by another of its names", () => {
  const taken = ALL.flatMap(([name, spec]) =>
    Object.values(spec.flags)
      .flatMap(({ aliases = [] }) => aliases)
      .filter((alias) => findFlag(COMMON_FLAGS, alias) !== undefined)
      .map((alias) => `${name} --${alias}`),
  );
  expect(taken).toEqual([]);
});
