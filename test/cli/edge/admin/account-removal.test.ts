import { expect, test } from "bun:test";
import { removeAccount, removedText } from "../../../../src/cli/edge/admin/account-removal.ts";
import { RECORD_TYPES } from "../../../../src/store/tables.ts";
import { openStore } from "../../../../src/store/open-store.ts";
import { aCredential, anAccount, oneOfEach, OPERATOR } from "../../../support/store-records.ts";

test("removeAccount leaves nothing of the account, and everything of others", async () => {
  await using closing = new AsyncDisposableStack();
  const store = await openStore("sqlite::memory:", { secretsKey: new Uint8Array(32) });
  closing.defer(() => store.close());
  const [records, other] = [oneOfEach(), anAccount()];
  const kept = aCredential(other.id);
  await store.change(OPERATOR, async (transaction) => {
    for (const type of Object.keys(records) as (keyof typeof records)[]) await transaction.insert(type, records[type]); // the keys of that very object
    await transaction.insert("account", other);
    await transaction.insert("credential", kept);
  });
  const removed = await store.change(OPERATOR, (transaction) => removeAccount(transaction, records.account.id));
  expect(removedText(removed)).toBe(
    "authtokens=1 API keys=1 cloud endpoints=1 names=1 TCP addresses=1 IP restrictions=1 rules=1 IP policies=1 certificates=1 authorities=1",
  );
  const left = await Promise.all(RECORD_TYPES.map((type) => store.all(type)));
  // What belongs to no account stays too.
  const own = [records.acmeAccount, records.issuedCertificate, records.certificateOrder];
  expect(new Set(left.flat().map(({ id }) => id))).toEqual(new Set([other, kept, ...own].map(({ id }) => id)));
  const audit = await store.audit(records.account.id, { limit: 100, where: { action: "deleted" } });
  expect(audit.length).toBe(removed.size + 1);
});

test("removedText of an account that had nothing is empty", () => {
  expect(removedText(new Map())).toBe("");
});
