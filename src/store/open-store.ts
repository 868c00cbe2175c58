import { systemClock, type Clock } from "../base/clock.ts";
import { UsageError } from "../base/errors.ts";
import { ChangeFeed } from "./change-feed.ts";
import { lastLogged, loggedAfter } from "./change-log.ts";
import type { Database, Run } from "./database.ts";
import { MIGRATIONS } from "./migrations.ts";
import { PostgresDatabase } from "./postgres-database.ts";
import { migrate } from "./schema.ts";
import { SecretBox } from "./secret-box.ts";
import { SqliteDatabase } from "./sqlite-database.ts";
import { SqlStore } from "./sql-store.ts";
import { StoreError } from "./store-error.ts";
import type { Store } from "./store.ts";

export interface StoreOptions {
  /** Seals private keys: 32 bytes, see `secrets-key.ts`. */
  readonly secretsKey: Uint8Array;
  readonly clock?: Clock;
  /** What fails in the background, or in a listener. The store goes on. */
  readonly onFault?: (error: unknown) => void;
}

/** What the sealed proof says, and for whom it is sealed. */
const PROOF = "ginnel";

/**
 * Opens the database and brings its tables to the newest version. `url` is `sqlite:///absolute/path`, `sqlite://relative/path`,
 * `sqlite::memory:` or `postgres://user:password@host:port/database`. The caller closes the store.
 * @throws UsageError when the URL is none of these
 * @throws StoreError when the database cannot be used, is of a newer version, or was used with another key
 */
export async function openStore(url: string, options: StoreOptions): Promise<Store> {
  const { secretsKey, clock = systemClock, onFault = () => {} } = options;
  const secrets = new SecretBox(secretsKey);
  const database = await openDatabase(url, clock);
  try {
    await database.change(async (run) => {
      await migrate(run, database.dialect, MIGRATIONS, database.where);
      await checkKey(run, secrets, database.where);
    });
    const feed = new ChangeFeed((seq) => loggedAfter(database.read, seq), await lastLogged(database.read), onFault);
    await database.watch(() => void feed.catchUp());
    return new SqlStore({ database, feed, secrets, clock });
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function openDatabase(url: string, clock: Clock): Promise<Database> {
  // Bun 1.4.5 takes what follows a question mark for settings, and would use another file.
  const path = /^sqlite:(?:\/\/)?([^?]+)$/.exec(url)?.[1];
  if (path !== undefined) return SqliteDatabase.open(path, clock);
  if (/^postgres(?:ql)?:\/\/[^/]/.test(url) && URL.canParse(url)) return new PostgresDatabase(url, clock);
  throw new UsageError(
    `${JSON.stringify(withoutPassword(url))} names no database: ` +
      "give sqlite:///path/to/file, without a question mark, or postgres://user:password@host/name.",
  );
}

/** Of a text that cannot be read as a URL nobody knows where the password ends. */
function withoutPassword(url: string): string {
  return url.includes("@") ? `${url.slice(0, url.indexOf(":") + 1)}…` : url;
}

/** Before a first private key is sealed with a key that opens none of the others. */
async function checkKey(run: Run, secrets: SecretBox, where: string): Promise<void> {
  const [row] = await run("SELECT sealed FROM sealed_proof WHERE id = $1", [PROOF]);
  if (row === undefined) {
    await run("INSERT INTO sealed_proof (id, sealed) VALUES ($1, $2)", [PROOF, secrets.seal(PROOF, PROOF)]);
    return;
  }
  const { sealed } = row;
  if (sealed instanceof Uint8Array && secrets.open(sealed, PROOF) === PROOF) return;
  throw new StoreError(
    "wrongKey",
    `the private keys in the database ${where} were sealed with another key than the one given. ` +
      "Give the key that it was first used with; a backup needs the key of the same time.",
  );
}
