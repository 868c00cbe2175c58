import type { CloseCause, Duplex, DuplexHandler } from "../net/duplex.ts";
import { RESET_CODES } from "../protocol/mux/reset-codes.ts";

/**
 * What is kept to be sent once more. The refusal comes within a turn of the other process, when hardly more than the first request has been
 * written; a visitor who was faster is refused.
 */
export const MAX_KEPT_BYTES = 64 * 1024;

/** A stream, and whom it leads to. */
export interface StreamOver<L> {
  readonly stream: Duplex;
  readonly leg: L;
}

const NOBODY: DuplexHandler = { onData: () => {}, onDrain: () => {}, onEnd: () => {}, onClose: () => {} };

/**
 * A stream that another process may refuse when it is open already here: the session there has gone, or has no stream left. Nothing has
 * reached an agent then, so the visitor goes on over the next leg, with all that was written. Once: who comes next answers for itself.
 */
export class RefusableStream<L> implements StreamOver<L>, Duplex, DuplexHandler {
  /** Where the visitor is now. */
  #over: StreamOver<L>;
  readonly #next: () => StreamOver<L> | undefined;
  #handler = NOBODY;
  /** `undefined`: the visitor stays with this leg, whatever comes. */
  #written: Uint8Array[] | undefined = [];
  #writtenBytes = 0;
  #isEnding = false;
  #isPaused = false;
  /** `write` has answered false. */
  #isWriterWaiting = false;

  /** Owns the stream. `next` opens one over another leg, with what this one began with. */
  constructor(first: StreamOver<L>, next: () => StreamOver<L> | undefined) {
    this.#over = first;
    this.#next = next;
  }

  get stream(): Duplex {
    return this;
  }

  get leg(): L {
    return this.#over.leg;
  }

  get remoteAddress(): string {
    return this.#over.stream.remoteAddress;
  }

  listen(handler: DuplexHandler): void {
    this.#handler = handler;
    this.#over.stream.listen(this);
  }

  write(bytes: Uint8Array): boolean {
    this.#keep(bytes);
    const hasRoom = this.#over.stream.write(bytes);
    if (!hasRoom) this.#isWriterWaiting = true;
    return hasRoom;
  }

  end(): void {
    this.#isEnding = true;
    this.#over.stream.end();
  }

  reset(code?: number): void {
    this.#written = undefined;
    this.#over.stream.reset(code);
  }

  pause(): void {
    this.#isPaused = true;
    this.#over.stream.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#over.stream.resume();
  }

  onData(bytes: Uint8Array): void {
    this.#written = undefined;
    this.#handler.onData(bytes);
  }

  onDrain(): void {
    this.#isWriterWaiting = false;
    this.#handler.onDrain();
  }

  onEnd(): void {
    this.#written = undefined;
    this.#handler.onEnd();
  }

  onClose(cause: CloseCause | undefined): void {
    const written = this.#written;
    this.#written = undefined;
    const next = written !== undefined && isRefusal(cause) ? this.#next() : undefined;
    if (written === undefined || next === undefined) this.#handler.onClose(cause);
    else this.#goOn(next, written);
  }

  #goOn(next: StreamOver<L>, written: readonly Uint8Array[]): void {
    this.#over = next;
    const { stream } = next;
    let hasRoom = true;
    for (const bytes of written) hasRoom = stream.write(bytes);
    if (this.#isEnding) stream.end();
    if (this.#isPaused) stream.pause();
    stream.listen(this);
    // What was written behind the refusal, and before it was heard, had no room.
    if (hasRoom && this.#isWriterWaiting) this.onDrain();
  }

  #keep(bytes: Uint8Array): void {
    if (this.#written === undefined) return;
    this.#writtenBytes += bytes.length;
    if (this.#writtenBytes > MAX_KEPT_BYTES) this.#written = undefined;
    else this.#written.push(bytes);
  }
}

/** The other process says so before it has opened a stream to the agent, and never later. */
function isRefusal(cause: CloseCause | undefined): boolean {
  return cause?.resetCode === RESET_CODES.noWayToAgent;
}
