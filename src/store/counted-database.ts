import type { Database } from "./database.ts";
import { StoreError, type StoreFailure } from "./store-error.ts";

/** Tells `onFailure` of everything that the database fails at, and passes it on all the same. */
export function countedDatabase(database: Database, onFailure: (failure: StoreFailure) => void): Database {
  const counted = async <R>(done: Promise<R>): Promise<R> => {
    try {
      return await done;
    } catch (error) {
      if (error instanceof StoreError) onFailure(error.failure);
      throw error;
    }
  };
  return {
    dialect: database.dialect,
    where: database.where,
    read: (statement, values) => counted(database.read(statement, values)),
    live: (statement, values) => counted(database.live(statement, values)),
    change: (work) => counted(database.change(work)),
    watch: (wake) => counted(database.watch(wake)),
    ping: () => counted(database.ping()),
    close: () => database.close(),
  };
}
