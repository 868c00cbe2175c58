/** The tokens that let agents into an edge: those of its configuration, or one that it makes at its first start. */
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../base/errors.ts";
import { randomHex } from "../base/random.ts";
import { readFailure } from "../base/read-failure.ts";
import type { EdgeConfig } from "../config/edge-config.ts";
import { hashToken } from "../model/access-token.ts";

/** Below the data folder: one SHA-256 in hexadecimal digits per line. */
const HASH_FILE = "authtokens.sha256";
const TOKEN_BYTES = 24;

export interface EdgeAuthtokens {
  /** SHA-256 of each token. */
  readonly hashes: readonly string[];
  /** In clear when it was made just now: to be kept with {@link keepAuthtoken} and shown, once the edge runs. */
  readonly made: string | undefined;
}

/**
 * The tokens of the configuration; without any, those of an earlier start; without any, a new one.
 * @throws UsageError when what an earlier start kept cannot be read
 */
export async function edgeAuthtokens({
  tokenHashes,
  dataDir,
}: Pick<EdgeConfig, "tokenHashes" | "dataDir">): Promise<EdgeAuthtokens> {
  if (tokenHashes.length > 0) return { hashes: tokenHashes, made: undefined };
  const kept = await readHashes(join(dataDir, HASH_FILE));
  if (kept.length > 0) return { hashes: kept, made: undefined };
  const made = randomHex(TOKEN_BYTES);
  return { hashes: [hashToken(made)], made };
}

/**
 * Keeps the token's hash below the data folder, for the starts to come.
 * @throws UsageError when that cannot be written
 */
export async function keepAuthtoken(token: string, dataDir: string): Promise<void> {
  const file = join(dataDir, HASH_FILE);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await writeOnce(file, `${hashToken(token)}\n`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `no authtoken is configured, and a new one cannot be kept in ${file}: ${reason}\n` +
        "Give --data a folder that can be written, or set GINNEL_AUTHTOKEN or --authtoken-file.",
      { cause: error },
    );
  }
}

/** An edge that started at the same moment has told its user another token: its file stays. */
async function writeOnce(path: string, text: string): Promise<void> {
  await using file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true }); // half a hash would be in the way of every further start
    throw error;
  }
}

async function readHashes(file: string): Promise<readonly string[]> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new UsageError(
      `the authtokens kept in ${file} cannot be used: ${readFailure(error)}.\n` +
        "Let the user of the edge read it, or give --data another folder.",
      { cause: error },
    );
  });
  if (text === undefined) return [];
  const words = text.split(/\s+/).filter((word) => word !== "");
  if (words.length === 0 || !words.every((word) => /^[0-9a-f]{64}$/.test(word))) {
    throw new UsageError(
      `the authtokens kept in ${file} are damaged: it should hold SHA-256 hashes, one a line.\n` +
        "Restore it, or remove it to get a new token, which every agent then needs.",
    );
  }
  return words;
}
