import { mkdir, open, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { SQL } from "bun";
import type { Clock } from "../base/clock.ts";
import type { Database, Run } from "./database.ts";
import { inDialect, MIGRATIONS } from "./migrations.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { StoreError } from "./store-error.ts";
import { failed, storeFailure } from "./store-failure.ts";

/** SQLite itself would stop the whole process while it waits for another one: it does so briefly, we do the rest. */
const BUSY_TIMEOUT_MS = 50;
const BUSY_PAUSE_MS = 25;
/** Then a change fails. Another process is `ginnel edge admin` or a backup, which are done in milliseconds. */
const BUSY_LIMIT_MS = 10_000;
/** How soon changes of another process are seen. Asking costs some microseconds. */
const WATCH_EVERY_MS = 1000;

const IN_MEMORY = ":memory:";

/** A file, or `:memory:`. One connection writes, another reads what is committed; what is online has a database in memory. */
export class SqliteDatabase implements Database {
  readonly dialect = "sqlite";
  readonly where: string;
  readonly read: Run;
  readonly live: Run;
  readonly #writer: SQL;
  readonly #reader: SQL;
  readonly #live: SQL;
  readonly #inode: number | undefined;
  readonly #changes = new OneAtATime();
  readonly #clock: Clock;
  #stopWatching: () => void = () => {};

  private constructor(
    where: string,
    { writer, reader, live }: Readonly<Record<"writer" | "reader" | "live", SQL>>,
    inode: number | undefined,
    clock: Clock,
  ) {
    this.where = where;
    this.#writer = writer;
    this.#reader = reader;
    this.#live = live;
    this.#inode = inode;
    this.#clock = clock;
    const read = runOn(reader, where);
    // In memory there is one connection, and what a transaction has not committed yet is nobody else's.
    this.read = writer === reader ? (statement, values) => this.#changes.run(() => read(statement, values)) : read;
    this.live = runOn(live, where);
  }

  /** Makes the file, readable for this user alone, and its folder when they are not there. */
  static async open(path: string, clock: Clock): Promise<SqliteDatabase> {
    const where = path === IN_MEMORY ? path : resolve(path);
    try {
      const inode = where === IN_MEMORY ? undefined : await makeFile(where);
      const writer = new SQL({ adapter: "sqlite", filename: where });
      await patiently(clock, async () => {
        // The acknowledged survives the loss of power: the log is flushed at each commit.
        await setUp(writer, where, ["journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"]);
      });
      const reader = where === IN_MEMORY ? writer : new SQL({ adapter: "sqlite", filename: where });
      if (reader !== writer) await setUp(reader, where, []);
      const live = new SQL({ adapter: "sqlite", filename: IN_MEMORY });
      await setUp(live, where, ["foreign_keys = ON"]);
      for (const { live: statements } of MIGRATIONS) {
        for (const statement of statements) await live.unsafe(inDialect(statement, "sqlite"));
      }
      return new SqliteDatabase(where, { writer, reader, live }, inode, clock);
    } catch (error) {
      throw openFailure(error, where);
    }
  }

  change<R>(work: (run: Run) => Promise<R>): Promise<R> {
    return this.#changes.run(async () => {
      await this.#checkFile();
      // A transaction that another process keeps from beginning has done nothing yet, so it can begin again.
      let hasBegun = false;
      const attempt = (): Promise<{ readonly result: R }> =>
        this.#writer.begin("immediate", async (connection) => {
          hasBegun = true;
          return { result: await work(runOn(connection, this.where)) };
        });
      try {
        return (await patiently(this.#clock, attempt, () => !hasBegun)).result;
      } catch (error) {
        throw storeFailure(error, this.where);
      }
    });
  }

  watch(wake: () => void): Promise<void> {
    if (this.where !== IN_MEMORY) this.#watchOn(wake);
    return Promise.resolve();
  }

  async ping(): Promise<void> {
    await this.#checkFile();
    await this.read("SELECT 1");
  }

  async close(): Promise<void> {
    this.#stopWatching();
    await this.#changes.idle();
    await Promise.all([...new Set([this.#writer, this.#reader, this.#live])].map((connection) => connection.close()));
  }

  #watchOn(wake: () => void): void {
    this.#stopWatching = this.#clock.after(WATCH_EVERY_MS, () => {
      this.#watchOn(wake);
      wake();
    });
  }

  /** SQLite would go on writing to a file that was removed or replaced, and what it says is kept would be lost. */
  async #checkFile(): Promise<void> {
    if (this.#inode === undefined) return;
    const found = await stat(this.where).catch(() => undefined);
    if (found?.ino === this.#inode) return;
    throw failed("gone", this.where, new Error("the file was moved, replaced or removed while it was in use"));
  }
}

function runOn(connection: SQL, where: string): Run {
  return async (statement, values = []) => {
    try {
      return await connection.unsafe(statement, [...values]);
    } catch (error) {
      throw storeFailure(error, where);
    }
  };
}

async function setUp(connection: SQL, where: string, settings: readonly string[]): Promise<void> {
  const run = runOn(connection, where);
  for (const setting of [`busy_timeout = ${BUSY_TIMEOUT_MS}`, ...settings]) await run(`PRAGMA ${setting}`);
}

/** Tries again while another process is in the way, and `mayRepeat` allows it. */
async function patiently<R>(clock: Clock, work: () => Promise<R>, mayRepeat: () => boolean = () => true): Promise<R> {
  const giveUpAt = clock.nowMs() + BUSY_LIMIT_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const failure = storeFailure(error, "");
      const isBusy = failure instanceof StoreError && failure.failure === "busy";
      if (!isBusy || !mayRepeat() || clock.nowMs() > giveUpAt) throw error;
      await new Promise<void>((wake) => void clock.after(BUSY_PAUSE_MS, wake));
    }
  }
}

/** Answers its inode. */
async function makeFile(path: string): Promise<number> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await using file = await open(path, "a", 0o600);
  return (await file.stat()).ino;
}

function openFailure(error: unknown, where: string): unknown {
  const failure = storeFailure(error, where);
  if (failure instanceof StoreError || !(error instanceof Error) || !("code" in error)) return failure;
  const { code } = error;
  if (code === "ENOSPC") return failed("diskFull", where, error);
  return failed(code === "EACCES" || code === "EROFS" || code === "EPERM" ? "notWritable" : "gone", where, error);
}
