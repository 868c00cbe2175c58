import { SQL } from "bun";
import type { Clock } from "../base/clock.ts";

const CONNECT_LIMIT_S = 10;
/** Then the server is taken for lost. */
const ATTEMPT_LIMIT_MS = 30_000;
/** Between a connection that was lost, or could not be had, and the next attempt. */
const AGAIN_AFTER_MS = 1000;

export interface PostgresListenerOptions {
  /** `postgres://…` as libpq has it. */
  readonly url: string;
  readonly channel: string;
  readonly clock: Clock;
  /** Called with each `NOTIFY`; also when one may have been missed, and when the connection is lost. */
  readonly wake: () => void;
}

/**
 * Hears `NOTIFY` over a connection of its own, which is made anew when it is lost. `Bun.SQL` would do that too, but writes to the
 * standard streams each time it fails (Bun 1.4.5); so a connection and its `SQL` are given up together, before it tries.
 */
export class PostgresListener {
  readonly #options: PostgresListenerOptions;
  /** The one that listens or is to. */
  #sql: SQL | undefined;
  #hears = false;
  #forgetTimer: () => void = () => {};

  private constructor(options: PostgresListenerOptions) {
    this.#options = options;
  }

  /** Listens when it resolves. The caller closes it. Rejects with what the driver says. */
  static async open(options: PostgresListenerOptions): Promise<PostgresListener> {
    const listener = new PostgresListener(options);
    try {
      await listener.#listen();
      return listener;
    } catch (error) {
      await listener.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#forgetTimer();
    const sql = this.#sql;
    this.#sql = undefined;
    await sql?.close({ timeout: 0 });
  }

  async #listen(): Promise<void> {
    const { url, channel, clock, wake } = this.#options;
    const sql: SQL = new SQL(url, { max: 1, connectionTimeout: CONNECT_LIMIT_S, onclose: () => this.#lost(sql) });
    this.#sql = sql;
    this.#forgetTimer = clock.after(ATTEMPT_LIMIT_MS, () => this.#lost(sql));
    try {
      await sql.listen(channel, wake, wake);
      if (this.#sql !== sql) return;
      this.#hears = true;
      this.#forgetTimer();
    } catch (error) {
      this.#lost(sql);
      throw error;
    }
  }

  #lost(sql: SQL): void {
    if (this.#sql !== sql) return;
    this.#sql = undefined;
    void sql.close({ timeout: 0 }).catch(() => {}); // it is of no use any more
    this.#forgetTimer();
    this.#forgetTimer = this.#options.clock.after(AGAIN_AFTER_MS, () => {
      this.#listen().catch(() => {}); // the next attempt is due already
    });
    const { wake } = this.#options;
    if (this.#hears) wake();
    this.#hears = false;
  }
}
