import { systemClock, type Clock } from "../base/clock.ts";
import { ChangeFeed } from "./change-feed.ts";
import { lastLogged, loggedAfter } from "./change-log.ts";
import { countedDatabase } from "./counted-database.ts";
import type { Database } from "./database.ts";
import { MIGRATIONS } from "./migrations.ts";
import { PostgresDatabase } from "./postgres-database.ts";
import { migrate } from "./schema.ts";
import { checkProof, leaveProof } from "./sealed-proof.ts";
import { SecretBox } from "./secret-box.ts";
import { SqliteDatabase } from "./sqlite-database.ts";
import { SqlStore } from "./sql-store.ts";
import type { StoreFailure } from "./store-error.ts";
import { storePlace } from "./store-place.ts";
import type { Store } from "./store.ts";

export interface StoreOptions {
  /** Seals private keys: 32 bytes, see `secrets-key.ts`. */
  readonly secretsKey: Uint8Array;
  readonly clock?: Clock;
  /** What fails in the background, or in a listener. The store goes on. */
  readonly onFault?: (error: unknown) => void;
  /** Whenever the database fails at something, also at what the caller is told of. */
  readonly onFailure?: (failure: StoreFailure) => void;
}

/**
 * Opens the database and brings its tables to the newest version. `url` is `sqlite:///absolute/path`, `sqlite://relative/path`,
 * `sqlite::memory:` or `postgres://user:password@host:port/database`. The caller closes the store.
 * @throws UsageError when the URL is none of these
 * @throws StoreError when the database cannot be used, is of a newer version, or was used with another key
 */
export async function openStore(url: string, options: StoreOptions): Promise<Store> {
  const { secretsKey, clock = systemClock, onFault = () => {} } = options;
  const secrets = new SecretBox(secretsKey);
  const database = await openDatabase(url, options);
  try {
    await database.change(async (run) => {
      await migrate(run, database.dialect, MIGRATIONS, database.where);
      // Before a first private key is sealed with a key that opens none of the others.
      if (!(await checkProof(run, secrets, database.where))) await leaveProof(run, secrets);
    });
    const feed = new ChangeFeed((seq) => loggedAfter(database.read, seq), await lastLogged(database.read), onFault);
    await database.watch(() => void feed.catchUp());
    return new SqlStore({ database, feed, secrets, clock });
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function openDatabase(url: string, { clock = systemClock, onFailure }: StoreOptions): Promise<Database> {
  const place = storePlace(url);
  const database =
    place.kind === "sqlite" ? await SqliteDatabase.open(place.path, clock) : new PostgresDatabase(place.url, clock);
  return onFailure === undefined ? database : countedDatabase(database, onFailure);
}
