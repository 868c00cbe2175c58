import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { UsageError } from "../../src/base/errors.ts";
import { keptSecretsKey, parseSecretsKey } from "../../src/store/secrets-key.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const DIGITS = "00ff".repeat(16);

test.each([DIGITS, DIGITS.toUpperCase(), ` ${DIGITS}\n`])("parseSecretsKey reads %j", (text) => {
  expect(parseSecretsKey(text, "it").toHex()).toBe(DIGITS);
});

test.each(["", "secret", DIGITS.slice(1), `${DIGITS}0`, DIGITS.replace("f", "g")])(
  "parseSecretsKey refuses %j, names where it stands and does not repeat it",
  (text) => {
    const error = thrownBy(() => parseSecretsKey(text, "GINNEL_SECRETS_KEY"));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toStartWith("GINNEL_SECRETS_KEY holds no key");
    if (text !== "") expect(error.message).not.toContain(text);
  },
);

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

test("keptSecretsKey refuses a file that holds no key", async () => {
  using folder = new TemporaryFolder();
  writeFileSync(folder.file("key"), "");
  expect(keptSecretsKey(folder.file("key"))).rejects.toThrow(`the file ${folder.file("key")} holds no key`);
});

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

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
}
