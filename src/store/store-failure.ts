/** What the drivers throw, as a StoreError. */
import { SQL } from "bun";
import { StoreError, type StoreFailure } from "./store-error.ts";

const REMEDIES: Readonly<Record<StoreFailure, string>> = {
  diskFull: "its disk is full. Make room; nothing of this change was kept",
  gone: "it does not answer, or is not there. Check that it runs and that its address or path is right",
  unsure: "the change that was under way may or may not have been made. Look before you make it again",
  newerSchema: "a newer version of the program has used it. Run that version",
  damaged: "it is damaged, or no database. Restore a backup",
  notWritable: "this user may not write there. Give it the right to",
  busy: "another process held it for too long. Try again",
  wrongKey: "its private keys were sealed with another key. Give that key",
  missing: "what it refers to is not there. Make that first",
  refused: "it refused a statement. This is a fault of the program",
};

/** By the beginning of the result code (sqlite.org/rescode.html). */
const SQLITE_CODES: readonly (readonly [string, StoreFailure])[] = [
  ["SQLITE_FULL", "diskFull"],
  ["SQLITE_BUSY", "busy"],
  ["SQLITE_LOCKED", "busy"],
  ["SQLITE_READONLY_DBMOVED", "gone"],
  ["SQLITE_READONLY", "notWritable"],
  ["SQLITE_PERM", "notWritable"],
  ["SQLITE_CANTOPEN", "gone"],
  ["SQLITE_IOERR", "gone"],
  ["SQLITE_CORRUPT", "damaged"],
  ["SQLITE_NOTADB", "damaged"],
  ["SQLITE_CONSTRAINT_FOREIGNKEY", "missing"],
];

/** By the beginning of the SQLSTATE (PostgreSQL documentation, appendix A). */
const POSTGRES_STATES: readonly (readonly [string, StoreFailure])[] = [
  ["53100", "diskFull"],
  ["53", "gone"],
  ["08", "gone"],
  ["28", "gone"],
  ["3D000", "gone"],
  ["57P0", "gone"],
  ["58", "gone"],
  ["57014", "busy"],
  ["55P03", "busy"],
  ["40", "busy"],
  ["23503", "missing"],
  ["42501", "notWritable"],
  ["25006", "notWritable"],
  ["XX00", "damaged"],
];

/** What a driver threw becomes a StoreError about `where`; anything else is answered as it is. */
export function storeFailure(error: unknown, where: string): unknown {
  if (error instanceof SQL.SQLiteError) return failed(byStart(SQLITE_CODES, error.code), where, error);
  if (error instanceof SQL.PostgresError) {
    const state = error.errno;
    // Without a state it was not the server that spoke: the connection failed.
    return failed(state === undefined || state === "" ? "gone" : byStart(POSTGRES_STATES, state), where, error);
  }
  return error;
}

export function failed(failure: StoreFailure, where: string, cause: Error): StoreError {
  return new StoreError(failure, `the database ${where} failed (${cause.message}): ${REMEDIES[failure]}.`, { cause });
}

function byStart(table: readonly (readonly [string, StoreFailure])[], code: string): StoreFailure {
  return table.find(([start]) => code.startsWith(start))?.[1] ?? "refused";
}
