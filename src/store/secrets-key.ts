/** The key that private keys are sealed with: from the environment, or a file that is made at the first start. */
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { UsageError } from "../base/errors.ts";
import { randomHex } from "../base/random.ts";
import { readFailure } from "../base/read-failure.ts";
import { parseSecretsKey, SECRETS_KEY_BYTES, SECRETS_KEY_SHAPE } from "../model/secrets-key.ts";

/**
 * The key in the file. When there is no such file, a new key is made and kept there, readable for this user alone.
 * @throws UsageError when it cannot be read, written, or holds no key
 */
export async function keptSecretsKey(file: string): Promise<Uint8Array> {
  const kept = await readSecretsKey(file);
  if (kept !== undefined) return kept;
  const made = crypto.getRandomValues(new Uint8Array(SECRETS_KEY_BYTES));
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeOnce(file, `${made.toHex()}\n`);
    return made;
  } catch (error) {
    // Another process that started at the same moment was faster.
    if (error instanceof Error && "code" in error && error.code === "EEXIST")
      return (await readSecretsKey(file)) ?? made;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `the key for private keys cannot be kept in ${file}: ${reason}\n` +
        "Give the edge a data folder that can be written, or a key of your own.",
      { cause: error },
    );
  }
}

/**
 * The key in the file; `undefined` when there is no such file.
 * @throws UsageError when it cannot be read or holds no key
 */
export async function readSecretsKey(file: string): Promise<Uint8Array | undefined> {
  try {
    return keyIn(await readFile(file, "utf8"), file);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new UsageError(
      `the key for private keys in ${file} cannot be used: ${readFailure(error)}.\nLet the user of the edge read it.`,
      { cause: error },
    );
  }
}

/** @throws UsageError that names the file, never the text */
function keyIn(text: string, file: string): Uint8Array {
  const key = parseSecretsKey(text);
  if (key !== undefined) return key;
  throw new UsageError(
    `the file ${file} holds no key: it must be ${SECRETS_KEY_SHAPE}.\n` +
      "Give the key that the database was first used with; its private keys open with no other.",
  );
}

/** Whole or not at all: another process that starts at the same moment never reads half a key. */
async function writeOnce(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomHex(8)}`;
  try {
    await using file = await open(draft, "wx", 0o600);
    await file.writeFile(text);
    await file.sync();
    await link(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
