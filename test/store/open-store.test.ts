import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { SQL } from "bun";
import { UsageError } from "../../src/base/errors.ts";
import { randomHex } from "../../src/base/random.ts";
import { openStore } from "../../src/store/open-store.ts";
import { StoreError } from "../../src/store/store-error.ts";
import type { Change, Store } from "../../src/store/store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { PostgresDatabases } from "../support/postgres-databases.ts";
import { anAccount, aCredential, OPERATOR } from "../support/store-records.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const KEY = { secretsKey: new Uint8Array(32).fill(7) };
const folder = new TemporaryFolder();
const databases = await PostgresDatabases.start();

afterAll(async () => {
  await databases[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

function newFile(): string {
  return folder.file(`${randomHex(8)}.db`);
}

const DATABASES = [
  ["SQLite", () => Promise.resolve(`sqlite://${newFile()}`)],
  ["PostgreSQL", () => databases.create()],
] as const;

async function insertAccount(store: Store): Promise<string> {
  const account = anAccount();
  await store.change(OPERATOR, (transaction) => transaction.insert("account", account));
  return account.id;
}

/** Resolves with the next changes that a store tells of. */
function nextChanges(store: Store): Promise<readonly Change[]> {
  const { promise, resolve } = Promise.withResolvers<readonly Change[]>();
  const stop = store.listen((changes) => {
    stop();
    resolve(changes);
  });
  return promise;
}

async function failureOf(work: Promise<unknown>): Promise<StoreError> {
  const error = await work.catch((caught: unknown) => caught);
  if (error instanceof StoreError) return error;
  throw new Error("it should have been a StoreError", { cause: error });
}

/** Moves the time on until the work is done. */
async function patiently<R>(clock: ManualClock, work: Promise<R>): Promise<R> {
  const state = { isOver: false };
  const over = work.finally(() => {
    state.isOver = true;
  });
  while (!state.isOver) {
    clock.advance(500);
    await new Promise((resolve) => void setImmediate(resolve));
  }
  return over;
}

describe.each(DATABASES)("openStore of %s", (_, newDatabase) => {
  test("finds what an earlier opening has kept, and nobody online", async () => {
    const url = await newDatabase();
    const first = await openStore(url, KEY);
    const id = await insertAccount(first);
    const sealed = first.secrets.seal("key", id);
    await first.close();
    const second = await openStore(url, KEY);
    expect((await second.get("account", id))?.id).toBe(id);
    expect(second.secrets.open(sealed, id)).toBe("key");
    await second.close();
  });

  test("refuses a database that a newer version has used, and leaves it alone", async () => {
    const url = await newDatabase();
    await (await openStore(url, KEY)).close();
    const sql = new SQL(url);
    await sql`UPDATE schema_version SET version = 1000`;
    const failure = await failureOf(openStore(url, KEY));
    expect(failure.failure).toBe("newerSchema");
    expect(failure.message).toContain("schema version 1000");
    expect([...(await sql`SELECT version FROM schema_version`)]).toEqual([{ version: 1000 }]);
    await sql.close();
  });

  test("refuses another key than the one that the database was first used with", async () => {
    const url = await newDatabase();
    await (await openStore(url, KEY)).close();
    expect((await failureOf(openStore(url, { secretsKey: new Uint8Array(32) }))).failure).toBe("wrongKey");
    await (await openStore(url, KEY)).close();
  });

  test("tells of what another connection has changed, in the order in which it was committed", async () => {
    const url = await newDatabase();
    const [one, other] = await Promise.all([openStore(url, KEY), openStore(url, KEY)]);
    const told: Change[] = [];
    one.listen((changes) => told.push(...changes));
    const heard = nextChanges(one);
    const id = await insertAccount(other);
    expect((await heard).map(({ record }) => record.id)).toEqual([id]);
    const [second, third] = [aCredential(id), aCredential(id)];
    await other.change(OPERATOR, (transaction) => transaction.insert("credential", second));
    await one.change(OPERATOR, (transaction) => transaction.insert("credential", third));
    expect(told.map(({ record }) => record.id)).toEqual([id, second.id, third.id]);
    await Promise.all([one.close(), other.close()]);
  });
});

test("openStore makes a file that nobody else can read, in folders that it makes", async () => {
  const file = folder.file("data/deep/x.db");
  const store = await openStore(`sqlite://${file}`, KEY);
  await insertAccount(store);
  for (const path of [file, `${file}-wal`]) expect(statSync(path).mode & 0o777).toBe(0o600);
  await store.close();
});

test("openStore takes a path for a path, and decodes nothing in it", async () => {
  const file = folder.file("it's 100% a path#é.db");
  await (await openStore(`sqlite://${file}`, KEY)).close();
  expect(statSync(file).size).toBeGreaterThan(0);
});

test.each([
  "",
  "mysql://host/db",
  "/data/x.db",
  "sqlite:",
  "sqlite:///a?b.db",
  "postgres://",
  "http://u:secret@host/db",
  "http://u:se/secret@x",
])("openStore takes no %j for a database, and does not repeat its password", async (url) => {
  const error: unknown = await openStore(url, KEY).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).not.toContain("secret");
});

test("openStore refuses a file that is no database, and a folder", async () => {
  const file = newFile();
  writeFileSync(file, "no database at all, but long enough to be looked at".repeat(100));
  expect((await failureOf(openStore(`sqlite://${file}`, KEY))).failure).toBe("damaged");
  mkdirSync(folder.file("folder"));
  expect((await failureOf(openStore(`sqlite://${folder.file("folder")}`, KEY))).failure).toBe("gone");
});

test("a store refuses to write to a file that was removed or replaced", async () => {
  const file = newFile();
  const store = await openStore(`sqlite://${file}`, KEY);
  rmSync(file);
  expect((await failureOf(insertAccount(store))).failure).toBe("gone");
  writeFileSync(`${file}.other`, "");
  renameSync(`${file}.other`, file);
  expect((await failureOf(store.ping())).failure).toBe("gone");
  await store.close();
});

test("a store in SQLite waits for another process that writes, and says so when that takes too long", async () => {
  const url = `sqlite://${newFile()}`;
  const clock = new ManualClock();
  const [holder, waiter] = await Promise.all([openStore(url, KEY), openStore(url, { ...KEY, clock })]);
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const held = holder.change(OPERATOR, async () => {
    begun.resolve();
    await goOn.promise;
  });
  await begun.promise;
  const late = await patiently(clock, failureOf(insertAccount(waiter)));
  expect(late.failure).toBe("busy");
  const patient = insertAccount(waiter);
  goOn.resolve();
  await held;
  const id = await patiently(clock, patient);
  expect((await holder.all("account")).map((account) => account.id)).toEqual([id]);
  await Promise.all([holder.close(), waiter.close()]);
});

test("a store in PostgreSQL goes on when its connections were cut, and hears of others again", async () => {
  const url = await databases.create();
  const faults: unknown[] = [];
  const one = await openStore(url, { ...KEY, onFault: (error) => faults.push(error) });
  await insertAccount(one);
  await databases.cutConnections(url);
  const other = await openStore(url, KEY);
  const heard = nextChanges(one);
  const id = await insertAccount(other);
  expect((await heard).map(({ record }) => record.id)).toEqual([id]);
  await insertAccount(one);
  await Promise.all([one.close(), other.close()]);
});

test("a store in PostgreSQL whose connection is cut within a change keeps nothing of it, and makes the next", async () => {
  const url = await databases.create();
  const store = await openStore(url, KEY);
  const cut = store.change(OPERATOR, async (transaction) => {
    await transaction.insert("account", anAccount());
    await databases.cutConnections(url);
    await transaction.insert("account", anAccount());
  });
  expect((await failureOf(cut)).failure).toBe("gone");
  const id = await insertAccount(store);
  expect((await store.all("account")).map((account) => account.id)).toEqual([id]);
  await store.close();
});

test("a store in PostgreSQL whose server says nothing fails after a while", async () => {
  const accepted = Promise.withResolvers<void>();
  const silent = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { open: () => accepted.resolve(), data: () => {} },
  });
  const clock = new ManualClock();
  const opening = failureOf(openStore(`postgres://user@127.0.0.1:${silent.port}/none`, { ...KEY, clock }));
  await accepted.promise;
  clock.advance(60_000);
  const failure = await opening;
  silent.stop(true);
  expect(failure.failure).toBe("gone");
  expect(failure.message).toContain("no answer within");
  expect(clock.pending).toBe(0);
});

