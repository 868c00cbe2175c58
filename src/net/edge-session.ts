import { ProtocolError } from "../base/errors.ts";
import { AUTH, type AuthReply, type AuthRequest } from "../protocol/rpc/auth.ts";
import { type AgentTraits, agentTraits, UNKNOWN_AGENT } from "../protocol/rpc/foreign-agents.ts";
import type { HeartbeatTiming } from "../protocol/rpc/heartbeat-machine.ts";
import type { ProxyHeaderEncoder } from "../protocol/rpc/proxy-header.ts";
import type { RpcCall, RpcNotice } from "../protocol/rpc/rpc-call.ts";
import { isServedBeforeAuth, STREAM_TYPES } from "../protocol/rpc/stream-type.ts";
import { echoesWithin } from "./alive-check.ts";
import type { Duplex } from "./duplex.ts";
import type { Watched } from "./idle-watch.ts";
import { type Answer, answer } from "./rpc-answer.ts";
import { Session, type SessionEnd, type SessionServices } from "./session.ts";

/** From the connection to a successful Auth. */
const AUTH_LIMIT_MS = 30_000;
/** After a refusal agents close the connection themselves. */
const REFUSED_LIMIT_MS = 5_000;
/** An agent needs two at most; each may make us hold a message of the largest size, and nobody knows who sends it. */
const MAX_CALLS_BEFORE_AUTH = 4;
/** Our probes begin behind the Auth reply: agents serve our streams only then (protocol.md section 4). */
const FIRST_PROBE_DELAY_MS = 100;
/** An agent chooses how often we probe, and for how long we keep it when it is silent, within these. */
const MIN_HEARTBEAT_MS = 1_000;
const MAX_HEARTBEAT_MS = 300_000;
/** By how much anything may be late beyond interval and tolerance. */
const SILENCE_MARGIN_MS = 1_000;

export interface EdgeSessionHandler {
  /** The agent's one try. What it throws refuses the agent, see `answer`. */
  onAuth(request: AuthRequest): Promise<AuthReply>;
  /** Calls of the agent, made by `answer`: SrvInfo, which is served before Auth too, and those that need Auth. */
  readonly answers: readonly Answer[];
  onRoundTrip(roundTripMs: number): void;
  /** Nothing follows. Exactly once. */
  onClose(end: SessionEnd): void;
}

/** The edge's side of a session: lets the agent in, opens proxy streams, and drops an agent that has gone silent. */
export class EdgeSession {
  readonly #session: Session;
  readonly #handler: EdgeSessionHandler;
  readonly #services: SessionServices;
  #auth: "expected" | "running" | "refused" | "done" = "expected";
  #callsBeforeAuth = 0;
  #traits: AgentTraits = UNKNOWN_AGENT;
  /** The agent has this long for its next step: Auth, going away when refused, or anything once it is in. */
  #deadline: Watched | undefined;
  #cancelFirstProbe = (): void => {};

