/** What the log tells of one leg: of the first what the readers of agents' logs search for, of further ones nothing but details. */
import type { SessionEnd } from "../net/session.ts";
import type { AuthReply } from "../protocol/rpc/auth.ts";
import { RemoteError } from "../protocol/rpc/rpc-error.ts";
import { faultFacts } from "../telemetry/fault-facts.ts";
import {
  clientSessionEstablished,
  failedToReconnect,
  heartbeatTimedOut,
  sessionClosed,
  tunnelSessionStarted,
} from "../telemetry/log-messages.ts";
import type { LogFields, Logger } from "../telemetry/logger.ts";
import { sessionEndText } from "./session-end-text.ts";
import { refusalText } from "./session-refusal.ts";

/** `id`: of the try to have a session. */
export interface SessionLog {
  established(id: string, reply: AuthReply): void;
  /** The edge let the agent in where it has enough sessions already. */
  misplaced(id: string, reply: AuthReply): void;
  /** There is no session this time. */
  failed(id: string, error: unknown): void;
  /** A session that was up has ended, not by this agent. */
  ended(id: string, reply: AuthReply, end: SessionEnd): void;
  /** Of ours. */
  fault(fault: unknown): void;
}

const OBJ = { obj: "tunnels.session" };

export function firstLegLog(log: Logger): SessionLog {
  return {
    established(id, reply) {
      clientSessionEstablished(log, id);
      tunnelSessionStarted(log);
      const warning = reply.edge.deprecationWarning;
      if (warning === undefined) return;
      log.warn("this version of the agent will be refused", { text: warning.message, date: warning.nextDate });
    },
    misplaced: (id, reply) => tellMisplaced(log, { ...OBJ, id }, reply),
    failed: (id, error) => failedToReconnect(log, { id, err: errorField(error) }),
    ended(id, reply, end) {
      const err = sessionEndText(end);
      if (end.type === "silent") heartbeatTimedOut(log, { id, clientId: reply.sessionId, err });
      sessionClosed(log, { id, err });
    },
    fault: (fault) => tellFault(log, fault),
  };
}

/** A leg that the user did not ask for, and does not miss while another one is up. */
export function furtherLegLog(log: Logger, leg: number): SessionLog {
  const fields = (id: string): LogFields => ({ ...OBJ, id, leg });
  return {
    established: (id, { edge }) => log.debug("further leg is up", { ...fields(id), worker: edge.ginnel?.worker ?? 0 }),
    misplaced: (id, reply) => tellMisplaced(log, fields(id), reply),
    failed: (id, error) => log.debug("no further leg this time", { ...fields(id), err: errorField(error) }),
    ended: (id, _reply, end) => log.debug("further leg lost", { ...fields(id), err: sessionEndText(end) }),
    fault: (fault) => tellFault(log, fault),
  };
}

function tellMisplaced(log: Logger, fields: LogFields, { edge }: AuthReply): void {
  log.debug("session given up for its place", { ...fields, worker: edge.ginnel?.worker ?? 0 });
}

function tellFault(log: Logger, fault: unknown): void {
  log.error("fault in a session", { ...OBJ, ...faultFacts(fault) });
}

function errorField(error: unknown): unknown {
  return error instanceof RemoteError ? refusalText(error) : error;
}
