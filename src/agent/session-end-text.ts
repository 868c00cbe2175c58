import type { SessionEnd } from "../net/session.ts";

/** Why a session is over, for the log and the status block. */
export function sessionEndText(end: SessionEnd): string {
  switch (end.type) {
    case "closed":
      return "closed by this agent";
    case "goAway":
      return `closed by the edge: ${end.message || `code ${end.code}`}`;
    case "lost":
      return end.cause === undefined ? "the edge closed the connection" : `connection lost: ${end.cause.code}`;
    case "violation":
      return `the edge broke the protocol: ${end.error.message}`;
    case "fault":
      return "the session failed";
    case "silent":
      return "the edge does not answer heartbeats";
    case "unauthenticated":
      return "not authenticated";
    default:
      return end satisfies never;
  }
}
