/**
 * A session: typed streams over one multiplexed connection, the same for both roles. Knows stream types, calls with
 * deadlines and heartbeats; what a role adds is in agent-session.ts and edge-session.ts. What calls mean is for those who
 * pass the answers.
 */
import type { Clock } from "../base/clock.ts";
import { MUX_ERRORS } from "../protocol/mux/error-codes.ts";
import type { MuxOptions } from "../protocol/mux/mux.ts";
import type { MuxStream } from "../protocol/mux/mux-stream.ts";
import type { MuxRole } from "../protocol/mux/stream-ids.ts";
import type { HeartbeatTiming } from "../protocol/rpc/heartbeat-machine.ts";
import { encodeRequest, type RpcCall, type RpcNotice } from "../protocol/rpc/rpc-call.ts";
import { STREAM_TYPES } from "../protocol/rpc/stream-type.ts";
import type { Duplex } from "./duplex.ts";
import { guardedClock, type OnFault } from "./faults.ts";
import { HeartbeatEcho, HeartbeatProbe, type ProbeHandler } from "./heartbeat.ts";
import type { IdleWatch } from "./idle-watch.ts";
import { lingeringEnd } from "./linger.ts";
import { type LinkEnd, MuxLink, type SessionMux } from "./mux-link.ts";
import { placeCall } from "./placed-call.ts";
import type { Answer } from "./rpc-answer.ts";
import { ServedCall } from "./served-call.ts";
import { SessionError } from "./session-error.ts";
import { readStreamType } from "./untyped-stream.ts";

/** Streams of both openers. Above every limit that foreign-agents.ts gives to an edge; a peer's further ones get RST 5. */
export const MAX_STREAMS = 65_536;
/** Calls of a stranger that we work on at a time; its further ones are refused with RST 5. Go sends calls in parallel. */
const MAX_SERVED_CALLS = 128;
/** Streams whose type has not come yet. Both official agents let fewer wait. */
const MAX_UNTYPED_STREAMS = 1024;
/** A peer needs one. */
const MAX_ECHOES = 4;
/** What a call may take unless its caller says otherwise. */
const CALL_TIMEOUT_MS = 10_000;

/** Why a session ended. */
export type SessionEnd =
  | LinkEnd
  /** Nothing came in time, not even a heartbeat. */
  | { readonly type: "silent" }
  /** An edge waited in vain for a successful Auth. */
  | { readonly type: "unauthenticated" };

export interface SessionServices {
  readonly clock: Clock;
  /** May be shared by all sessions of the process. */
  readonly idleWatch: IdleWatch;
  readonly onFault: OnFault;
  /** What was already read from the connection. */
  readonly initial?: Uint8Array;
}

/** What a role decides. */
export interface SessionRole {
  readonly name: MuxRole;
  readonly answers: readonly Answer[];
  /** Calls of the peer that are worked on at a time, where it is no stranger. */
  readonly maxServedCalls?: number;
  /** What all streams together may make us hold, where the peer is no stranger and has streams of many. */
  readonly held?: Pick<MuxOptions, "maxUnreadBytes" | "maxUnsentBytes">;
  /** False: a stream of this type is refused for now. */
  admits(streamType: number): boolean;
  /** Proxy streams of the peer, where the role has them. Listens or resets before returning. */
  readonly onProxyStream: ((stream: MuxStream, start: Uint8Array) => void) | undefined;
  /** The peer sent something. */
  onHeard(): void;
  /** Nothing follows. Exactly once. */
  onClose(end: SessionEnd): void;
}

export class Session {
  readonly #link: MuxLink;
  readonly #role: SessionRole;
  readonly #services: SessionServices;
  readonly #clock: Clock;
  readonly #answers: ReadonlyMap<number, Answer>;
  #untypedStreams = 0;
  #servedCalls = 0;
  #echoes = 0;
  #probe: HeartbeatProbe | undefined;
  #bestRoundTripMs = Number.POSITIVE_INFINITY;
  #isOpen = true;
  #endedBecause: SessionEnd | undefined;

