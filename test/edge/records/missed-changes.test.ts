/** A node that was behind while the log of changes was trimmed. */
import { afterAll, describe, expect, test } from "bun:test";
import { SQL } from "bun";
import { followRecords } from "../../../src/edge/records/follow-records.ts";
import { RecordDirectory } from "../../../src/edge/records/record-directory.ts";
import { openStore } from "../../../src/store/open-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { aCredential, aDomain, anAccount, OPERATOR } from "../../support/store-records.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";

const OWN = { baseDomains: ["e.test"], protectedNames: [] };
const folder = new TemporaryFolder();
afterAll(() => folder[Symbol.dispose]());

/** Its own clock stands, so it hears of others only with a change of its own. */
function open(file: string): Promise<Store> {
  return openStore(`sqlite://${file}`, { secretsKey: new Uint8Array(32), clock: new ManualClock() });
}

/** Deletes one credential on another node and makes one there, so that the log of it is lost; then this node hears of a change. */
async function behind(store: Store, file: string, deletedId: string, accountId: string): Promise<string> {
  const made = aCredential(accountId);
  const other = await open(file);
  await other.change(OPERATOR, async (transaction) => {
    await transaction.remove("credential", deletedId);
    await transaction.insert("credential", made);
  });
  await other.close();
  const connection = new SQL(`file://${file}`);
  await connection.unsafe("DELETE FROM change_log");
  await connection.close();
  await store.change(OPERATOR, (transaction) => transaction.insert("account", anAccount()));
  return made.id;
}

async function scene(name: string) {
  const file = folder.file(name);
  const store = await open(file);
  const account = anAccount();
  const kept = aCredential(account.id);
  const deleted = aCredential(account.id);
  await store.change(OPERATOR, async (transaction) => {
    await transaction.insert("account", account);
    await transaction.insert("credential", kept);
    await transaction.insert("credential", deleted);
  });
  return { file, store, account, kept, deleted };
}

describe("a node that missed changes", () => {
  test("RecordDirectory takes back what was revoked meanwhile, and knows what was made", async () => {
    const { file, store, account, kept, deleted } = await scene("directory.db");
    using directory = await RecordDirectory.open(store, OWN);
    const gone: string[] = [];
    directory.listen({ onCredentialGone: (id) => gone.push(id) });
    const madeId = await behind(store, file, deleted.id, account.id);
    expect(gone).toEqual([deleted.id]);
    expect(directory.credential(deleted.id)).toBeUndefined();
    expect([directory.credential(kept.id)?.id, directory.credential(madeId)?.id]).toEqual([kept.id, madeId]);
    await store.close();
  });

  test("followRecords tells of what is gone and of what is there", async () => {
    const { file, store, account, deleted } = await scene("follow.db");
    const told: string[] = [];
    using _ = await followRecords(store, ["credential"], ({ action, record }) => told.push(`${action} ${record.id}`));
    const before = told.length;
    const madeId = await behind(store, file, deleted.id, account.id);
    expect(told.slice(before)).toContain(`deleted ${deleted.id}`);
    expect(told.slice(before)).toContain(`created ${madeId}`);
    await store.close();
  });

  test("followRecords tells of all that is there, also when its listener fails at what is gone", async () => {
    const { file, store, account, deleted } = await scene("failing.db");
    const told: string[] = [];
    using _ = await followRecords(store, ["credential"], ({ action, record }) => {
      if (action === "deleted") throw new Error("of a listener");
      told.push(record.id);
    });
    const before = told.length;
    const madeId = await behind(store, file, deleted.id, account.id);
    expect(told.slice(before)).toContain(madeId);
    await store.close();
  });

  test("RecordDirectory tells of no name when those that it knows are read again as they were", async () => {
    const { file, store, account, deleted } = await scene("names.db");
    await store.change(OPERATOR, (transaction) => transaction.insert("reservedDomain", aDomain(account.id)));
    using directory = await RecordDirectory.open(store, OWN);
    let names = 0;
    directory.listen({ onNames: () => void names++ });
    await behind(store, file, deleted.id, account.id);
    expect([names, directory.credential(deleted.id)]).toEqual([0, undefined]);
    await store.close();
  });

  test("RecordDirectory tells every listener, whichever fails", async () => {
    const { store, deleted } = await scene("fault.db");
    using directory = await RecordDirectory.open(store, OWN);
    const gone: string[] = [];
    directory.listen({
      onCredentialGone: () => {
        throw new Error("of a listener");
      },
    });
    directory.listen({ onCredentialGone: (id) => gone.push(id) });
    await store.change(OPERATOR, (transaction) => transaction.remove("credential", deleted.id));
    expect(gone).toEqual([deleted.id]);
    await store.close();
  });
});
