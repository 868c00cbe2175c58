import { expect, test } from "bun:test";
import { SQL } from "bun";
import { storeFailure } from "../../src/store/store-failure.ts";
import { StoreError, type StoreFailure } from "../../src/store/store-error.ts";

const SQLITE: readonly (readonly [string, StoreFailure])[] = [
  ["SQLITE_FULL", "diskFull"],
  ["SQLITE_BUSY_SNAPSHOT", "busy"],
  ["SQLITE_READONLY_DIRECTORY", "notWritable"],
  ["SQLITE_READONLY_DBMOVED", "gone"],
  ["SQLITE_CANTOPEN", "gone"],
  ["SQLITE_IOERR_WRITE", "gone"],
  ["SQLITE_CORRUPT_INDEX", "damaged"],
  ["SQLITE_NOTADB", "damaged"],
  ["SQLITE_CONSTRAINT_UNIQUE", "refused"],
  ["SQLITE_CONSTRAINT_FOREIGNKEY", "missing"],
];

/** SQLSTATEs of the PostgreSQL documentation, appendix A; `undefined` when the server did not answer. */
const POSTGRES: readonly (readonly [string | undefined, StoreFailure])[] = [
  ["53100", "diskFull"],
  ["53300", "gone"],
  ["57P01", "gone"],
  ["57P03", "gone"],
  ["28P01", "gone"],
  ["3D000", "gone"],
  ["57014", "busy"],
  ["40P01", "busy"],
  ["42501", "notWritable"],
  ["25006", "notWritable"],
  ["XX001", "damaged"],
  ["23505", "refused"],
  ["23503", "missing"],
  [undefined, "gone"],
];

test.each(SQLITE)("storeFailure of SQLite's %s is %s", (code, failure) => {
  const cause = new SQL.SQLiteError("of SQLite", { code, errno: 1 });
  expect(storeFailure(cause, "/data/x.db")).toMatchObject({ failure, cause });
});

test.each(POSTGRES)("storeFailure of PostgreSQL's %s is %s", (errno, failure) => {
  const cause = new SQL.PostgresError("of PostgreSQL", {
    code: "ERR_POSTGRES_SERVER_ERROR",
    ...(errno === undefined ? {} : { errno }),
  });
  expect(storeFailure(cause, "postgres://host/db")).toMatchObject({ failure, cause });
});

test("storeFailure names the database, the reason and the remedy", () => {
  const failure = storeFailure(
    new SQL.SQLiteError("database or disk is full", { code: "SQLITE_FULL", errno: 13 }),
    "/d.db",
  );
  expect(failure).toBeInstanceOf(StoreError);
  expect(String(failure)).toBe(
    "StoreError: the database /d.db failed (database or disk is full): its disk is full. Make room; nothing of this change was kept.",
  );
});

test("storeFailure leaves other errors alone", () => {
  const error = new Error("of the work");
  expect(storeFailure(error, "")).toBe(error);
});
