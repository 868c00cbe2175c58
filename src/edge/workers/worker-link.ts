/**
 * One process of an edge as another one sees it: calls to it, and streams to the agents whose sessions it holds. Knows no endpoint,
 * and not which of the two decides.
 */
import type { Duplex } from "../../net/duplex.ts";
import type { Answer } from "../../net/rpc-answer.ts";
import { MAX_STREAMS, Session, type SessionEnd, type SessionServices } from "../../net/session.ts";
import { readStreamStart } from "../../net/stream-start.ts";
import type { MuxStream } from "../../protocol/mux/mux-stream.ts";
import { encodeRelayed, type Relayed, RelayStartDecoder } from "../../protocol/relay/relay-start.ts";
import type { HeartbeatTiming } from "../../protocol/rpc/heartbeat-machine.ts";
import type { RpcCall, RpcNotice } from "../../protocol/rpc/rpc-call.ts";

/** Who dialed, and who was dialed: a worker dials the hub. */
export type LinkSide = "dialed" | "accepted";

/**
 * How long the other process may stand still before it counts as gone. A worker costs its own visitors only, and another one takes its
 * place; without the hub all have to end.
 */
const HEARTBEATS: Readonly<Record<LinkSide, HeartbeatTiming>> = {
  accepted: { intervalMs: 1_000, toleranceMs: 8_000 },
  dialed: { intervalMs: 1_000, toleranceMs: 30_000 },
};
/** Streams of both processes to agents. The calls between them need the rest: without one a worker could not be told anything. */
const MAX_RELAYED = MAX_STREAMS - 8_192;
/** Agents come back all at once after a restart. */
const MAX_SERVED_CALLS = 32_768;

/** In each direction, of streams of all agents together: one of them alone, at the limit of its session, leaves room for others. */
const MAX_HELD_BYTES = 2 * 1024 * 1024 * 1024;

export interface WorkerLinkHandler {
  readonly answers: readonly Answer[];
  /** A stream for an agent whose session is here, or known to us, and how it begins. */
  onRelayed(stream: Duplex, relayed: Relayed): void;
  /** Nothing follows. Exactly once. */
  onClose(end: SessionEnd): void;
}

export class WorkerLink {
  readonly #session: Session;
  readonly #services: SessionServices;
  readonly #handler: WorkerLinkHandler;

  /** Owns the connection from now on. */
  constructor(side: LinkSide, connection: Duplex, handler: WorkerLinkHandler, services: SessionServices) {
    this.#services = services;
    this.#handler = handler;
    this.#session = new Session(
      connection,
      {
        name: side === "dialed" ? "agent" : "edge",
        answers: handler.answers,
        maxServedCalls: MAX_SERVED_CALLS,
        held: { maxUnreadBytes: MAX_HELD_BYTES, maxUnsentBytes: MAX_HELD_BYTES },
        admits: () => true,
        onProxyStream: (stream, start) => this.#onRelayed(stream, start),
        onHeard: () => {},
        onClose: (end) => handler.onClose(end),
      },
      services,
    );
    this.#session.probe(HEARTBEATS[side], {
      onRoundTrip: () => {},
      onDead: () => this.#session.abandon({ type: "silent" }),
    });
  }

  get isOpen(): boolean {
    return this.#session.isOpen;
  }

  /** See {@link Session.call}. */
  call<Request, Reply>(call: RpcCall<Request, Reply>, request: Request, timeoutMs?: number): Promise<Reply> {
    return this.#session.call(call, request, timeoutMs);
  }

  /** See {@link Session.notify}. */
  notify<Request>(notice: RpcNotice<Request>, request: Request): void {
    this.#session.notify(notice, request);
  }

  /**
   * A stream to an agent, which gets `first` in one piece; `start` is from `encodeRelayStart`. `undefined` when the link has ended, or
   * has no stream left.
   */
  relay(start: Uint8Array, first: Uint8Array): Duplex | undefined {
    const stream = this.#session.mux.streamsOpen < MAX_RELAYED ? this.#session.open() : undefined;
    stream?.write(encodeRelayed(start, first));
    return stream;
  }

  close(reason: string): void {
    this.#session.close(reason);
  }

  #onRelayed(stream: MuxStream, start: Uint8Array): void {
    const decoder = new RelayStartDecoder();
    const receive = (bytes: Uint8Array): boolean => {
      const found = decoder.receive(bytes);
      if (found !== undefined) this.#handler.onRelayed(stream, found);
      return found !== undefined;
    };
    readStreamStart(stream, start, receive, this.#services);
  }
}
