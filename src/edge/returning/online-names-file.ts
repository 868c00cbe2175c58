/**
 * The names that are online in a file of the data folder. To lose it costs visitors a 404 after the next restart and nothing else, so
 * that a file which cannot be read or written is a line in the log.
 */
import { mkdir, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { ExpectedName } from "./expected-names.ts";
import type { NameMemory } from "./name-memory.ts";
import { MAX_ONLINE_NAMES_BYTES, onlineNamesText, parseOnlineNames } from "./online-names.ts";

/** An edge that was away for longer finds agents that dial so seldom that nobody should wait for them. */
export const RECENT_MS = 60_000;
/** Between writes while names change. */
const CHANGED_MS = 1_000;
/**
 * Between writes while they do not. Well within {@link RECENT_MS}, so that an edge that was killed was there just now; and what could
 * not be written is written once it can be.
 */
const UNCHANGED_MS = 15_000;
/** Agents come back and go in great numbers at a time. */
const GATHER_MS = 50;
/** For what is kept at the end. A disk that hangs keeps no edge from stopping. */
const SEAL_MS = 2_000;

export interface OnlineNamesFileOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export class OnlineNamesFile implements NameMemory, AsyncDisposable {
  readonly recent: readonly ExpectedName[];
  readonly #options: OnlineNamesFileOptions;
  #names: (() => Iterable<ExpectedName>) | undefined;
  #writtenMs = -Infinity;
  #hasChanged = false;
  #isSealed = false;
  #cancelWrite: () => void = () => {};
  /** One thing after the other. Never rejects. */
  #working: Promise<void> = Promise.resolve();
  /** Under way, and due behind that. */
  #writes = 0;
  /** The last write that has ended. */
  #hasFailed = false;

  private constructor(options: OnlineNamesFileOptions, recent: readonly ExpectedName[]) {
    this.#options = options;
    this.recent = recent;
  }

  /** Dispose it when the edge has ended. Never rejects. */
  static async open(options: OnlineNamesFileOptions): Promise<OnlineNamesFile> {
    return new OnlineNamesFile(options, await recentNames(options));
  }

  keep(names: () => Iterable<ExpectedName>): void {
    this.#names = names;
    this.#writeAfter(UNCHANGED_MS);
  }

  changed(): void {
    if (this.#hasChanged || this.#isSealed) return;
    this.#hasChanged = true;
    this.#writeSoon();
  }

  seal(): Promise<void> {
    this.#cancelWrite();
    if (!this.#isSealed) this.#write();
    this.#isSealed = true;
    return this.#inTime(this.#working);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.seal();
    if (this.#names === undefined || this.#hasFailed || this.#writes > 0) return;
    // What was under way at the stop may have taken long. The file may be the next edge's by now, so that it is not written.
    const now = this.#options.clock.date();
    await this.#inTime(utimes(this.#options.path, now, now).catch(() => {}));
  }

  /** `work` never rejects. Resolves with it, or after {@link SEAL_MS}. */
  async #inTime(work: Promise<void>): Promise<void> {
    const late = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(SEAL_MS, late.resolve);
    await Promise.race([work, late.promise]);
    cancel();
  }

  #writeSoon(): void {
    this.#writeAfter(Math.max(GATHER_MS, this.#writtenMs + CHANGED_MS - this.#options.clock.nowMs()));
  }

  #writeAfter(ms: number): void {
    this.#cancelWrite();
    this.#cancelWrite = this.#options.clock.after(ms, () => {
      // A disk that hangs gets no more to do; what has changed meanwhile is written behind that.
      if (this.#writes === 0) this.#write();
      this.#writeAfter(UNCHANGED_MS);
    });
  }

  #write(): void {
    if (this.#names === undefined) return;
    this.#hasChanged = false;
    this.#writtenMs = this.#options.clock.nowMs();
    this.#writes += 1;
    const text = onlineNamesText(this.#names());
    this.#working = this.#working
      .then(() => replace(this.#options.path, text))
      .then(
        () => {
          this.#hasFailed = false;
        },
        (error: unknown) => this.#tell(error),
      )
      .then(() => {
        this.#writes -= 1;
        if (this.#hasChanged && !this.#isSealed) this.#writeSoon();
      });
  }

  /** Once for each time that it begins to fail. */
  #tell(error: unknown): void {
    const { path, log } = this.#options;
    if (!this.#hasFailed) log.warn("names that are online are not kept for the next start", { file: path, err: error });
    this.#hasFailed = true;
  }
}

async function recentNames({ path, clock, log }: OnlineNamesFileOptions): Promise<readonly ExpectedName[]> {
  try {
    const { mtimeMs, size } = await stat(path);
    if (clock.date().getTime() - mtimeMs > RECENT_MS) return [];
    const names = size > MAX_ONLINE_NAMES_BYTES ? undefined : parseOnlineNames(await readFile(path, "utf8"));
    if (names === undefined) log.warn("names that were online cannot be read, nobody waits for them", { file: path });
    return names ?? [];
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    log.warn("names that were online cannot be read, nobody waits for them", { file: path, err: error });
    return [];
  }
}

/** Whole or not at all. Not through to the disk: what a loss of power costs is a 404. */
async function replace(path: string, text: string): Promise<void> {
  const draft = `${path}.tmp`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await using file = await open(draft, "w", 0o600);
    await file.writeFile(text);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await rename(draft, path);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
