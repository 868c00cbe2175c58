/** The log of a process that runs for long. */
import { systemClock } from "../base/clock.ts";
import type { LogSettings } from "../base/log-settings.ts";
import { openLog, type OpenLog } from "../telemetry/open-log.ts";
import { onHangup } from "./hangup-signal.ts";

/**
 * Opens the log; a log file is opened anew at SIGHUP, so that it can be moved away. Coloured on a terminal unless `NO_COLOR` is
 * set. Throws UsageError when a file cannot be opened.
 */
export function openProcessLog(settings: LogSettings, env: Readonly<Record<string, string | undefined>>): OpenLog {
  const opened = openLog(settings, { clock: systemClock, mayColour: (env["NO_COLOR"] ?? "") === "" });
  if (settings.target.kind !== "file") return opened;
  const hangup = onHangup(() => {
    // When the new file cannot be opened the old one goes on, and tells so.
    opened.reopen().catch((err: unknown) => opened.log.warn("log file could not be reopened", { err }));
  });
  return {
    log: opened.log,
    get dropped() {
      return opened.dropped;
    },
    reopen: () => opened.reopen(),
    async [Symbol.asyncDispose]() {
      hangup[Symbol.dispose]();
      await opened[Symbol.asyncDispose]();
    },
  };
}
