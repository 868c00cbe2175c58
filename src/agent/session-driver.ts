/**
 * Keeps the agent's session with its edge up: dials, authenticates, and dials again when it is lost, for as long as the
 * machine says. Knows no tunnels: it tells of every session that is up, and hands over the visitors that come on it.
 */
import type { Clock } from "../base/clock.ts";
import { ProtocolError, UsageError } from "../base/errors.ts";
import { randomHex } from "../base/random.ts";
import { AgentSession } from "../net/agent-session.ts";
import { DialError } from "../net/dial-error.ts";
import { IdleWatch } from "../net/idle-watch.ts";
import type { Answer } from "../net/rpc-answer.ts";
import { SessionError } from "../net/session-error.ts";
import type { SessionEnd } from "../net/session.ts";
import { AUTH, type AuthReply } from "../protocol/rpc/auth.ts";
import type { HeartbeatTiming } from "../protocol/rpc/heartbeat-machine.ts";
import { RemoteError } from "../protocol/rpc/rpc-error.ts";
import { faultFacts } from "../telemetry/fault-facts.ts";
import {
  clientSessionEstablished,
  failedToReconnect,
  heartbeatTimedOut,
  sessionClosed,
  tunnelSessionStarted,
} from "../telemetry/log-messages.ts";
import type { Logger } from "../telemetry/logger.ts";
import { type AgentIdentity, authRequest } from "./auth-request.ts";
import type { ConnectToEdge } from "./edge-connector.ts";
import type { Visitor } from "./forwarder/forwarder.ts";
import { type ReconnectCommand, type ReconnectEvent, ReconnectMachine } from "./reconnect-machine.ts";
import { sessionEndText } from "./session-end-text.ts";
import { authenticationFailed, isFatalRefusal, refusalText } from "./session-refusal.ts";

const SESSION_ID_BYTES = 6;

export interface SessionDriverOptions {
  readonly connect: ConnectToEdge;
  readonly identity: AgentIdentity;
  readonly heartbeat: HeartbeatTiming;
  /** The region that the edge must report; undefined for any. */
  readonly region: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
}

export interface SessionDriverHandler {
  /** For commands of the edge. */
  readonly answers: readonly Answer[];
  /** A session is up. */
  onSession(session: AgentSession): void;
  onVisitor(visitor: Visitor): void;
  /** State, or the reason for it, has changed. */
  onState(): void;
  /** The edge, or what it says about itself, makes further tries pointless. Nothing follows. */
  onRefused(refusal: RemoteError | UsageError): void;
}

export type SessionState = ReconnectMachine["state"];

/** One session that is kept up, as people and meters see it. */
export interface LegStatus {
  readonly state: SessionState;
  /** What the edge reports; empty before the first session. */
  readonly region: string;
  /** The last round trip; undefined until one was measured in the session that is up. */
  readonly latencyMs: number | undefined;
  /** Of the session that is up: visitors, calls and heartbeats. */
  readonly streamsOpen: number;
  /** Sessions that came about so far; all but the first of them are reconnects. */
  readonly sessionCount: number;
}

/** A session from its connection to its end. */
interface Leg {
  /** In log lines. */
  readonly id: string;
  readonly session: AgentSession;
  /** Once it is authenticated. */
  reply: AuthReply | undefined;
  establishedMs: number;
  end: SessionEnd | undefined;
}

export class SessionDriver {
  readonly #options: SessionDriverOptions;
  readonly #handler: SessionDriverHandler;
  readonly #idleWatch: IdleWatch;
  readonly #machine = new ReconnectMachine();
  #leg: Leg | undefined;
  #lastReply: AuthReply | undefined;
  #latencyMs: number | undefined;
  #sessionCount = 0;
  /** Empty for none. */
  #reason = "";
  #abortDial = new AbortController();
  #cancelPause = (): void => {};
  #onClosed = (): void => {};

  constructor(options: SessionDriverOptions, handler: SessionDriverHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#idleWatch = new IdleWatch(options.clock, (fault) => this.#onFault(fault));
  }

  get state(): SessionState {
    return this.#machine.state;
  }

  /** Why there is no session, after a failure. */
  get reason(): string | undefined {
    return this.#reason || undefined;
  }

  /** What the edge said about itself in the last session. */
  get edge(): AuthReply["edge"] | undefined {
    return this.#lastReply?.edge;
  }

  /** The last round trip measured; undefined before the first of a session. */
  get latencyMs(): number | undefined {
    return this.#latencyMs;
  }

  /** How long the session is up; undefined without one. */
  get heldMs(): number | undefined {
    return this.#leg?.reply === undefined ? undefined : this.#options.clock.nowMs() - this.#leg.establishedMs;
  }

  get leg(): LegStatus {
    return {
      state: this.state,
      region: this.edge?.region ?? "",
      latencyMs: this.#latencyMs,
      streamsOpen: this.#leg?.session.streamsOpen ?? 0,
      sessionCount: this.#sessionCount,
    };
  }

  /** Begins to dial. A second call does nothing. */
  start(): void {
    this.#handle({ type: "start" });
  }

  /** Ends dialling and session; resolves when the goodbye has left, or there was nobody to say it to. */
  stop(): Promise<void> {
    const hasSession = this.#leg?.session.isOpen === true;
    const { promise, resolve } = Promise.withResolvers<void>();
    if (hasSession) this.#onClosed = resolve;
    else resolve();
    this.#handle({ type: "stop" });
    this.#cancelPause();
    this.#abortDial.abort();
    this.#leg?.session.close("agent stops");
    return promise;
  }