  /** Owns the connection, behind TLS, from now on. The handler is called on later turns only. */
  constructor(duplex: Duplex, handler: EdgeSessionHandler, services: SessionServices) {
    this.#handler = handler;
    this.#services = services;
    this.#session = new Session(
      duplex,
      {
        name: "edge",
        answers: [...handler.answers, answer(AUTH, (request) => this.#authenticate(request))],
        admits: (streamType) => this.#auth === "done" || this.#admitsBeforeAuth(streamType),
        onProxyStream: undefined,
        onHeard: () => this.#onHeard(),
        onClose: (end) => this.#onClose(end),
      },
      services,
    );
    this.#await(AUTH_LIMIT_MS, { type: "unauthenticated" });
  }

  get isOpen(): boolean {
    return this.#session.isOpen;
  }

  /** Those of the most careful kind until Auth succeeded. */
  get traits(): AgentTraits {
    return this.#traits;
  }

  get streamsOpen(): number {
    return this.#session.mux.streamsOpen;
  }

  /** See {@link Session.call}. Look at the agent's `stopUnsupported` and its like first: Go never answers those. */
  call<Request, Reply>(call: RpcCall<Request, Reply>, request: Request, timeoutMs?: number): Promise<Reply> {
    return this.#session.call(call, request, timeoutMs);
  }

  /** See {@link Session.notify}. */
  notify<Request>(notice: RpcNotice<Request>, request: Request): void {
    this.#session.notify(notice, request);
  }

  /**
   * A stream to the agent for one visitor connection, with all of its header and `first` on the way. Undefined when the agent
   * can take no more streams, or is not there.
   */
  openProxy(header: ProxyHeaderEncoder, visitorAddress: string, first?: Uint8Array): Duplex | undefined {
    return this.#openStream(() => header.encode(visitorAddress, first));
  }

  /** A stream that begins with these bytes, the stream type first; as {@link openProxy}. */
  openStream(first: Uint8Array): Duplex | undefined {
    return this.#openStream(() => first);
  }

  /** Bytes from the agent so far, of whichever stream. */
  get bytesHeard(): number {
    return this.#session.mux.bytesIn;
  }

  /** Asks the agent whether it is there, and whether anything is heard of it in time: its answer may wait behind other bytes. */
  async answersWithin(limitMs: number): Promise<boolean> {
    const heardBefore = this.bytesHeard;
    const stream = this.#session.open();
    // One with all of its streams in use is busy, not gone.
    if (stream === undefined) return this.#session.isOpen;
    const hasAnswered = await echoesWithin(stream, limitMs, this.#session.clock);
    return hasAnswered || (this.#session.isOpen && this.bytesHeard > heardBefore);
  }

  /** As {@link answersWithin}; the session of an agent of which nothing is heard has then been ended. */
  async isAlive(limitMs: number): Promise<boolean> {
    const isAlive = await this.answersWithin(limitMs);
    if (!isAlive) this.#session.abandon({ type: "silent" });
    return isAlive;
  }

  /** Says goodbye and ends the connection when everything written has left. */
  close(message: string): void {
    this.#session.close(message);
  }

  #openStream(first: () => Uint8Array): Duplex | undefined {
    if (this.#auth !== "done" || this.streamsOpen >= this.#traits.maxStreams) return undefined;
    const stream = this.#session.open();
    stream?.write(first());
    return stream;
  }

  #admitsBeforeAuth(streamType: number): boolean {
    if (!isServedBeforeAuth(streamType)) return false;
    // Heartbeats have a limit of their own.
    if (streamType !== STREAM_TYPES.heartbeat) this.#callsBeforeAuth += 1;
    return this.#callsBeforeAuth <= MAX_CALLS_BEFORE_AUTH;
  }

  async #authenticate(request: AuthRequest): Promise<AuthReply> {
    if (this.#auth !== "expected") throw new ProtocolError("A session has one Auth, and this one has had it.");
    this.#auth = "running";
    try {
      const reply = await this.#handler.onAuth(request);
      this.#admit(request);
      return reply;
    } catch (error) {
      this.#refuse();
      throw error;
    }
  }

  #refuse(): void {
    if (!this.#session.isOpen) return;
    this.#auth = "refused";
    this.#await(REFUSED_LIMIT_MS, { type: "unauthenticated" });
  }

  #admit({ agent }: AuthRequest): void {
    if (!this.#session.isOpen) return;
    this.#auth = "done";
    this.#traits = agentTraits(agent);
    this.#session.mux.finBeforeReset = this.#traits.abortNeedsFinFirst;
    this.#session.mux.answersEachFrame = this.#traits.delaysSmallSegments;
    this.#session.mux.peerKeepsCredit = this.#traits.usesLargerWindows;
    const timing = { intervalMs: bounded(agent.heartbeatIntervalMs), toleranceMs: bounded(agent.heartbeatToleranceMs) };
    this.#await(timing.intervalMs + timing.toleranceMs + SILENCE_MARGIN_MS, { type: "silent" });
    this.#cancelFirstProbe = this.#session.clock.after(FIRST_PROBE_DELAY_MS, () => this.#probe(timing));
  }

  /** The agent's next step must come in this time. */
  #await(limitMs: number, otherwise: SessionEnd): void {
    this.#deadline?.stop();
    this.#deadline = this.#services.idleWatch.watch(limitMs, () => this.#session.abandon(otherwise));
  }

  /** For the round trip. That nothing is heard is what the deadline is for, since many agents probe by themselves. */
  #probe(timing: HeartbeatTiming): void {
    this.#session.probe(timing, {
      onRoundTrip: (roundTripMs) => this.#handler.onRoundTrip(roundTripMs),
      onDead: () => {},
    });
  }

  #onHeard(): void {
    if (this.#auth === "done") this.#deadline?.touch();
  }

  #onClose(end: SessionEnd): void {
    this.#deadline?.stop();
    this.#cancelFirstProbe();
    this.#handler.onClose(end);
  }
}

function bounded(durationMs: number): number {
  return Math.min(Math.max(durationMs, MIN_HEARTBEAT_MS), MAX_HEARTBEAT_MS);
}
