import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { UsageError } from "../../src/base/errors.ts";
import { keptSecretsKey } from "../../src/store/secrets-key.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

test("keptSecretsKey makes a key at the first start that nobody else can read, and finds it later", async () => {
  using folder = new TemporaryFolder();
  const file = folder.file("data/secrets.key");
  const made = await keptSecretsKey(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(folder.file("data")).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder.file("data"))).toEqual(["secrets.key"]);
  expect(await keptSecretsKey(file)).toEqual(made);
});

test("keptSecretsKey gives the same key to all that start at once", async () => {
  using folder = new TemporaryFolder();
  const keys = await Promise.all(Array.from({ length: 8 }, () => keptSecretsKey(folder.file("key"))));
  expect(new Set(keys.map((key) => key.toHex())).size).toBe(1);
  expect(readFileSync(folder.file("key"), "utf8").trim()).toBe(keys[0]?.toHex() ?? "");
});

test.each(["", "half-a-key"])(
  "keptSecretsKey refuses a file with %j, names it and does not repeat that",
  async (text) => {
    using folder = new TemporaryFolder();
    writeFileSync(folder.file("key"), text);
    const fault: unknown = await keptSecretsKey(folder.file("key")).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(UsageError);
    expect(String(fault)).toContain(`the file ${folder.file("key")} holds no key: it must be 64 hexadecimal digits`);
    expect(String(fault)).not.toContain("half-a-key");
  },
);

test("keptSecretsKey names a folder in the place of the file", async () => {
  using folder = new TemporaryFolder();
  mkdirSync(folder.file("key"));
  expect(keptSecretsKey(folder.file("key"))).rejects.toThrow(`${folder.file("key")} cannot be used: it is a folder`);
});

test("keptSecretsKey says so when no key can be kept", async () => {
  using folder = new TemporaryFolder();
  writeFileSync(folder.file("data"), "a file");
  expect(keptSecretsKey(folder.file("data/key"))).rejects.toThrow(/cannot be (kept|used)/);
});
