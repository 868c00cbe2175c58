import type { RecordType } from "../../model/records/records.ts";
import type { Change, Store } from "../../store/store.ts";

/**
 * Calls `follow` for every record of these kinds as if it were created just now, then with each change. Has told everything there is
 * when it resolves; dispose the answer to end it. Rejects with a StoreError when the store fails.
 */
export async function followRecords(
  source: Pick<Store, "all" | "listen">,
  types: readonly RecordType[],
  follow: (change: Change) => void,
): Promise<Disposable> {
  // What changes while everything is read comes twice rather than never.
  let missed: Change[] | undefined = [];
  const stop = source.listen((changes) => {
    if (missed !== undefined) missed.push(...changes);
    else for (const change of changes) follow(change);
  });
  try {
    const kinds = await Promise.all(types.map((type) => created(source, type)));
    for (const change of [...kinds.flat(), ...missed]) follow(change);
    missed = undefined;
  } catch (error) {
    stop();
    throw error;
  }
  return { [Symbol.dispose]: stop };
}

async function created(source: Pick<Store, "all">, type: RecordType): Promise<readonly Change[]> {
  const records = await source.all(type);
  return records.map((record) => ({ type, action: "created", record }) as Change); // of the same kind
}
