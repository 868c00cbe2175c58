import type { RecordType } from "../../model/records/records.ts";
import type { Change, Store } from "../../store/store.ts";
import { faultOf } from "./fault-of.ts";

/**
 * Calls `follow` for every record of these kinds as if it were created just now, then with each change. Has told everything there is
 * when it resolves; dispose the answer to end it. After changes that nobody told of it calls again with each record there is, and with
 * those that are gone; at such a time it hears of all of them, also when it fails at some. Rejects with a StoreError when the store fails.
 */
export async function followRecords(
  source: Pick<Store, "all" | "listen">,
  types: readonly RecordType[],
  follow: (change: Change) => void,
): Promise<Disposable> {
  const known = new Map<string, Change>();
  const tell = (change: Change): void => {
    if (change.action === "deleted") known.delete(change.record.id);
    else if (types.includes(change.type)) known.set(change.record.id, change);
    follow(change);
  };
  const reload = async (): Promise<void> => {
    const kinds = await Promise.all(types.map((type) => created(source, type)));
    const there = new Map(kinds.flat().map((change) => [change.record.id, change]));
    const gone = [...known.values()].filter(({ record }) => !there.has(record.id));
    const faults = [
      ...gone.flatMap((change) => faultOf(() => tell({ ...change, action: "deleted" }))),
      ...[...there.values()].flatMap((change) => faultOf(() => tell(change))),
    ];
    if (faults.length > 0)
      throw new AggregateError(faults, "what follows the records failed while they were read again");
  };
  // What changes while everything is read comes twice rather than never.
  let missed: Change[] | undefined = [];
  const hear = (changes: readonly Change[]): void => {
    if (missed !== undefined) missed.push(...changes);
    else for (const change of changes) tell(change);
  };
  const stop = source.listen(hear, reload);
  try {
    await reload();
    for (const change of missed) tell(change);
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
