import type { ProtocolError } from "../base/errors.ts";
import type { MuxStream } from "../protocol/mux/mux-stream.ts";
import type { HeartbeatTiming } from "../protocol/rpc/heartbeat-machine.ts";
import { type ProxyHeader, ProxyHeaderDecoder } from "../protocol/rpc/proxy-header.ts";
import type { RpcCall } from "../protocol/rpc/rpc-call.ts";
import type { Duplex } from "./duplex.ts";
import type { Answer } from "./rpc-answer.ts";
import { Session, type SessionEnd, type SessionServices } from "./session.ts";
import { readStreamStart } from "./stream-start.ts";

/** Finds a dead edge in 10 s, so that an agent is back in 15 s. To be told to the edge in Auth. */
export const AGENT_HEARTBEAT: HeartbeatTiming = { intervalMs: 5_000, toleranceMs: 5_000 };

export interface AgentSessionHandler {
  /** Commands of the edge, made by `answer` and `hear`. Those without one are refused. */
  readonly answers: readonly Answer[];
  /**
   * A visitor came. The handler owns the stream and listens to it, or resets it, before returning. `payload` is what came with
   * the header and may be empty; the stream goes on behind it.
   */
  onProxy(header: ProxyHeader, stream: Duplex, payload: Uint8Array): void;
  onRoundTrip(roundTripMs: number): void;
  /** Nothing follows. Exactly once. */
  onClose(end: SessionEnd): void;
}

/** The agent's side of a session. Probes at once and for as long as it lives; the caller sends Auth and the binds. */
export class AgentSession {
  readonly #session: Session;
  readonly #handler: AgentSessionHandler;
  readonly #services: SessionServices;

  /** Owns the connection, behind TLS, from now on. The handler is called on later turns only. */
  constructor(
    duplex: Duplex,
    handler: AgentSessionHandler,
    services: SessionServices & { readonly heartbeat: HeartbeatTiming },
  ) {
    this.#handler = handler;
    this.#services = services;
    this.#session = new Session(
      duplex,
      {
        name: "agent",
        answers: handler.answers,
        admits: () => true,
        onProxyStream: (stream, start) => this.#onProxyStream(stream, start),
        onHeard: () => {},
        onClose: (end) => handler.onClose(end),
      },
      services,
    );
    this.#session.probe(services.heartbeat, {
      onRoundTrip: (roundTripMs) => handler.onRoundTrip(roundTripMs),
      onDead: () => this.#session.abandon({ type: "silent" }),
    });
  }

  get isOpen(): boolean {
    return this.#session.isOpen;
  }

  get streamsOpen(): number {
    return this.#session.mux.streamsOpen;
  }

  /** The edge is one of ours, which keeps all credit that it gets: see {@link Mux.peerKeepsCredit}. */
  edgeKeepsCredit(): void {
    this.#session.mux.peerKeepsCredit = true;
  }

  /** See {@link Session.call}. */
  call<Request, Reply>(call: RpcCall<Request, Reply>, request: Request, timeoutMs?: number): Promise<Reply> {
    return this.#session.call(call, request, timeoutMs);
  }

  /** The edge answered what cannot be: ends the connection at once, and another session may follow. */
  giveUp(error: ProtocolError): void {
    this.#session.abandon({ type: "violation", error });
  }

  /** Says goodbye and ends the connection when everything written has left. */
  close(message: string): void {
    this.#session.close(message);
  }

  #onProxyStream(stream: MuxStream, start: Uint8Array): void {
    const decoder = new ProxyHeaderDecoder();
    const receive = (bytes: Uint8Array): boolean => {
      const found = decoder.receive(bytes);
      if (found !== undefined) this.#handler.onProxy(found.header, stream, found.payload);
      return found !== undefined;
    };
    readStreamStart(stream, start, receive, this.#services);
  }
}
