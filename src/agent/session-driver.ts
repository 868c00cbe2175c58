/**
 * Keeps one leg of the agent up, a session with its edge: dials, authenticates, and dials again when it is lost, for as long as
 * the machine says. Knows no tunnels and no other legs: it tells of every session that is up, and hands over the visitors that
 * come on it.
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
import type { ConnectToEdge } from "./edge-connector.ts";
import { EdgeLeg, type EdgeLegOptions, newLegId } from "./edge-leg.ts";
import type { Visitor } from "./forwarder/forwarder.ts";
import type { Placement } from "./leg-placement.ts";
import { type ReconnectCommand, type ReconnectEvent, ReconnectMachine } from "./reconnect-machine.ts";
import { sessionEndText } from "./session-end-text.ts";
import type { SessionLog } from "./session-log.ts";
import { authenticationFailed, isFatalRefusal } from "./session-refusal.ts";

const MISPLACED = "the agent has a session in the process of the edge that it came to";

export interface SessionDriverOptions extends EdgeLegOptions {
  readonly connect: ConnectToEdge;
  /** The reply that the agent goes on from; undefined before it ever had a session. */
  readonly former: () => AuthReply | undefined;
  readonly log: SessionLog;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
}

export interface SessionDriverHandler {
  /** For commands of the edge. */
  readonly answers: readonly Answer[];
  /** Whether a session that came about is to be had. One that is not ends at once; a surplus one is the last. */
  place(reply: AuthReply): Placement;
  /** A session is up. */
  onSession(session: AgentSession, reply: AuthReply): void;
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
  /** Why there is no session, after a failure. */
  readonly reason: string | undefined;
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
      reason: this.reason,
      region: this.edge?.region ?? "",
      latencyMs: this.#latencyMs,
      streamsOpen: this.#leg?.session.streamsOpen ?? 0,
      sessionCount: this.#sessionCount,
    };
  }

  /** The process of the edge that has the session; undefined without one. */
  get worker(): number | undefined {
    return this.state === "online" ? this.edge?.ginnel?.worker : undefined;
  }

  /** Begins to dial. A second call does nothing. */
  start(): void {
    this.#handle({ type: "start" });
  }

  /** See {@link ReconnectEvent}. */
  placesChanged(): void {
    this.#handle({ type: "placesChanged" });
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
        this.#cancelPause();
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
      this.#established(leg, await leg.authenticate(this.#options.former()));
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
    const placement = this.#handler.place(reply);
    if (placement !== "keep") return this.#leave(leg, reply, placement);
    this.#lastReply = reply;
    this.#sessionCount++;
    this.#options.log.established(leg.id, reply);
    this.#handle({ type: "established" }, "");
    this.#handler.onSession(leg.session, reply);
  }

  #leave(leg: EdgeLeg, reply: AuthReply, placement: Exclude<Placement, "keep">): void {
    // Whatever becomes of it, the next one is another one.
    this.#leg = undefined;
    this.#latencyMs = undefined;
    this.#options.log.misplaced(leg.id, reply);
    leg.session.close("the agent has enough sessions here");
    this.#handle({ type: placement === "elsewhere" ? "misplaced" : "stop" }, MISPLACED);
  }

  #failed(id: string, error: unknown): void {
    const shown = error instanceof RemoteError ? authenticationFailed(error) : error;
    const reason = shown instanceof Error ? shown.message : String(shown);
    this.#options.log.failed(id, shown);
    if (error instanceof RemoteError && !isFatalRefusal(error, this.#options.former() === undefined)) {
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
    this.#options.log.ended(leg.id, reply, end);
    if (wasCurrent) this.#handle({ type: "lost", heldMs }, sessionEndText(end));
  }

  #onFault(fault: unknown): void {
    this.#options.log.fault(fault);
  }
}

function isOfTheNetwork(error: unknown): boolean {
  return error instanceof DialError || error instanceof SessionError || error instanceof ProtocolError;
}
