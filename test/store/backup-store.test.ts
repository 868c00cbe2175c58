import { afterAll, expect, test } from "bun:test";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { SQL } from "bun";
import { systemClock } from "../../src/base/clock.ts";
import { UsageError } from "../../src/base/errors.ts";
import { backupStore } from "../../src/store/backup-store.ts";
import { openStore } from "../../src/store/open-store.ts";
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

function backup(url: string, file: string): Promise<void> {
  return backupStore({ url, ...KEY, clock: systemClock }, file);
}

test("backupStore while others write copies all that was acknowledged before, and the copy is a store", async () => {
  const url = `sqlite://${folder.file("busy.db")}`;
  const store = await openStore(url, KEY);
  const account = anAccount();
  const { id } = account;
  await store.change(OPERATOR, (transaction) => transaction.insert("account", account));
  const before = aCredential(id);
  await store.change(OPERATOR, (transaction) => transaction.insert("credential", before));
  const writing = Array.from({ length: 50 }, () =>
    store.change(OPERATOR, async (transaction) => {
      await transaction.insert("credential", aCredential(id));
      await transaction.insert("credential", aCredential(id));
    }),
  );
  const file = folder.file("copy.db");
  await backup(url, file);
  await Promise.all(writing);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const copy = await openStore(`sqlite://${file}`, KEY);
  const kept = await copy.all("credential");
  expect(kept.map((credential) => credential.id)).toContain(before.id);
  expect(kept.length % 2).toBe(1);
  expect(await copy.audit(id, { limit: 999, where: { recordType: "credential" } })).toHaveLength(kept.length);
  await copy.change(OPERATOR, (transaction) => transaction.insert("account", anAccount()));
  await Promise.all([copy.close(), store.close()]);
});

test("backupStore never replaces a file, and leaves none behind when it fails", async () => {
  const url = `sqlite://${folder.file("rest.db")}`;
  await (await openStore(url, KEY)).close();
  const file = folder.file("there.db");
  writeFileSync(file, "precious");
  expect(backup(url, file)).rejects.toThrow(UsageError);
  expect(await Bun.file(file).text()).toBe("precious");
  expect(backup(url, folder.file("nowhere/x.db"))).rejects.toThrow(folder.file("nowhere/x.db"));
});

test("backupStore refuses PostgreSQL, and names pg_dump", async () => {
  const url = await databases.create();
  await (await openStore(url, KEY)).close();
  expect(backup(url, folder.file("postgres.db"))).rejects.toThrow("pg_dump");
});

test("backupStore refuses a store that is not there, and makes nothing", async () => {
  expect(backup(`sqlite://${folder.file("wrong/ginnel.db")}`, folder.file("empty.db"))).rejects.toThrow(
    "there are no records in",
  );
  expect([existsSync(folder.file("wrong")), existsSync(folder.file("empty.db"))]).toEqual([false, false]);
  expect(backup(await databases.create(), folder.file("empty.db"))).rejects.toThrow("there are no records in");
});

test("backupStore leaves tables of an older version as they are", async () => {
  const file = folder.file("old.db");
  await (await openStore(`sqlite://${file}`, KEY)).close();
  const connection = new SQL(`file://${file}`);
  await connection.unsafe("UPDATE schema_version SET version = 1");
  await backup(`sqlite://${file}`, folder.file("old-copy.db"));
  const [{ version } = { version: 0 }] = await connection<{ version: number }[]>`SELECT version FROM schema_version`;
  expect(version).toBe(1);
  await connection.close();
});
