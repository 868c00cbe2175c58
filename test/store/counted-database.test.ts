import { describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { openStore } from "../../src/store/open-store.ts";
import type { StoreFailure } from "../../src/store/store-error.ts";
import { anAccount, OPERATOR } from "../support/store-records.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

describe("countedDatabase", () => {
  test("countedDatabase tells of each failure of the database, and of nothing else", async () => {
    using folder = new TemporaryFolder();
    const failures: StoreFailure[] = [];
    const store = await openStore(`sqlite://${folder.file("a.db")}`, {
      secretsKey: new Uint8Array(32),
      onFailure: (failure) => failures.push(failure),
    });
    const account = anAccount();
    await store.change(OPERATOR, (transaction) => transaction.insert("account", account));
    // That is the fault of who asks.
    expect(store.change(OPERATOR, (transaction) => transaction.insert("account", account))).rejects.toThrow();
    expect(failures).toEqual([]);
    rmSync(folder.file("a.db"));
    expect(store.ping()).rejects.toThrow();
    const later = store.change(OPERATOR, (transaction) => transaction.remove("account", account.id));
    expect(later).rejects.toThrow();
    await later.catch(() => {});
    expect(failures).toEqual(["gone", "gone"]);
    await store.close();
  });
});
