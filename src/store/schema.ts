import { type Dialect, inDialect, type Migration } from "./migrations.ts";
import type { Run } from "./database.ts";
import { StoreError } from "./store-error.ts";

/**
 * Brings the tables to the newest version. Runs in a transaction that shuts everybody else out, so of several processes that start
 * at once the first does the work.
 * @throws StoreError `newerSchema` when the tables are of a version that is not in the list
 */
export async function migrate(
  run: Run,
  dialect: Dialect,
  migrations: readonly Migration[],
  where: string,
): Promise<void> {
  await run("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
  const version = await checkVersion(run, migrations.length, where);
  if (version === migrations.length) return;
  for (const { kept, live } of migrations.slice(version)) {
    // SQLite keeps what is online in memory, in a database of its own.
    for (const statement of dialect === "postgres" ? [...kept, ...live] : kept)
      await run(inDialect(statement, dialect));
  }
  await run("DELETE FROM schema_version");
  await run("INSERT INTO schema_version (version) VALUES ($1)", [migrations.length]);
}

/**
 * The version of the tables; 0 before the first.
 * @throws StoreError `newerSchema` when it is above the `newest` that this program knows
 */
export async function checkVersion(run: Run, newest: number, where: string): Promise<number> {
  const [row] = await run("SELECT version FROM schema_version");
  const version = row === undefined ? 0 : Number(row["version"]);
  if (version <= newest) return version;
  throw new StoreError(
    "newerSchema",
    `the database ${where} has schema version ${version}, and this program knows versions up to ${newest}: ` +
      "a newer version of the program has used it. Run that version, or restore a backup from before the upgrade.",
  );
}
