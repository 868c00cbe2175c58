/** Whether a start could use a store, without making or changing anything. */
import { stat } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";
import type { Run } from "./database.ts";
import { MIGRATIONS } from "./migrations.ts";
import { PostgresDatabase } from "./postgres-database.ts";
import { checkVersion } from "./schema.ts";
import { SecretBox } from "./secret-box.ts";
import { checkProof } from "./sealed-proof.ts";
import { failed } from "./store-failure.ts";
import { SqliteReader } from "./sqlite-reader.ts";
import { storePlace } from "./store-place.ts";

export interface StoreCheck {
  /** As for `openStore`. */
  readonly url: string;
  /** `undefined`: there is none yet, so that one would be made. */
  readonly secretsKey: Uint8Array | undefined;
  readonly clock: Clock;
}

/**
 * Whether there is a database that was used. One that is not there yet is in order: a start makes it.
 * @throws UsageError when the URL names no database
 * @throws StoreError when the database does not answer, is damaged, of a newer version, or was used with another key
 */
export async function checkStore({ url, secretsKey, clock }: StoreCheck): Promise<boolean> {
  const place = storePlace(url);
  if (place.kind === "postgres") {
    const database = new PostgresDatabase(place.url, clock);
    try {
      const [row] = await database.read("SELECT to_regclass('schema_version') IS NOT NULL AS used");
      return row?.["used"] === true && (await checkTables(database.read, secretsKey, database.where));
    } finally {
      await database.close();
    }
  }
  if (!(await isFile(place.path))) return false;
  await using reader = new SqliteReader(place.path);
  const tables = await reader.run("SELECT name FROM sqlite_master WHERE name = 'schema_version'");
  return tables.length > 0 && (await checkTables(reader.run, secretsKey, place.path));
}

/** Whether they have a version. */
async function checkTables(run: Run, secretsKey: Uint8Array | undefined, where: string): Promise<boolean> {
  const version = await checkVersion(run, MIGRATIONS.length, where);
  // Before the first version there is no table for the proof.
  if (version === 0) return false;
  await checkProof(run, secretsKey && new SecretBox(secretsKey), where);
  return true;
}

/** @throws StoreError for what is there and can be no database */
async function isFile(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    if (found.isFile()) return found.size > 0;
    throw new Error("it is no file");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw failed("gone", path, error instanceof Error ? error : new Error(String(error)));
  }
}