  #handle(event: ReconnectEvent, reason = this.#reason): void {
    const [stateBefore, reasonBefore] = [this.state, this.#reason];
    this.#reason = reason;
    const command = this.#machine.handle(event, this.#options.random());
    if (this.state !== stateBefore || reason !== reasonBefore) this.#handler.onState();
    if (command !== undefined) this.#perform(command);
  }

  #perform(command: ReconnectCommand): void {
    switch (command.type) {
      case "dial":
        void this.#dial();
        return;
      case "pause":
        this.#cancelPause = this.#options.clock.after(command.ms, () => this.#handle({ type: "pauseOver" }));
        return;
      case "giveUp":
        return;
      default:
        command satisfies never;
    }
  }

  /** Never rejects. */
  async #dial(): Promise<void> {
    const id = randomHex(SESSION_ID_BYTES);
    this.#abortDial = new AbortController();
    const { signal } = this.#abortDial;
    try {
      const connection = await this.#options.connect(signal);
      if (signal.aborted) return connection.reset();
      const leg = this.#open(id, connection);
      leg.reply = await this.#authenticate(leg);
      this.#established(leg, leg.reply);
    } catch (error) {
      if (!signal.aborted) this.#failed(id, error);
    }
  }

  #open(id: string, connection: Awaited<ReturnType<ConnectToEdge>>): Leg {
    const { clock, heartbeat } = this.#options;
    const session = new AgentSession(
      connection,
      {
        answers: this.#handler.answers,
        onProxy: (header, stream, payload) => {
          const understandsResetCodes = leg.reply?.edge.ginnel?.resetCodes ?? false;
          this.#handler.onVisitor({ header, stream, payload, understandsResetCodes });
        },
        onRoundTrip: (roundTripMs) => {
          this.#latencyMs = roundTripMs;
        },
        onClose: (end) => this.#ended(leg, end),
      },
      { clock, heartbeat, idleWatch: this.#idleWatch, onFault: (fault) => this.#onFault(fault) },
    );
    const leg: Leg = { id, session, reply: undefined, establishedMs: 0, end: undefined };
    this.#leg = leg;
    return leg;
  }

  async #authenticate(leg: Leg): Promise<AuthReply> {
    const { session } = leg;
    const { identity, heartbeat } = this.#options;
    try {
      const reply = await session.call(AUTH, authRequest(identity, heartbeat, this.#lastReply));
      if (!session.isOpen) throw new SessionError("session ended", "The session ended after Auth.");
      this.#checkRegion(reply);
      return reply;
    } catch (error) {
      const { end } = leg;
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

  #established(leg: Leg, reply: AuthReply): void {
    const { clock, log } = this.#options;
    this.#lastReply = reply;
    this.#sessionCount++;
    leg.establishedMs = clock.nowMs();
    clientSessionEstablished(log, leg.id);
    tunnelSessionStarted(log);
    const warning = reply.edge.deprecationWarning;
    if (warning !== undefined) {
      log.warn("this version of the agent will be refused", { text: warning.message, date: warning.nextDate });
    }
    this.#handle({ type: "established" }, "");
    this.#handler.onSession(leg.session);
  }

  #failed(id: string, error: unknown): void {
    const shown = error instanceof RemoteError ? authenticationFailed(error) : error;
    const reason = shown instanceof Error ? shown.message : String(shown);
    failedToReconnect(this.#options.log, { id, err: shown instanceof RemoteError ? refusalText(shown) : shown });
    if (error instanceof RemoteError && !isFatalRefusal(error, this.#lastReply === undefined)) {
      return this.#handle({ type: "lost", heldMs: 0 }, reason);
    }
    if (shown instanceof RemoteError || shown instanceof UsageError) {
      this.#handle({ type: "refused" }, reason);
      return this.#handler.onRefused(shown);
    }
    if (!isOfTheNetwork(error)) this.#onFault(error);
    this.#handle({ type: "lost", heldMs: 0 }, reason);
  }

  #ended(leg: Leg, end: SessionEnd): void {
    leg.end = end;
    if (this.#leg === leg) this.#leg = undefined;
    this.#onClosed();
    // One that was never authenticated ends the call that waits for it.
    if (leg.reply === undefined) return;
    this.#latencyMs = undefined;
    if (end.type === "closed") return;
    const { log, clock } = this.#options;
    const err = sessionEndText(end);
    if (end.type === "silent") heartbeatTimedOut(log, { id: leg.id, clientId: leg.reply.sessionId, err });
    sessionClosed(log, { id: leg.id, err });
    this.#handle({ type: "lost", heldMs: clock.nowMs() - leg.establishedMs }, err);
  }

  #onFault(fault: unknown): void {
    this.#options.log.error("fault in a session", { obj: "tunnels.session", ...faultFacts(fault) });
  }
}

/** TLS came about, so that something is there, perhaps no edge. */
function unansweredAuth({ reason, message }: SessionError, end: SessionEnd | undefined): SessionError {
  const what = end === undefined ? message : `The session ended during Auth: ${sessionEndText(end)}.`;
  return new SessionError(reason, `${what} Is the server address that of an edge?`);
}

function isOfTheNetwork(error: unknown): boolean {
  return error instanceof DialError || error instanceof SessionError || error instanceof ProtocolError;
}