/** Keeps a table to itself until the answer is called. */
async function lockTable(url: string, table: string): Promise<() => Promise<void>> {
  const connection = new SQL(url, { max: 1 });
  const [locked, free] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = connection.begin(async (transaction) => {
    await transaction.unsafe(`LOCK TABLE ${table}`);
    locked.resolve();
    await free.promise;
  });
  await locked.promise;
  return async () => {
    free.resolve();
    await holding;
    await connection.close();
  };
}

test("a change in PostgreSQL that took too long is not made later", async () => {
  const url = await databases.create();
  const clock = new ManualClock();
  const store = await openStore(url, { ...KEY, clock });
  const free = await lockTable(url, "account");
  const failing = failureOf(insertAccount(store));
  const admin = new SQL(url, { max: 1 });
  await waitingForLock(admin);
  clock.advance(60_000);
  expect((await failing).failure).toBe("gone");
  await free();
  const id = await insertAccount(store);
  expect((await store.all("account")).map((account) => account.id)).toEqual([id]);
  await Promise.all([store.close(), admin.close()]);
});

test("a change in PostgreSQL whose commit is not answered may have been made, and says so", async () => {
  const url = await databases.create();
  const clock = new ManualClock();
  const store = await openStore(url, { ...KEY, clock });
  const admin = new SQL(url, { max: 1 });
  await admin.unsafe(`
    CREATE TABLE gate (id INTEGER);
    CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN LOCK TABLE gate; RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER wait_at_commit AFTER INSERT ON account
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_at_gate();
  `);
  const free = await lockTable(url, "gate");
  const failing = failureOf(insertAccount(store));
  await waitingForLock(admin);
  clock.advance(60_000);
  const failure = await failing;
  expect(failure.failure).toBe("unsure");
  expect(failure.message).toContain("may or may not have been made");
  await free();
  await Promise.all([store.close(), admin.close()]);
});

/** Until some statement waits for a table. */
async function waitingForLock(admin: SQL): Promise<void> {
  for (;;) {
    const waiting = await admin`SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'relation'`;
    if (waiting.length > 0) return;
  }
}

test("a store in PostgreSQL says that its server is gone, and shows no password", async () => {
  const failure = await failureOf(openStore("postgres://user:secret@127.0.0.1:1/none", KEY));
  expect(failure.failure).toBe("gone");
  expect(failure.message).toContain("postgres://user@127.0.0.1:1/none");
  expect(failure.message).not.toContain("secret");
});
