import type { SessionEnd } from "../../net/session.ts";
import type { LogFields } from "../../telemetry/logger.ts";

/** Of what an agent brought about, or said itself. In UTF-16 units. */
const DETAIL_LIMIT = 300;

/**
 * How a session of an agent ended, for the log: the kind of end, and what there is to say about it, such as the rule that the agent broke. In one
 * line, cut at a length that an agent cannot choose.
 */
export function legEndFacts(end: SessionEnd): LogFields {
  const detail = detailOf(end).replaceAll(/\p{Cc}+/gu, " ");
  const shown = detail.length > DETAIL_LIMIT ? `${detail.slice(0, DETAIL_LIMIT)}…` : detail;
  return { reason: end.type, detail: shown === "" ? undefined : shown };
}

function detailOf(end: SessionEnd): string {
  switch (end.type) {
    case "violation":
      return end.error.message;
    case "goAway":
      return end.message;
    case "lost":
      return end.cause?.code ?? "";
    case "closed":
    // Logged with its stack where it was met.
    case "fault":
    case "silent":
    case "unauthenticated":
      return "";
    default:
      return end satisfies never;
  }
}
