import type { MiddlewareHandler } from "hono";
import type { Clock } from "../../base/clock.ts";
import { formatDuration } from "../../base/duration.ts";
import { randomHex } from "../../base/random.ts";
import { apiCallEnded, apiCallStarted } from "../../telemetry/log-messages.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { callPath } from "./call-path.ts";

const ID_BYTES = 8;

/** Two lines for each call, also for those that are refused (reference.md 3.1). A feed has ended once it has begun. */
export function callLog(log: Logger, clock: Clock): MiddlewareHandler {
  return async (context, next) => {
    const facts = { path: callPath(context.req.url), id: randomHex(ID_BYTES) };
    const startedMs = clock.nowMs();
    apiCallStarted(log, facts);
    await next();
    const duration = formatDuration(clock.nowMs() - startedMs);
    apiCallEnded(log, { ...facts, status: context.res.status, duration });
  };
}
