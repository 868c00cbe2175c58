import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { UsageError } from "../../src/base/errors.ts";
import { editConfig } from "../../src/cli/config-edit.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const GOOD = "version: 3\nagent: { authtoken: T }\n";
const NEWER = "version: 3\nagent: { authtoken: U }\n";
const BAD = "version: 3\nagnt: {}\n";

/** Plays the editor, which writes one text after the other, and the person who answers. */
class Scene implements Disposable {
  readonly folder = new TemporaryFolder();
  readonly path = this.folder.file("c.yml");
  readonly seen: string[] = [];
  readonly printed: string[] = [];
  readonly #texts: readonly (string | undefined)[];
  readonly #answers: (string | undefined)[];

  constructor(texts: readonly (string | undefined)[], answers: readonly (string | undefined)[] = []) {
    this.#texts = texts;
    this.#answers = [...answers];
  }

  run(code = 0, meanwhile: () => void = () => {}): Promise<number> {
    return editConfig(this.path, {
      edit: (draft) => {
        expect(statSync(draft).mode & 0o777).toBe(0o600);
        const text = this.#texts[this.seen.length];
        this.seen.push(readFileSync(draft, "utf8"));
        if (text !== undefined) writeFileSync(draft, text);
        meanwhile();
        return Promise.resolve(code);
      },
      ask: () => Promise.resolve(this.#answers.shift()),
      print: (text) => Promise.resolve(void this.printed.push(text)),
    });
  }

  get file(): string | undefined {
    return existsSync(this.path) ? readFileSync(this.path, "utf8") : undefined;
  }

  /** The texts of the copies that were left. */
  get kept(): readonly string[] {
    const names = readdirSync(this.folder.path).filter((name) => name !== "c.yml");
    return names.map((name) => readFileSync(this.folder.file(name), "utf8"));
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
  }
}

async function refusal(run: Promise<number>): Promise<string> {
  const error: unknown = await run.catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(UsageError);
  return error instanceof UsageError ? error.message : "";
}

describe("editConfig", () => {
  test("editConfig puts what is in order in the place of the file", async () => {
    using scene = new Scene([NEWER]);
    writeFileSync(scene.path, GOOD);
    expect(await scene.run()).toBe(0);
    expect(scene).toMatchObject({ seen: [GOOD], file: NEWER, kept: [] });
    expect(scene.printed).toEqual([`Configuration file saved: ${scene.path}\n`]);
  });

  test("editConfig offers the beginning of a file that does not exist, and makes none when nothing was written", async () => {
    using scene = new Scene([undefined, NEWER]);
    expect(await scene.run()).toBe(0);
    expect(scene.seen[0]).toStartWith('version: "3"\nagent:\n');
    expect(scene).toMatchObject({ file: undefined, kept: [] });
    expect(await scene.run()).toBe(0);
    expect(scene).toMatchObject({ file: NEWER, kept: [] });
  });

  test("editConfig tells that nothing was changed", async () => {
    using scene = new Scene([undefined]);
    writeFileSync(scene.path, BAD);
    expect(await scene.run()).toBe(0);
    expect(scene).toMatchObject({ file: BAD, kept: [], printed: [`Nothing was changed: ${scene.path}\n`] });
  });

  test("editConfig opens a faulty file, tells what is wrong, and lets it be edited again", async () => {
    using scene = new Scene(["a: [", NEWER], ["what?", "E"]);
    writeFileSync(scene.path, BAD);
    expect(await scene.run()).toBe(0);
    expect(scene).toMatchObject({ seen: [BAD, "a: ["], file: NEWER, kept: [] });
    expect(scene.printed[0]).toStartWith(
      `Error reading configuration file '${scene.path}': YAML parsing error: line 1`,
    );
  });

  test("editConfig saves what is faulty when its author insists, and a faulty tunnel counts", async () => {
    const faulty = "version: 2\ntunnels: { web: { proto: gopher, addr: 1 } }\n";
    using scene = new Scene([faulty], ["s"]);
    writeFileSync(scene.path, GOOD);
    expect(await scene.run()).toBe(0);
    expect(scene).toMatchObject({ file: faulty, kept: [] });
    expect(scene.printed[0]).toContain('tunnel "web": field proto');
  });

  test.each([
    ["its author says so", ["q"]],
    ["nobody can be asked", [undefined]],
  ])("editConfig leaves the file alone when %s, and keeps what was written", async (_, answers) => {
    using scene = new Scene([BAD], answers);
    writeFileSync(scene.path, GOOD);
    const message = await refusal(scene.run());
    expect(message).toContain("field agnt not found");
    expect(message).toContain("What you wrote is kept at ");
    expect(scene).toMatchObject({ file: GOOD, kept: [BAD] });
  });

  test("editConfig keeps what was written when the editor fails, and nothing when nothing was", async () => {
    using scene = new Scene([NEWER, undefined]);
    writeFileSync(scene.path, GOOD);
    expect(await refusal(scene.run(1))).toStartWith("The editor ended with code 1.\nWhat you wrote is kept at ");
    expect(scene).toMatchObject({ file: GOOD, kept: [NEWER] });
    expect(await refusal(scene.run(2))).toBe(`The editor ended with code 2. The file is as it was: ${scene.path}`);
    expect(scene.kept).toEqual([NEWER]);
  });

  test("editConfig writes over nobody else's change", async () => {
    using scene = new Scene([NEWER]);
    writeFileSync(scene.path, GOOD);
    const message = await refusal(scene.run(0, () => writeFileSync(scene.path, "version: 2\n")));
    expect(message).toStartWith("The file was changed by somebody else meanwhile.\nWhat you wrote is kept at ");
    expect(scene).toMatchObject({ file: "version: 2\n", kept: [NEWER] });
  });
});
