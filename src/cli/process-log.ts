/** The log of a process that runs for long. */
import { isatty } from "node:tty";
import { systemClock } from "../base/clock.ts";
import type { LogSettings } from "../base/log-settings.ts";
import { openLog, type OpenLog } from "../telemetry/open-log.ts";

const STANDARD_STREAMS = [0, 1, 2] as const;

/**
 * Opens the log; a log file is opened anew at SIGHUP, so that it can be moved away, unless the signal means what it meant
 * before there were log files: that the terminal was closed. Coloured on a terminal unless `NO_COLOR` is
 * set. Throws UsageError when a file cannot be opened.
 */
export function openProcessLog(settings: LogSettings, env: Readonly<Record<string, string | undefined>>): OpenLog {
  const opened = openLog(settings, { clock: systemClock, mayColour: (env["NO_COLOR"] ?? "") === "" });
  if (settings.target.kind !== "file" || process.platform === "win32") return opened;
  const terminals = STANDARD_STREAMS.filter((descriptor) => isatty(descriptor));
  const onHangup = (): void => {
    if (!terminals.every((descriptor) => isatty(descriptor))) {
      process.off("SIGHUP", onHangup);
      process.kill(process.pid, "SIGHUP");
      return;
    }
    // When the new file cannot be opened the old one goes on, and tells so.
    opened.reopen().catch((err: unknown) => opened.log.warn("log file could not be reopened", { err }));
  };
  process.on("SIGHUP", onHangup);
  return {
    log: opened.log,
    get dropped() {
      return opened.dropped;
    },
    reopen: () => opened.reopen(),
    async [Symbol.asyncDispose]() {
      process.off("SIGHUP", onHangup);
      await opened[Symbol.asyncDispose]();
    },
  };
}
