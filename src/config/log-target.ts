import type { LogTarget } from "../base/log-settings.ts";

/** Parses `log`: `stdout`, `stderr`, `false`, or a path. */
export function parseLogTarget(text: string): LogTarget {
  if (text === "false") return { kind: "off" };
  return text === "stdout" || text === "stderr" ? { kind: text } : { kind: "file", path: text };
}
