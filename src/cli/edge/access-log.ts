/** The access log that an edge's configuration asks for. */
import type { Clock } from "../../base/clock.ts";
import type { EdgeConfig } from "../../config/edge-config.ts";
import { AccessLog } from "../../edge/operations/access-log.ts";
import { openLog, type OpenLog } from "../../telemetry/open-log.ts";
import type { Logger } from "../../telemetry/logger.ts";

export interface OpenAccessLog extends AsyncDisposable {
  readonly accessLog: AccessLog;
  /** Lines lost so far; undefined where they are lines of the edge's own log. */
  readonly dropped: number | undefined;
  /** See {@link OpenLog.reopen}. */
  reopen(): Promise<void>;
}

/** `undefined`: none is wanted. @throws UsageError when a file cannot be opened */
export function openAccessLog(config: EdgeConfig, edgeLog: Logger, clock: Clock): OpenAccessLog | undefined {
  const { target, showsQuery } = config.accessLog;
  if (target.kind === "off") return undefined;
  const own: OpenLog | undefined =
    target.kind === "log"
      ? undefined
      : openLog({ target, level: "info", format: config.log.format }, { clock, mayColour: false });
  const log = own?.log ?? edgeLog.with({ obj: "access" });
  return {
    accessLog: new AccessLog({ log, showsQuery, clock }),
    get dropped() {
      return own?.dropped;
    },
    reopen: async () => own?.reopen(),
    [Symbol.asyncDispose]: async () => own?.[Symbol.asyncDispose](),
  };
}
