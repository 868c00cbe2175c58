/** The store that an edge's configuration names. What it refuses is a StoreError, whose text is for the person who started the program. */
import type { Clock } from "../../base/clock.ts";
import type { StoreSettings } from "../../config/edge-config.ts";
import { backupStore, noStore } from "../../store/backup-store.ts";
import { checkStore, type StoreCheck } from "../../store/check-store.ts";
import { openStore, type StoreOptions } from "../../store/open-store.ts";
import { keptSecretsKey, readSecretsKey } from "../../store/secrets-key.ts";
import type { Store } from "../../store/store.ts";

/**
 * Makes what is missing: folder, database and key. The caller closes the store.
 * @throws UsageError for a URL or key that is none
 * @throws StoreError when the database cannot be used
 */
export async function openEdgeStore(
  { url, secretsKey }: StoreSettings,
  options: Pick<StoreOptions, "onFault" | "onFailure"> & { readonly clock: Clock },
): Promise<Store> {
  return openStore(url, { ...options, secretsKey: await keyFor({ url, secretsKey }, options.clock) });
}

/** Makes and changes nothing. @throws UsageError, StoreError for what {@link openEdgeStore} could not use */
export async function checkEdgeStore(settings: StoreSettings, clock: Clock): Promise<void> {
  await checkStore(await checkOf(settings, clock));
}

/** Makes nothing but the file. @throws as `backupStore` */
export async function backupEdgeStore(settings: StoreSettings, clock: Clock, file: string): Promise<void> {
  await backupStore(await checkOf(settings, clock), file);
}

export interface StoreWish {
  /** Otherwise a store that is not there is refused: it would be a wrong folder that was named. */
  readonly mayMake: boolean;
  readonly clock: Clock;
}

/** For what a person does with the store, while an edge uses it or not. @throws as {@link openEdgeStore}, and what `work` throws */
export async function withEdgeStore<R>(
  settings: StoreSettings,
  { mayMake, clock }: StoreWish,
  work: (store: Store) => Promise<R>,
): Promise<R> {
  if (!mayMake && !(await checkStore(await checkOf(settings, clock)))) throw noStore(settings.url);
  const store = await openEdgeStore(settings, { clock });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function checkOf({ url, secretsKey }: StoreSettings, clock: Clock): Promise<StoreCheck> {
  const key = secretsKey instanceof Uint8Array ? secretsKey : await readSecretsKey(secretsKey.file);
  return { url, secretsKey: key, clock };
}

/** A new key is only for a database that was not used: what another one sealed it would never open. */
async function keyFor(settings: StoreSettings, clock: Clock): Promise<Uint8Array> {
  const check = await checkOf(settings, clock);
  if (check.secretsKey !== undefined) return check.secretsKey;
  await checkStore(check);
  const { secretsKey } = settings;
  return secretsKey instanceof Uint8Array ? secretsKey : keptSecretsKey(secretsKey.file);
}
