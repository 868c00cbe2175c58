import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../src/base/clock.ts";
import type { Change } from "../../src/store/store.ts";
import { loggedAfter, logChange } from "../../src/store/change-log.ts";
import { MIGRATIONS } from "../../src/store/migrations.ts";
import { migrate } from "../../src/store/schema.ts";
import { SqliteDatabase } from "../../src/store/sqlite-database.ts";
import { UnreadableChange } from "../../src/store/unreadable-change.ts";
import { anAccount } from "../support/store-records.ts";

let database: SqliteDatabase;
beforeEach(async () => {
  database = await SqliteDatabase.open(":memory:", systemClock);
  await database.change((run) => migrate(run, database.dialect, MIGRATIONS, database.where));
});
afterEach(() => database.close());

const AT = new Date(0);
const account = anAccount();
const key = {
  id: "acme_1",
  createdAt: AT,
  directoryUrl: "https://ca.test/",
  accountUrl: "https://ca.test/1",
  sealedKey: Uint8Array.of(0, 255),
};

async function write(recordType: string, record: string): Promise<void> {
  const statement = "INSERT INTO change_log (at, record_type, action, record) VALUES ($1, $2, 'created', $3)";
  await database.change((run) => run(statement, [AT.toISOString(), recordType, record]));
}

async function changes(): Promise<readonly (Change | UnreadableChange)[]> {
  return (await loggedAfter(database.read, 0)).changes.map(({ change }) => change);
}

async function loggedText(): Promise<string> {
  await database.change((run) => logChange(run, AT, { type: "account", action: "created", record: account }));
  const [row] = await database.read("SELECT record FROM change_log");
  await database.change((run) => run("DELETE FROM change_log"));
  return String(row?.["record"]);
}

describe("loggedAfter", () => {
  test("answers what was logged, bytes too", async () => {
    const logged = [
      { type: "account", action: "created", record: account },
      { type: "acmeAccount", action: "deleted", record: key },
    ] as const;
    for (const change of logged) await database.change((run) => logChange(run, AT, change));
    expect(await changes()).toEqual([...logged]);
  });

  test("finds values by the names of their columns, whatever their order and what else is there", async () => {
    const entries = Object.entries(JSON.parse(await loggedText()) as Record<string, unknown>); // an object, see logChange
    await write("account", JSON.stringify(Object.fromEntries([["colour", "red"], ...entries.toReversed()])));
    expect(await changes()).toEqual([{ type: "account", action: "created", record: account }]);
  });

  test.each([
    ["no JSON", "{", true],
    ["a list", '["acct_1"]', true],
    ["null", "null", true],
    ["a record without a column of this version", '{"id":"acct_1"}', true],
    ["a kind that is not known", "{}", false],
  ])("goes on behind %s", async (_, record, isOfKnownKind) => {
    const text = await loggedText();
    await write(isOfKnownKind ? "account" : "constructor", record);
    await write("account", text);
    const [unreadable, next] = await changes();
    expect(unreadable).toBeInstanceOf(UnreadableChange);
    expect(unreadable).toMatchObject({ isOfKnownKind });
    expect(next).toMatchObject({ record: { id: account.id } });
  });
});
