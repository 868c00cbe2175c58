import { expect, test } from "bun:test";
import { SQL } from "bun";
import { inDialect, type Migration, MIGRATIONS } from "../../src/store/migrations.ts";
import { migrate } from "../../src/store/schema.ts";
import type { Run } from "../../src/store/database.ts";
import { StoreError } from "../../src/store/store-error.ts";
import type { Table } from "../../src/store/table.ts";
import { AUDIT_TABLE, ENDPOINT_TABLE, SESSION_TABLE, TABLES } from "../../src/store/tables.ts";

/** Three versions of an invented schema. */
const HISTORY: readonly Migration[] = [
  { kept: ["CREATE TABLE thing (id {ID} PRIMARY KEY)", "INSERT INTO thing VALUES ('first')"], live: [] },
  { kept: ["ALTER TABLE thing ADD COLUMN bytes {BYTES}"], live: [] },
  { kept: ["ALTER TABLE thing ADD COLUMN note TEXT NOT NULL DEFAULT 'none'"], live: [] },
];

async function withDatabase(work: (run: Run) => Promise<void>): Promise<void> {
  const sql = new SQL("sqlite::memory:");
  await work(async (statement, values = []) => await sql.unsafe(statement, [...values]));
  await sql.close();
}

async function columnsOf(run: Run, table: string): Promise<readonly string[]> {
  return (await run(`SELECT name FROM pragma_table_info('${table}')`)).map(({ name }) => String(name));
}

test.each([0, 1, 2, 3])(
  "migrate brings a database of version %d to the newest, with what is in it",
  async (version) => {
    await withDatabase(async (run) => {
      if (version > 0) await migrate(run, "sqlite", HISTORY.slice(0, version), "x");
      await migrate(run, "sqlite", HISTORY, "x");
      await migrate(run, "sqlite", HISTORY, "x");
      expect([...(await run("SELECT * FROM thing"))]).toEqual([{ id: "first", bytes: null, note: "none" }]);
      expect([...(await run("SELECT version FROM schema_version"))]).toEqual([{ version: 3 }]);
    });
  },
);

test("migrate refuses a database of a version it does not know, and names both", async () => {
  await withDatabase(async (run) => {
    await migrate(run, "sqlite", HISTORY, "/data/x.db");
    const failure = await migrate(run, "sqlite", HISTORY.slice(0, 2), "/data/x.db").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StoreError);
    expect(failure).toHaveProperty("failure", "newerSchema");
    expect(String(failure)).toContain("/data/x.db has schema version 3, and this program knows versions up to 2");
  });
});

test("migrate makes what is online in PostgreSQL only", async () => {
  const statements: string[] = [];
  const run: Run = (statement) => {
    statements.push(statement);
    return Promise.resolve([]);
  };
  const history: readonly Migration[] = [{ kept: ["KEPT {BYTES}"], live: ["LIVE {ID}"] }];
  await migrate(run, "postgres", history, "x");
  await migrate(run, "sqlite", history, "x");
  expect(statements.filter((statement) => /^(KEPT|LIVE)/.test(statement))).toEqual([
    "KEPT BYTEA",
    'LIVE TEXT COLLATE "C"',
    "KEPT BLOB",
  ]);
});

test("the migrations make the columns that the tables have, and leave no word untranslated", async () => {
  await withDatabase(async (run) => {
    for (const { kept, live } of MIGRATIONS)
      for (const statement of [...kept, ...live]) await run(inDialect(statement, "sqlite"));
    const tables: Pick<Table<never>, "name" | "columns">[] = [
      ...Object.values(TABLES),
      AUDIT_TABLE,
      SESSION_TABLE,
      ENDPOINT_TABLE,
    ];
    for (const { name, columns } of tables) expect((await columnsOf(run, name)).toSorted()).toEqual(columns.toSorted());
  });
  const words = [...JSON.stringify(MIGRATIONS).matchAll(/\{[A-Z]+\}/g)].map(([word]) => word);
  for (const word of words) {
    expect(inDialect(word, "sqlite")).not.toBe(word);
    expect(inDialect(word, "postgres")).not.toBe(word);
  }
});
