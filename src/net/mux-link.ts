/**
 * Joins a multiplexer and the connection that carries it. Collects what all streams send in one turn of the event loop
 * into one write. Never pauses the link for a slow stream: windows bound what a stream may hold. Knows no stream types.
 */
import type { Clock } from "../base/clock.ts";
import { ProtocolError } from "../base/errors.ts";
import { MUX_ERRORS } from "../protocol/mux/error-codes.ts";
import { Mux, type MuxOptions } from "../protocol/mux/mux.ts";
import type { MuxStream } from "../protocol/mux/mux-stream.ts";
import type { MuxRole } from "../protocol/mux/stream-ids.ts";
import type { CloseCause, Duplex } from "./duplex.ts";

/** Larger batches gained nothing when measured, smaller ones cost system calls. */
const BATCH_BYTES = 128 * 1024;
/** One for all links: filled and handed over within a call, and what a link does not take is copied out. */
const BATCH = new Uint8Array(BATCH_BYTES);
/** How long the link has for taking our goodbye and for closing, before it is reset. */
export const CLOSE_DEADLINE_MS = 5_000;

/** Why a session ended. */
export type LinkEnd =
  /** {@link MuxLink.close} was called. */
  | { readonly type: "closed" }
  /** The peer said goodbye (GOAWAY). */
  | { readonly type: "goAway"; readonly code: number; readonly message: string }
  /** The connection ended, without a word; a cause when it did not end in order. */
  | { readonly type: "lost"; readonly cause: CloseCause | undefined }
  /** The peer broke the protocol; we said so and closed. */
  | { readonly type: "violation"; readonly error: ProtocolError }
  /** The multiplexer itself failed, or what hears it; a fault of ours, which `onFault` has heard. */
  | { readonly type: "fault"; readonly error: unknown };

export interface MuxLinkHandler {
  /** As `MuxHandler.onStream`. */
  onStream(stream: MuxStream): void;
  /** Bytes came from the peer; before what they cause. */
  onHeard(nowMs: number): void;
  /** As `MuxHandler.onFault`: to be logged with its stack. */
  onFault(error: unknown): void;
  /** Once. Streams close with `SESSION_ENDED` in the same turn; none is opened any more. */
  onClose(end: LinkEnd): void;
}

export interface MuxLinkOptions extends MuxOptions {
  readonly clock: Clock;
  /** What was already read from the connection. */
  readonly initial?: Uint8Array;
}

/** The part of the multiplexer that is not the link's own business. */
export type SessionMux = Pick<
  Mux,
  | "open"
  | "streamsOpen"
  | "bytesIn"
  | "bytesOut"
  | "queuedBytes"
  | "roundTripMs"
  | "finBeforeReset"
  | "answersEachFrame"
  | "peerKeepsCredit"
>;

export class MuxLink {
  readonly #mux: Mux;
  readonly #duplex: Duplex;
  readonly #handler: MuxLinkHandler;
  readonly #clock: Clock;
  /** What the link did not take of the last batch. */
  #rest: Uint8Array | undefined;
  #isBlocked = false;
  #isScheduled = false;
  /** Why we are ending the session; once set, what happens to the link on the way is only a consequence. */
  #reason: LinkEnd | undefined;
  #hasEnded = false;
  #isLinkEnded = false;
  #isLinkClosed = false;
  #cancelDeadline: (() => void) | undefined;

  /** Owns the connection from now on, which may be paused. The handler is called on later turns only. */
  constructor(role: MuxRole, duplex: Duplex, handler: MuxLinkHandler, options: MuxLinkOptions) {
    this.#duplex = duplex;
    this.#handler = handler;
    this.#clock = options.clock;
    this.#mux = new Mux(
      role,
      {
        onWork: () => this.#schedule(),
        onStream: (stream) => handler.onStream(stream),
        onFault: (error) => handler.onFault(error),
        onGoAway: (code, message) => this.#finish({ type: "goAway", code, message }),
      },
      options,
    );
    setImmediate(() => this.#start(options.initial));
  }

  get mux(): SessionMux {
    return this.#mux;
  }

  get remoteAddress(): string {
    return this.#duplex.remoteAddress;
  }

