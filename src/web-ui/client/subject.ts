import { useSyncExternalStore } from "hono/jsx/dom";

/** A value that changes, and tells those who look at it. */
export class Subject<Value> {
  readonly #listeners = new Set<() => void>();
  #value: Value;

  constructor(value: Value) {
    this.#value = value;
  }

  get value(): Value {
    return this.#value;
  }

  set(value: Value): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }

  /** Answers how to stop listening. */
  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly peek = (): Value => this.#value;
}

/** The component is rendered again whenever the value changes. */
export function useSubject<Value>(subject: Subject<Value>): Value {
  return useSyncExternalStore(subject.listen, subject.peek);
}
