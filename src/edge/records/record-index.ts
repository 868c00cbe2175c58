/** Records of one kind in memory, found by id and by other keys. */
import type { Records, RecordType } from "../../model/records/records.ts";
import type { ChangeOf } from "../../store/store.ts";

/** The key of a record; it may change, and several may share it. */
type KeyOf<R> = (record: R) => string;

export class RecordIndex<T extends RecordType, K extends string = never> {
  readonly #keys: Readonly<Record<K, KeyOf<Records[T]>>>;
  readonly #byId = new Map<string, Records[T]>();
  readonly #byKey = new Map<string, Set<Records[T]>>();

  /** The kind says which records these are, and is of no other use. */
  constructor(_type: T, keys: Readonly<Record<K, KeyOf<Records[T]>>>) {
    this.#keys = keys;
  }

  get(id: string): Records[T] | undefined {
    return this.#byId.get(id);
  }

  all(): readonly Records[T][] {
    return [...this.#byId.values()];
  }

  /** In the order in which they came. */
  by(key: K, value: string): readonly Records[T][] {
    return [...(this.#byKey.get(`${key} ${value}`) ?? [])];
  }

  /** Answers the record as it was here before, if it was. */
  follow({ action, record }: Pick<ChangeOf<T>, "action" | "record">): Records[T] | undefined {
    const former = this.#byId.get(record.id);
    if (former !== undefined) this.#remove(former);
    if (action !== "deleted") this.#add(record);
    return former;
  }

  #add(record: Records[T]): void {
    this.#byId.set(record.id, record);
    for (const key of this.#keysOf(record)) {
      const sharing = this.#byKey.get(key) ?? new Set<Records[T]>();
      this.#byKey.set(key, sharing.add(record));
    }
  }

  #remove(record: Records[T]): void {
    this.#byId.delete(record.id);
    for (const key of this.#keysOf(record)) {
      const sharing = this.#byKey.get(key);
      sharing?.delete(record);
      if (sharing?.size === 0) this.#byKey.delete(key);
    }
  }

  *#keysOf(record: Records[T]): Generator<string> {
    for (const name in this.#keys) yield `${name} ${this.#keys[name](record)}`;
  }
}
