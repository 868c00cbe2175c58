import { describe, expect, test } from "bun:test";
import { ownWords, processRerun, runAsChild } from "../../src/cli/rerun.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

describe("rerun", () => {
  test.each([
    [
      "compiled",
      true,
      { argv0: "./ngrok", argv: ["bun", "/$bunfs/root/ginnel", "http", "--", "8 0"], execArgv: [] },
      ["./ngrok", "http", "--", "8 0"],
    ],
    [
      "compiled, without words",
      true,
      { argv0: "ginnel", argv: ["bun", "/$bunfs/root/ginnel"], execArgv: [] },
      ["ginnel"],
    ],
    [
      "from its sources",
      false,
      { argv0: "bun", argv: ["/usr/bin/bun", "/src/main.ts", "http", "80"], execArgv: ["--smol"] },
      ["bun", "--smol", "/src/main.ts", "http", "80"],
    ],
  ] as const)("ownWords of a program that is %s", (_, isCompiled, words, expected) => {
    expect(ownWords(words, isCompiled)).toEqual([...expected]);
  });

  test("processRerun finds no obstacle while its file can be executed", () => {
    expect(processRerun(new AbortController().signal).obstacle()).toBeUndefined();
  });

  test("runAsChild answers the exit code of the child, which has its words and its folder", async () => {
    using folder = new TemporaryFolder();
    const script = `await Bun.write(${JSON.stringify(folder.file("seen"))}, JSON.stringify([process.argv.slice(2), process.cwd()])); process.exit(7);`;
    await Bun.write(folder.file("child.ts"), script);
    const command = [process.execPath, folder.file("child.ts"), "a b", "--c"];
    expect(await runAsChild(command, new AbortController().signal)).toBe(7);
    expect(await Bun.file(folder.file("seen")).json()).toEqual([["a b", "--c"], process.cwd()]);
  });

  test("runAsChild ends the child with the signal that ends its parent", async () => {
    const stop = new AbortController();
    const ended = runAsChild([process.execPath, "-e", "setInterval(() => {}, 1000)"], stop.signal);
    stop.abort("SIGTERM");
    expect(await ended).toBe(143);
  });
});