  /** Owns the connection from now on. The role is called on later turns only. */
  constructor(duplex: Duplex, role: SessionRole, services: SessionServices) {
    this.#role = role;
    this.#services = services;
    this.#answers = new Map(role.answers.map((answer) => [answer.streamType, answer]));
    const { onFault, initial } = services;
    const clock = guardedClock(services.clock, (error) => {
      onFault(error);
      this.abandon({ type: "fault", error });
    });
    this.#clock = clock;
    const handler = {
      onStream: (stream: MuxStream) => this.#onStream(stream),
      onHeard: (nowMs: number) => {
        this.#probe?.heard(nowMs);
        role.onHeard();
      },
      onFault,
      onClose: (end: LinkEnd) => this.#onClose(end),
    };
    this.#link = new MuxLink(role.name, duplex, handler, {
      clock,
      maxStreams: MAX_STREAMS,
      ...role.held,
      ...(initial && { initial }),
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Streams and bytes of the session. */
  get mux(): SessionMux {
    return this.#link.mux;
  }

  get remoteAddress(): string {
    return this.#link.remoteAddress;
  }

  /** For what belongs to this session: a fault in a waking ends it, and nothing else. */
  get clock(): Clock {
    return this.#clock;
  }

  /** Rejects with RemoteError (refused), ProtocolError (nonsense either way) or SessionError (no reply). */
  async call<Request, Reply>(
    call: RpcCall<Request, Reply>,
    request: Request,
    timeoutMs: number = CALL_TIMEOUT_MS,
  ): Promise<Reply> {
    const bytes = encodeRequest(call, request);
    const stream = this.open();
    if (stream === undefined) throw this.#hasNoStream(call.name);
    return await placeCall(stream, call, bytes, { clock: this.#clock, timeoutMs });
  }

  /** Sends a message that has no reply. */
  notify<Request>(notice: RpcNotice<Request>, request: Request): void {
    const bytes = encodeRequest(notice, request);
    const stream = this.open();
    if (stream === undefined) return;
    stream.write(bytes);
    lingeringEnd(stream, this.#clock);
  }

  /**
   * A stream of ours without a type: write it in one piece with what follows. Undefined when the session has ended, or has as
   * many streams as it may.
   */
  open(): MuxStream | undefined {
    return this.#isOpen ? this.#link.mux.open() : undefined;
  }

  /** Starts our probes, once. Every echo is told to the link, whose windows grow by the best time seen. */
  probe(timing: HeartbeatTiming, handler: ProbeHandler): void {
    const stream = this.#probe === undefined ? this.open() : undefined;
    if (stream === undefined) return;
    this.#probe = new HeartbeatProbe(stream, timing, this.#clock, {
      onRoundTrip: (roundTripMs) => {
        this.#bestRoundTripMs = Math.min(this.#bestRoundTripMs, roundTripMs);
        this.#link.mux.roundTripMs = this.#bestRoundTripMs;
        handler.onRoundTrip(roundTripMs);
      },
      onDead: () => handler.onDead(),
    });
  }

  /** Says goodbye and ends the connection when everything written has left. */
  close(message: string): void {
    this.#isOpen = false;
    this.#probe?.stop();
    this.#link.close(MUX_ERRORS.none, message);
  }

  /** Ends the connection at once, for a reason that `onClose` is told. */
  abandon(end: SessionEnd): void {
    this.#isOpen = false;
    this.#endedBecause ??= end;
    this.#probe?.stop();
    this.#link.reset();
  }

  #hasNoStream(name: string): SessionError {
    // Whoever waits for the next session after "session ended" would wait for this one, without a pause.
    if (this.#isOpen)
      return new SessionError("no stream", `All streams of the session are in use, none is left for ${name}.`);
    return new SessionError("session ended", `There is no session for ${name}.`);
  }

  #onClose(end: LinkEnd): void {
    this.#isOpen = false;
    this.#probe?.stop();
    this.#role.onClose(this.#endedBecause ?? end);
  }

  #onStream(stream: MuxStream): void {
    if (this.#untypedStreams >= MAX_UNTYPED_STREAMS) {
      stream.reset(MUX_ERRORS.streamRefused);
      return;
    }
    this.#untypedStreams++;
    readStreamType(stream, this.#services.idleWatch, {
      onSettled: () => this.#untypedStreams--,
      onTyped: (streamType, rest) => this.#onTyped(stream, streamType, rest),
    });
  }

  #onTyped(stream: MuxStream, streamType: number, rest: Uint8Array): void {
    const answer = this.#answers.get(streamType);
    if (!this.#role.admits(streamType)) stream.reset(MUX_ERRORS.streamRefused);
    else if (answer !== undefined) this.#serve(stream, answer, rest);
    else if (streamType === STREAM_TYPES.heartbeat) this.#echo(stream, rest);
    else if (streamType === STREAM_TYPES.proxy && this.#role.onProxyStream !== undefined) {
      this.#role.onProxyStream(stream, rest);
    } else stream.reset(MUX_ERRORS.streamRefused);
  }

  #serve(stream: MuxStream, answer: Answer, rest: Uint8Array): void {
    if (this.#servedCalls >= (this.#role.maxServedCalls ?? MAX_SERVED_CALLS)) {
      stream.reset(MUX_ERRORS.streamRefused);
      return;
    }
    this.#servedCalls++;
    const { idleWatch, onFault } = this.#services;
    const call = new ServedCall(stream, answer, { idleWatch, onFault, onDone: () => this.#servedCalls-- });
    stream.listen(call);
    if (rest.length > 0) call.onData(rest);
  }

  #echo(stream: MuxStream, rest: Uint8Array): void {
    if (this.#echoes >= MAX_ECHOES) {
      stream.reset(MUX_ERRORS.streamRefused);
      return;
    }
    this.#echoes++;
    const echo = new HeartbeatEcho(stream, () => this.#echoes--);
    stream.listen(echo);
    if (rest.length > 0) echo.onData(rest);
  }
}
