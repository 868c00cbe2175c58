import { describe, expect, test } from "bun:test";
import { editorCommand } from "../../src/cli/editor.ts";

const LINUX = { platform: "linux", isThere: (program: string) => program === "vi" } as const;

describe("editorCommand", () => {
  test.each([
    [{ VISUAL: "code --wait", EDITOR: "ed" }, ["/bin/sh", "-c", 'code --wait "$@"', "code --wait"]],
    [{ VISUAL: " ", EDITOR: "ed" }, ["/bin/sh", "-c", 'ed "$@"', "ed"]],
    [{}, ["vi"]],
  ])("editorCommand of %j is %j", (env, command) => {
    expect(editorCommand(env, LINUX)).toEqual(command);
  });

  test("editorCommand of Windows knows no shell", () => {
    const windows = { platform: "win32", isThere: () => false } as const;
    expect(editorCommand({ EDITOR: "code --wait" }, windows)).toEqual(["code", "--wait"]);
    expect(editorCommand({}, windows)).toEqual(["notepad"]);
  });

  test("editorCommand says what to do where there is no editor", () => {
    expect(() => editorCommand({}, { ...LINUX, isThere: () => false })).toThrow("set the variable EDITOR");
  });
});
