/**
 * A process that writes to a store: `bun store-program.ts URL [COUNT]`. Prints the id of each credential once the store has
 * acknowledged it; after COUNT of them, or when the store fails, what it then finds there, as JSON.
 */
import { openStore } from "../../src/store/open-store.ts";
import { StoreError } from "../../src/store/store-error.ts";
import type { Store } from "../../src/store/store.ts";
import { aCredential, anAccount, OPERATOR } from "./store-records.ts";

/** What the program prints at its end. */
export interface WriterReport {
  readonly failure: string | undefined;
  readonly message: string;
  readonly acknowledged: number;
  readonly credentials: number;
  readonly pairs: boolean;
  readonly auditEntries: number;
}

export const STORE_KEY: Uint8Array = new Uint8Array(32).fill(7);
const METADATA = "m".repeat(4000);

async function writeUntilFailure(store: Store, count: number): Promise<readonly [acknowledged: number, unknown]> {
  const account = anAccount();
  let acknowledged = 0;
  try {
    await store.change(OPERATOR, (transaction) => transaction.insert("account", account));
    while (acknowledged < count) {
      const [one, other] = [aCredential(account.id, { metadata: METADATA }), aCredential(account.id)];
      await store.change(OPERATOR, async (transaction) => {
        await transaction.insert("credential", one);
        await transaction.insert("credential", other);
      });
      acknowledged += 2;
      process.stdout.write(`${one.id}\n${other.id}\n`);
    }
    return [acknowledged, undefined];
  } catch (error) {
    return [acknowledged, error];
  } finally {
    await store.close();
  }
}

if (import.meta.main) {
  const [url = "", count = "Infinity"] = process.argv.slice(2);
  const [acknowledged, error] = await writeUntilFailure(await openStore(url, { secretsKey: STORE_KEY }), Number(count));
  const store = await openStore(url, { secretsKey: STORE_KEY });
  const credentials = await store.all("credential");
  const [account] = await store.all("account");
  const audited = await store.audit(account?.id, { limit: 1_000_000, where: { recordType: "credential" } });
  const report: WriterReport = {
    failure: error instanceof StoreError ? error.failure : undefined,
    message: String(error),
    acknowledged,
    credentials: credentials.length,
    pairs: credentials.filter(({ metadata }) => metadata === METADATA).length * 2 === credentials.length,
    auditEntries: audited.length,
  };
  await store.close();
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
