import { open, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { UsageError } from "../base/errors.ts";
import { checkStore, type StoreCheck } from "./check-store.ts";
import { SqliteReader } from "./sqlite-reader.ts";
import { shownPlace, storePlace } from "./store-place.ts";

/**
 * Writes a consistent copy of a store as it is, in use or not, into a file that is made for it and readable for this user alone; it holds
 * everything that was acknowledged before. Whole or not at all; the store itself is neither made nor changed.
 * @throws UsageError when there is no store, when the file exists or cannot be written, and for PostgreSQL, which has pg_dump
 * @throws StoreError as {@link checkStore}
 */
export async function backupStore(check: StoreCheck, file: string): Promise<void> {
  const place = storePlace(check.url);
  if (!(await checkStore(check))) throw noStore(check.url);
  if (place.kind === "postgres") {
    const remedy = "Copy it with pg_dump, which comes with PostgreSQL.";
    throw new UsageError(
      `the database ${shownPlace(place)} cannot be copied to a file: it is a PostgreSQL server.\n${remedy}`,
    );
  }
  const path = resolve(file);
  await makeNewFile(path);
  try {
    await using reader = new SqliteReader(place.path);
    // SQLite takes an empty file for one that is not there.
    await reader.run("VACUUM INTO $1", [path]);
    await using copy = await open(path, "r+");
    await copy.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** For commands that work on a store which has to be there. */
export function noStore(url: string): UsageError {
  return new UsageError(
    `there are no records in ${shownPlace(storePlace(url))}.\n` +
      "Name the data folder or store that the edge uses; a first start of the edge, or 'edge admin account create', makes one.",
  );
}

async function makeNewFile(path: string): Promise<void> {
  try {
    await using _ = await open(path, "wx", 0o600);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `the backup cannot be written to ${path}: ${reason}\nName a file that does not exist yet, in a folder that can be written.`,
      { cause: error },
    );
  }
}
