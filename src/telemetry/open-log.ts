/** Makes the log that the user asked for, and owns its file. */
import { accessSync, closeSync, constants, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { isatty } from "node:tty";
import type { Clock } from "../base/clock.ts";
import { UsageError } from "../base/errors.ts";
import type { LogSettings, LogTarget } from "../base/log-settings.ts";
import { LineLogger } from "./line-logger.ts";
import { LineSink } from "./line-sink.ts";
import { formatterFor } from "./log-format.ts";
import type { LogFormatter } from "./log-record.ts";
import { noLog, type Logger } from "./logger.ts";

export interface OpenLogOptions {
  readonly clock: Pick<Clock, "date" | "after">;
  /** False where the user asked for none (`NO_COLOR`). Only terminals are ever coloured. */
  readonly mayColour: boolean;
}

/** Whoever opens a log disposes of it, which waits shortly for the last lines. */
export interface OpenLog extends AsyncDisposable {
  readonly log: Logger;
  /** Lines lost so far because nobody read them. */
  readonly dropped: number;
  /** Opens the file anew after it was moved away; nothing for other targets. Throws {@link UsageError} as opening does. */
  reopen(): Promise<void>;
}

const STDOUT = 1;
const STDERR = 2;

/** How long the end of the process may wait for a reader of the log. */
const LAST_LINES_MS = 200;

/** Opens the target. Throws {@link UsageError} when a file cannot be opened. */
export function openLog(settings: LogSettings, options: OpenLogOptions): OpenLog {
  const { target } = settings;
  switch (target.kind) {
    case "off":
      return { log: noLog, dropped: 0, reopen: async () => {}, [Symbol.asyncDispose]: async () => {} };
    case "stdout":
      return logTo(STDOUT, settings, options);
    case "stderr":
      return logTo(STDERR, settings, options);
    case "file":
      return logToFile(target.path, settings, options);
  }
}

function logTo(descriptor: number, settings: LogSettings, options: OpenLogOptions): OpenLog {
  const { log, sink } = loggerOn(descriptor, settings, options);
  return {
    log,
    get dropped() {
      return sink.dropped;
    },
    reopen: async () => {},
    [Symbol.asyncDispose]: () => sink.drain(LAST_LINES_MS),
  };
}

function logToFile(path: string, settings: LogSettings, options: OpenLogOptions): OpenLog {
  let descriptor = openLogFile(path);
  const { log, sink } = loggerOn(descriptor, settings, options);
  // Closed only when no write is under way: the number may be given to another file at once.
  async function release(old: number): Promise<void> {
    await sink.drain(LAST_LINES_MS);
    closeSync(old);
  }
  return {
    log,
    get dropped() {
      return sink.dropped;
    },
    async reopen() {
      const old = descriptor;
      descriptor = openLogFile(path);
      sink.redirect(descriptor);
      await release(old);
    },
    [Symbol.asyncDispose]: () => release(descriptor),
  };
}

function loggerOn(descriptor: number, settings: LogSettings, options: OpenLogOptions): { log: Logger; sink: LineSink } {
  const { clock, mayColour } = options;
  const format = formatterFor(settings.format, { isTerminal: isatty(descriptor), coloured: mayColour });
  const sink = new LineSink({ descriptor, clock, describeDrops: (count) => droppedLine(count, format, clock) });
  return { sink, log: new LineLogger({ level: settings.level, format, clock, write: (line) => sink.write(line) }) };
}

function droppedLine(count: number, format: LogFormatter, clock: Pick<Clock, "date">): string {
  let line = "";
  const log = new LineLogger({ level: "warn", format, clock, write: (text) => (line = text) });
  log.warn("log lines dropped because nobody read them", { count });
  return line;
}

/**
 * Whether {@link openLog} could open the target, as far as can be seen without opening, let alone making, a file.
 * @throws UsageError as opening does
 */
export function checkLogTarget(target: LogTarget): void {
  if (target.kind !== "file") return;
  const { path } = target;
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() === true) throw new Error("it is a folder");
    if (found !== undefined) return accessSync(path, constants.W_OK);
    const folder = dirname(path);
    if (!statSync(folder).isDirectory()) throw new Error(`${folder} is no folder`);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw cannotOpen(path, cause);
  }
}

function openLogFile(path: string): number {
  // Without O_NONBLOCK a named pipe that nobody reads would hold us up here. Windows has no such flag.
  const nonBlocking = process.platform === "win32" ? 0 : constants.O_NONBLOCK;
  try {
    return openSync(path, constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | nonBlocking, 0o600);
  } catch (cause) {
    throw cannotOpen(path, cause);
  }
}

function cannotOpen(path: string, cause: unknown): UsageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UsageError(
    `Cannot open log file '${path}': ${reason}\nName a file in a folder that exists and may be written, or stdout, stderr or false.`,
    { cause },
  );
}
