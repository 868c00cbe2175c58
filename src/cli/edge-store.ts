/** The store that an edge's configuration names. What it refuses is a StoreError, whose text is for the person who started the program. */
import type { Clock } from "../base/clock.ts";
import type { StoreSettings } from "../config/edge-config.ts";
import { checkStore } from "../store/check-store.ts";
import { openStore, type StoreOptions } from "../store/open-store.ts";
import { keptSecretsKey, readSecretsKey } from "../store/secrets-key.ts";
import type { Store } from "../store/store.ts";

/**
 * Makes what is missing: folder, database and key. The caller closes the store.
 * @throws UsageError for a URL or key that is none
 * @throws StoreError when the database cannot be used
 */
export async function openEdgeStore(
  { url, secretsKey }: StoreSettings,
  options: Pick<StoreOptions, "onFault" | "onFailure"> & { readonly clock: Clock },
): Promise<Store> {
  const key = secretsKey instanceof Uint8Array ? secretsKey : await keptSecretsKey(secretsKey.file);
  return openStore(url, { ...options, secretsKey: key });
}

/** Makes and changes nothing. @throws UsageError, StoreError for what {@link openEdgeStore} could not use */
export async function checkEdgeStore({ url, secretsKey }: StoreSettings, clock: Clock): Promise<void> {
  const key = secretsKey instanceof Uint8Array ? secretsKey : await readSecretsKey(secretsKey.file);
  await checkStore({ url, secretsKey: key, clock });
}

/** For what a person does with the store, while an edge uses it or not. @throws as {@link openEdgeStore}, and what `work` throws */
export async function withEdgeStore<R>(
  settings: StoreSettings,
  clock: Clock,
  work: (store: Store) => Promise<R>,
): Promise<R> {
  const store = await openEdgeStore(settings, { clock });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
