import type { ExpectedName } from "./expected-names.ts";

/** Keeps the names that are online over the end of the edge. */
export interface NameMemory {
  /** Those that were online when the edge was last there, if that was just now. */
  readonly recent: readonly ExpectedName[];
  /** `names` answers what is to be kept, as of each call. To be called once, before all others. */
  keep(names: () => Iterable<ExpectedName>): void;
  /** Other names are online than before. On the path of every bind. */
  changed(): void;
  /** The edge stops: what is online now is kept, and no later change. Resolves when that is done, or takes too long; never rejects. */
  seal(): Promise<void>;
}
