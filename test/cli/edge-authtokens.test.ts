import { describe, expect, test } from "bun:test";
import { readFile, stat } from "node:fs/promises";
import { UsageError } from "../../src/base/errors.ts";
import { edgeAuthtokens, keepAuthtoken } from "../../src/cli/edge-authtokens.ts";
import { hashToken } from "../../src/model/access-token.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

describe("edgeAuthtokens", () => {
  test("edgeAuthtokens are those of the configuration where it has some, and nothing is written", async () => {
    using folder = new TemporaryFolder();
    const dataDir = folder.file("data");
    const tokens = await edgeAuthtokens({ tokenHashes: ["one", "two"].map(hashToken), dataDir });
    expect(tokens).toEqual({ hashes: [hashToken("one"), hashToken("two")], made: undefined });
    expect(stat(dataDir)).rejects.toThrow();
  });

  test("edgeAuthtokens makes a token, which later starts know by its hash", async () => {
    using folder = new TemporaryFolder();
    const dataDir = folder.file("data");
    const { hashes, made = "" } = await edgeAuthtokens({ tokenHashes: [], dataDir });
    expect(made).toMatch(/^[0-9a-f]{48}$/);
    expect(hashes).toEqual([hashToken(made)]);

    await keepAuthtoken(made, dataDir);
    expect(await edgeAuthtokens({ tokenHashes: [], dataDir })).toEqual({ hashes, made: undefined });
    const file = `${dataDir}/authtokens.sha256`;
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect(await readFile(file, "utf8")).not.toContain(made);
  });

  test("edgeAuthtokens makes another token each time until one is kept", async () => {
    using folder = new TemporaryFolder();
    const options = { tokenHashes: [], dataDir: folder.path };
    expect((await edgeAuthtokens(options)).made).not.toBe((await edgeAuthtokens(options)).made);
  });

  test("edgeAuthtokens refuses to go on when what was kept cannot be read", async () => {
    using folder = new TemporaryFolder();
    await Bun.write(folder.file("data/authtokens.sha256/in-the-way"), "");
    const failure: unknown = await edgeAuthtokens({ tokenHashes: [], dataDir: folder.file("data") }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).toMatch(
      /authtokens\.sha256 cannot be used: it is a folder\.\nLet the user of the edge read it/,
    );
  });

  test.each([
    ["nothing", ""],
    ["half a hash", "ab".repeat(20)],
    ["a hash and half of one", `${"ab".repeat(32)}\n${"ab".repeat(20)}`],
    ["a token in place of its hash", "my-token\n"],
  ])("edgeAuthtokens refuses a file that holds %s, and says how to go on", async (_case, text) => {
    using folder = new TemporaryFolder();
    await Bun.write(folder.file("authtokens.sha256"), text);
    expect(edgeAuthtokens({ tokenHashes: [], dataDir: folder.path })).rejects.toThrow(
      /authtokens\.sha256 are damaged: .*\nRestore it, or remove it/,
    );
  });
});

describe("keepAuthtoken", () => {
  test("keepAuthtoken leaves the token of an edge that was faster", async () => {
    using folder = new TemporaryFolder();
    await keepAuthtoken("first", folder.path);
    expect(keepAuthtoken("second", folder.path)).rejects.toThrow(/cannot be kept in .*authtokens.sha256/);
    expect((await edgeAuthtokens({ tokenHashes: [], dataDir: folder.path })).hashes).toEqual([hashToken("first")]);
  });
});
