/** One session with the edge, from its connection to its end: opens it and logs in. Knows no further tries. */
import type { Clock } from "../base/clock.ts";
import { UsageError } from "../base/errors.ts";
import { randomHex } from "../base/random.ts";
import { AgentSession } from "../net/agent-session.ts";
import type { Duplex } from "../net/duplex.ts";
import type { OnFault } from "../net/faults.ts";
import type { IdleWatch } from "../net/idle-watch.ts";
import type { Answer } from "../net/rpc-answer.ts";
import { SessionError } from "../net/session-error.ts";
import type { SessionEnd } from "../net/session.ts";
import { AUTH, type AuthReply } from "../protocol/rpc/auth.ts";
import type { HeartbeatTiming } from "../protocol/rpc/heartbeat-machine.ts";
import { type AgentIdentity, authRequest } from "./auth-request.ts";
import type { Visitor } from "./forwarder/forwarder.ts";
import { sessionEndText } from "./session-end-text.ts";

const LEG_ID_BYTES = 6;

export interface EdgeLegOptions {
  readonly identity: AgentIdentity;
  readonly heartbeat: HeartbeatTiming;
  /** Of the agent's legs, from 0 on. */
  readonly number: number;
  /** The region that the edge must report; undefined for any. */
  readonly region: string | undefined;
  readonly clock: Clock;
}

export interface EdgeLegHandler {
  /** For commands of the edge. */
  readonly answers: readonly Answer[];
  onVisitor(visitor: Visitor): void;
  onRoundTrip(roundTripMs: number): void;
  /** Nothing follows. Exactly once, also when the edge never let us in. */
  onEnd(leg: EdgeLeg, end: SessionEnd): void;
}

/** A try to have a session, in log lines. */
export function newLegId(): string {
  return randomHex(LEG_ID_BYTES);
}

export class EdgeLeg {
  readonly id: string;
  readonly session: AgentSession;
  readonly #options: EdgeLegOptions;
  #reply: AuthReply | undefined;
  #establishedMs = 0;
  #end: SessionEnd | undefined;

  /** Owns the connection from now on. */
  constructor(
    id: string,
    connection: Duplex,
    handler: EdgeLegHandler,
    options: EdgeLegOptions & { readonly idleWatch: IdleWatch; readonly onFault: OnFault },
  ) {
    this.id = id;
    this.#options = options;
    this.session = new AgentSession(
      connection,
      {
        answers: handler.answers,
        onProxy: (header, stream, payload) => {
          const understandsResetCodes = this.#reply?.edge.ginnel?.resetCodes ?? false;
          handler.onVisitor({ header, stream, payload, understandsResetCodes });
        },
        onRoundTrip: (roundTripMs) => handler.onRoundTrip(roundTripMs),
        onClose: (end) => {
          this.#end = end;
          handler.onEnd(this, end);
        },
      },
      options,
    );
  }

  /** What the edge answered when it let us in; undefined before. */
  get reply(): AuthReply | undefined {
    return this.#reply;
  }

  /** Since the edge let us in; undefined before. */
  get heldMs(): number | undefined {
    return this.#reply === undefined ? undefined : this.#options.clock.nowMs() - this.#establishedMs;
  }

  /**
   * Logs in, as the agent that it was when `former` answered. Whatever it throws has closed the session.
   * @throws RemoteError when the edge refuses, UsageError when it is in another region, ProtocolError or SessionError without
   * a proper answer
   */
  async authenticate(former: AuthReply | undefined): Promise<AuthReply> {
    const { session } = this;
    const { identity, heartbeat, number, clock } = this.#options;
    try {
      const reply = await session.call(AUTH, authRequest(identity, heartbeat, { former, number }));
      if (!session.isOpen) throw new SessionError("session ended", "The session ended after Auth.");
      this.#checkRegion(reply);
      this.#reply = reply;
      if (reply.edge.ginnel !== undefined) session.edgeKeepsCredit();
      this.#establishedMs = clock.nowMs();
      return reply;
    } catch (error) {
      const end = this.#end;
      session.close("not authenticated");
      throw error instanceof SessionError ? unansweredAuth(error, end) : error;
    }
  }

  /** An edge has one region; another one is reached by another address (reference.md C-20). */
  #checkRegion({ edge }: AuthReply): void {
    const { region } = this.#options;
    if (region === undefined || region === edge.region) return;
    throw new UsageError(
      `the edge is in region "${edge.region}", not "${region}"; leave the region out, or map it to a server address`,
    );
  }
}

/** TLS came about, so that something is there, perhaps no edge. */
function unansweredAuth({ reason, message }: SessionError, end: SessionEnd | undefined): SessionError {
  const what = end === undefined ? message : `The session ended during Auth: ${sessionEndText(end)}.`;
  return new SessionError(reason, `${what} Is the server address that of an edge?`);
}
