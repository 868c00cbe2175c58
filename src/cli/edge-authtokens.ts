/** The tokens that let agents into an edge: those of its configuration, or one that it makes at its first start. */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../base/errors.ts";
import { randomHex } from "../base/random.ts";
import type { EdgeConfig } from "../config/edge-config.ts";
import { hashToken } from "../edge/static-directory.ts";

/** Below the data folder: one SHA-256 in hexadecimal digits per line. */
const HASH_FILE = "authtokens.sha256";
const TOKEN_BYTES = 24;

/**
 * SHA-256 of each token. Without any in the configuration the first start makes one, prints it once and keeps its hash below
 * the data folder.
 * @throws UsageError when a token would have to be made and cannot be kept
 */
export async function edgeTokenHashes(
  { authtokens, dataDir }: EdgeConfig,
  print: (text: string) => Promise<void>,
): Promise<readonly Uint8Array[]> {
  if (authtokens.length > 0) return authtokens.map(hashToken);
  const file = join(dataDir, HASH_FILE);
  const kept = await readHashes(file);
  if (kept.length > 0) return kept;
  const token = randomHex(TOKEN_BYTES);
  await keep(dataDir, file, hashToken(token).toHex());
  await print(`Authtoken for agents (shown this once): ${token}\n`);
  return [hashToken(token)];
}

async function readHashes(file: string): Promise<readonly Uint8Array[]> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw new UsageError(`cannot read ${file}: ${error.message}`, { cause: error });
  });
  return text
    .split(/\s+/)
    .filter((hash) => /^[0-9a-f]{64}$/.test(hash))
    .map((hash) => Uint8Array.fromHex(hash));
}

async function keep(dataDir: string, file: string, hash: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await writeFile(file, `${hash}\n`, { mode: 0o600, flag: "wx" });
    await chmod(file, 0o600);
  } catch (error) {
    throw new UsageError(
      `no authtoken is configured, and a new one cannot be kept in ${file}: ${(error as Error).message}\n` +
        "Give --data a folder that can be written, or set GINNEL_AUTHTOKEN or --authtoken-file.",
      { cause: error },
    );
  }
}
