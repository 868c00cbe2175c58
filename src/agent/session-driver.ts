/**
 * Keeps the agent's session with its edge up: dials, authenticates, and dials again when it is lost, for as long as the
 * machine says. Knows no tunnels: it tells of every session that is up, and hands over the visitors that come on it.
 */
import { ProtocolError, UsageError } from "../base/errors.ts";
import type { AgentSession } from "../net/agent-session.ts";
import { DialError } from "../net/dial-error.ts";
import type { Duplex } from "../net/duplex.ts";
import { IdleWatch } from "../net/idle-watch.ts";
import type { Answer } from "../net/rpc-answer.ts";
import { SessionError } from "../net/session-error.ts";
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
import type { Logger } from "../telemetry/logger.ts";
import type { ConnectToEdge } from "./edge-connector.ts";
import { EdgeLeg, type EdgeLegOptions, newLegId } from "./edge-leg.ts";
import type { Visitor } from "./forwarder/forwarder.ts";
import { type ReconnectCommand, type ReconnectEvent, ReconnectMachine } from "./reconnect-machine.ts";
import { sessionEndText } from "./session-end-text.ts";
import { authenticationFailed, isFatalRefusal, refusalText } from "./session-refusal.ts";

export interface SessionDriverOptions extends EdgeLegOptions {
  readonly connect: ConnectToEdge;
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

export class SessionDriver {
  readonly #options: SessionDriverOptions;
  readonly #handler: SessionDriverHandler;
  readonly #idleWatch: IdleWatch;
  readonly #machine = new ReconnectMachine();
  #leg: EdgeLeg | undefined;
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
    return this.#leg?.heldMs;
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
    // First: whatever listeners do with the news, the next try is on its way.
    if (command !== undefined) this.#perform(command);
    if (this.state !== stateBefore || reason !== reasonBefore) this.#handler.onState();
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
    const id = newLegId();
    this.#abortDial = new AbortController();
    const { signal } = this.#abortDial;
    let leg: EdgeLeg | undefined;
    try {
      const connection = await this.#options.connect(signal);
      if (signal.aborted) return connection.reset();
      leg = this.#open(id, connection);
      this.#established(leg, await leg.authenticate(this.#lastReply));
    } catch (error) {
      // One that the edge has let in would stay beside the next one.
      leg?.session.close("the agent failed");
      if (!signal.aborted) this.#failed(id, error);
    }
  }

  #open(id: string, connection: Duplex): EdgeLeg {
    const handler = {
      answers: this.#handler.answers,
      onVisitor: (visitor: Visitor) => this.#handler.onVisitor(visitor),
      onRoundTrip: (roundTripMs: number) => {
        this.#latencyMs = roundTripMs;
      },
      onEnd: (ended: EdgeLeg, end: SessionEnd) => this.#ended(ended, end),
    };
    const onFault = (fault: unknown): void => this.#onFault(fault);
    const leg = new EdgeLeg(id, connection, handler, { ...this.#options, idleWatch: this.#idleWatch, onFault });
    this.#leg = leg;
    return leg;
  }

  #established(leg: EdgeLeg, reply: AuthReply): void {
    const { log } = this.#options;
    this.#lastReply = reply;
    this.#sessionCount++;
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

  #ended(leg: EdgeLeg, end: SessionEnd): void {
    const wasCurrent = this.#leg === leg;
    if (wasCurrent) this.#leg = undefined;
    this.#onClosed();
    // One that was never authenticated ends the call that waits for it.
    const { reply, heldMs } = leg;
    if (reply === undefined || heldMs === undefined) return;
    if (wasCurrent) this.#latencyMs = undefined;
    if (end.type === "closed") return;
    const { log } = this.#options;
    const err = sessionEndText(end);
    if (end.type === "silent") heartbeatTimedOut(log, { id: leg.id, clientId: reply.sessionId, err });
    sessionClosed(log, { id: leg.id, err });
    if (wasCurrent) this.#handle({ type: "lost", heldMs }, err);
  }

  #onFault(fault: unknown): void {
    this.#options.log.error("fault in a session", { obj: "tunnels.session", ...faultFacts(fault) });
  }
}

function isOfTheNetwork(error: unknown): boolean {
  return error instanceof DialError || error instanceof SessionError || error instanceof ProtocolError;
}