  /** Says goodbye after what is queued, and closes the connection; `onClose` follows within seconds, whatever the peer does. */
  close(code: number = MUX_ERRORS.none, message = ""): void {
    if (this.#hasEnded || this.#reason !== undefined) return;
    this.#reason = { type: "closed" };
    this.#mux.goAway(code, message);
    this.#limitClosing();
  }

  /** Drops the connection without a word: the peer is dead, or must be. */
  reset(): void {
    this.#duplex.reset();
  }

  #start(initial: Uint8Array | undefined): void {
    try {
      if (initial !== undefined && initial.length > 0) this.#receive(initial);
    } catch (fault) {
      this.#drop(fault);
    }
    this.#duplex.listen({
      onData: (bytes) => this.#receive(bytes),
      onDrain: () => this.#onDrain(),
      onEnd: () => this.#finish({ type: "lost", cause: undefined }),
      onClose: (cause) => this.#onLinkClosed(cause),
    });
    this.#duplex.resume();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      try {
        this.#turn();
      } catch (fault) {
        this.#drop(fault);
      }
      this.#isScheduled = false;
      if (this.#mux.hasCalls || (this.#mux.hasOutput && !this.#isBlocked)) this.#schedule();
    });
  }

  #turn(): void {
    try {
      this.#mux.settle(this.#clock.nowMs());
    } catch (error) {
      this.#fail(error);
    }
    this.#flush();
  }

  #receive(bytes: Uint8Array): void {
    const nowMs = this.#clock.nowMs();
    this.#handler.onHeard(nowMs);
    try {
      this.#mux.receive(bytes, nowMs);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const isViolation = error instanceof ProtocolError;
    const end: LinkEnd = isViolation ? { type: "violation", error } : { type: "fault", error };
    this.#reason = end;
    if (!isViolation) this.#handler.onFault(error);
    this.#mux.goAway(isViolation ? MUX_ERRORS.protocol : MUX_ERRORS.internal, isViolation ? error.message : "");
    this.#flush();
    this.#finish(end);
  }

  /** On a turn of our own nobody else places a fault: it costs this session. */
  #drop(fault: unknown): void {
    this.#handler.onFault(fault);
    this.#reason ??= { type: "fault", error: fault };
    this.#duplex.reset();
  }

  #onDrain(): void {
    this.#isBlocked = false;
    this.#flush();
  }

  #flush(): void {
    if (this.#rest !== undefined && !this.#isBlocked) {
      const rest = this.#rest;
      this.#rest = undefined;
      this.#send(rest, rest.length);
    }
    while (!this.#isBlocked) {
      const count = this.#mux.fillBatch(BATCH);
      if (count === 0) break;
      this.#send(BATCH, count);
    }
    if (this.#mux.isOver && this.#rest === undefined) this.#endLink();
  }

  #send(batch: Uint8Array, count: number): void {
    if (this.#duplex.writeNow === undefined) {
      this.#isBlocked = !this.#duplex.write(batch.slice(0, count));
      return;
    }
    const taken = this.#duplex.writeNow(batch, 0, count);
    if (taken === count) return;
    this.#rest = batch.slice(taken, count);
    this.#isBlocked = true;
  }

  /** The goodbye is out: nothing that we could send or read has a meaning any more. */
  #endLink(): void {
    if (this.#isLinkEnded) return;
    this.#isLinkEnded = true;
    this.#duplex.end();
    this.#finish({ type: "closed" });
  }

  #onLinkClosed(cause: CloseCause | undefined): void {
    this.#isLinkClosed = true;
    this.#cancelDeadline?.();
    this.#finish({ type: "lost", cause });
  }

  #finish(found: LinkEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const end = this.#reason ?? found;
    this.#mux.end({ code: "SESSION_ENDED", message: messageOf(end) });
    this.#limitClosing();
    this.#schedule(); // tells the listeners of streams, and ends the link
    this.#handler.onClose(end);
  }

  #limitClosing(): void {
    if (this.#isLinkClosed) return;
    this.#cancelDeadline ??= this.#clock.after(CLOSE_DEADLINE_MS, () => this.#duplex.reset());
  }
}

function messageOf(end: LinkEnd): string {
  switch (end.type) {
    case "closed":
      return "the session was closed";
    case "goAway":
      return `the peer closed the session: ${end.message}`;
    case "lost":
      return end.cause === undefined ? "the peer closed the connection" : `the connection was lost: ${end.cause.code}`;
    case "violation":
      return `the peer broke the protocol: ${end.error.message}`;
    case "fault":
      return "the session failed";
    default:
      return end satisfies never;
  }
}
