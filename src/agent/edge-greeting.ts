import type { AuthReply } from "../protocol/rpc/auth.ts";

/** What an edge tells its agents' users when a session begins. */
export interface EdgeGreeting {
  /** Empty where the edge tells none. */
  readonly accountName: string;
  readonly planName: string;
  /** Announcements, a line each. Not to be trusted with a terminal. */
  readonly messages: readonly string[];
  /** Until the edge ends the session; undefined where it may last as long as it likes, and without one. */
  readonly expiresInMs: number | undefined;
}

/** `heldMs`: how long the session is up, if there is one. */
export function edgeGreeting(edge: AuthReply["edge"] | undefined, heldMs: number | undefined): EdgeGreeting {
  const limitMs = (edge?.sessionDurationSeconds ?? 0) * 1_000;
  const warning = edge?.deprecationWarning;
  return {
    accountName: edge?.accountName ?? "",
    planName: edge?.planName ?? "",
    messages: `${edge?.banner ?? ""}\n${warning?.message ?? ""}`.split(/\r?\n/).filter((line) => line.trim() !== ""),
    expiresInMs: limitMs > 0 && heldMs !== undefined ? Math.max(0, limitMs - heldMs) : undefined,
  };
}
