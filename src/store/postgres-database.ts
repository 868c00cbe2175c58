import { SQL } from "bun";
import type { Clock } from "../base/clock.ts";
import type { Database, Run } from "./database.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { PostgresListener } from "./postgres-listener.ts";
import { StoreError } from "./store-error.ts";
import { failed, storeFailure } from "./store-failure.ts";
import { shownPlace } from "./store-place.ts";

/** Of the pool: one for changes, the others for reading. */
const CONNECTIONS = 4;
const CONNECT_LIMIT_S = 10;
/** The server ends a statement then, also one that waits for the lock. */
const STATEMENT_LIMIT_MS = 30_000;
/** Then the server is taken for lost. */
const ANSWER_LIMIT_MS = 45_000;
/** A net below `NOTIFY`, which does not reach a connection that is being made anew. */
const WATCH_EVERY_MS = 5000;

/** Taken by every transaction that changes records. Any number will do; it has to be the same in every version. */
const CHANGE_LOCK = 7_106_201_131;
const CHANGE_CHANNEL = "ginnel_change";

/** SQLSTATE `admin_shutdown`. */
const ENDED_BY_ADMINISTRATOR = "57P01";

interface TransactionState {
  /** Of its process at the server, once it has begun. */
  pid?: number;
  isGivenUp: boolean;
  /** Everything was written, and may be kept from here on. */
  isCommitting: boolean;
}

/** A server that several nodes share. */
export class PostgresDatabase implements Database {
  readonly dialect = "postgres";
  readonly where: string;
  readonly read: Run;
  readonly live: Run;
  readonly #url: string;
  readonly #sql: SQL;
  readonly #clock: Clock;
  /** Changes of this process do not take up the pool while they wait for each other. */
  readonly #changes = new OneAtATime();
  #stopWatching: () => void = () => {};
  #listener: PostgresListener | undefined;

  /** `url` is `postgres://…` as libpq has it; nothing is connected yet. */
  constructor(url: string, clock: Clock) {
    this.where = shownPlace({ kind: "postgres", url });
    this.#url = url;
    this.#clock = clock;
    this.#sql = new SQL(url, {
      max: CONNECTIONS,
      connectionTimeout: CONNECT_LIMIT_S,
      connection: { statement_timeout: STATEMENT_LIMIT_MS, client_min_messages: "warning" },
    });
    const run = this.#runOn(this.#sql);
    // What is read, and what is online, may be asked for and put twice.
    this.read = (statement, values) => overFreshConnection(() => run(statement, values));
    this.live = this.read;
  }

  change<R>(work: (run: Run) => Promise<R>): Promise<R> {
    return this.#changes.run(async () => {
      let hasBegun = false;
      const attempt = async (): Promise<R> => {
        const state: TransactionState = { isGivenUp: false, isCommitting: false };
        const transaction = this.#sql.begin(async (connection) => {
          const run = this.#runOn(connection);
          const [row] = await run("SELECT pg_backend_pid() AS pid, pg_advisory_xact_lock($1)", [CHANGE_LOCK]);
          state.pid = Number(row?.["pid"]);
          hasBegun = true;
          const result = await work((statement, values) => {
            // Nobody waits for this change any more: it must not be made later.
            if (state.isGivenUp) return Promise.reject(new Error("the transaction was given up"));
            return run(statement, values);
          });
          // Told when the transaction is committed, and only then.
          await run("SELECT pg_notify($1, '')", [CHANGE_CHANNEL]);
          if (state.isGivenUp) throw new Error("the transaction was given up");
          state.isCommitting = true;
          return { result };
        });
        try {
          return (await this.#answered(transaction)).result;
        } catch (error) {
          state.isGivenUp = true;
          throw this.#ended(error, state);
        }
      };
      return await overFreshConnection(attempt, () => !hasBegun);
    });
  }

  async watch(wake: () => void): Promise<void> {
    this.#watchOn(wake);
    const options = { url: this.#url, channel: CHANGE_CHANNEL, clock: this.#clock, wake };
    this.#listener = await this.#answered(PostgresListener.open(options));
  }

  async ping(): Promise<void> {
    await this.read("SELECT 1");
  }

  async close(): Promise<void> {
    this.#stopWatching();
    await this.#changes.idle();
    await this.#listener?.close();
    await this.#sql.close({ timeout: 0 }); // what is still asked is asked by nobody any more
  }

  /** What a failed transaction failed with. One that may still be at work on the server is ended there. */
  #ended(failure: unknown, { pid, isCommitting }: TransactionState): unknown {
    if (!(failure instanceof StoreError) || failure.failure !== "gone") return failure;
    // It may be beyond reach, as the other connections: then the server ends it when it finds the connection dead.
    if (pid !== undefined) void this.#runOn(this.#sql)("SELECT pg_terminate_backend($1)", [pid]).catch(() => {});
    return isCommitting ? failed("unsure", this.where, failure) : failure;
  }

  #watchOn(wake: () => void): void {
    this.#stopWatching = this.#clock.after(WATCH_EVERY_MS, () => {
      this.#watchOn(wake);
      wake();
    });
  }

  #runOn(connection: SQL): Run {
    return (statement, values = []) => this.#answered(connection.unsafe(statement, [...values]));
  }

  async #answered<R>(answer: PromiseLike<R>): Promise<R> {
    const late = Promise.withResolvers<never>();
    const cancel = this.#clock.after(ANSWER_LIMIT_MS, () => {
      late.reject(failed("gone", this.where, new Error(`no answer within ${ANSWER_LIMIT_MS / 1000} seconds`)));
    });
    try {
      return await Promise.race([answer, late.promise]);
    } catch (error) {
      throw storeFailure(error, this.where);
    } finally {
      cancel();
    }
  }
}

/**
 * After a restart of the server each connection of the pool is found to be dead when it is used next: tries again, as long as there
 * may be such, and `mayRepeat` allows it.
 */
async function overFreshConnection<R>(attempt: () => Promise<R>, mayRepeat: () => boolean = () => true): Promise<R> {
  for (let stale = CONNECTIONS; ; stale--) {
    try {
      return await attempt();
    } catch (error) {
      if (stale === 0 || !mayRepeat() || !isLostConnection(error)) throw error;
    }
  }
}

function isLostConnection(error: unknown): boolean {
  const cause = error instanceof StoreError ? error.cause : undefined;
  if (!(cause instanceof SQL.PostgresError)) return false;
  return cause.errno === ENDED_BY_ADMINISTRATOR || cause.code === "ERR_POSTGRES_CONNECTION_CLOSED";
}
