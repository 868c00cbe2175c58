import type { SqlValue } from "./column.ts";
import type { Dialect } from "./migrations.ts";
import type { Row } from "./table.ts";

/** Runs one statement with its values for `$1`, `$2`, … Rejects with what the driver says; see `store-failure.ts`. */
export type Run = (statement: string, values?: readonly SqlValue[]) => Promise<readonly Row[]>;

/** What differs between SQLite and PostgreSQL: connections, locks, and hearing of others. */
export interface Database {
  readonly dialect: Dialect;
  /** For texts: the file, or the address without password. */
  readonly where: string;
  /** Outside of any transaction: sees what is committed. */
  readonly read: Run;
  /** For what is online. */
  readonly live: Run;
  /** One transaction; no other of any process runs at the same time. Rolled back when `work` throws. */
  change<R>(work: (run: Run) => Promise<R>): Promise<R>;
  /** Calls `wake` whenever another process may have changed something, at least as often as that is promised. */
  watch(wake: () => void): Promise<void>;
  /** Resolves when it answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
