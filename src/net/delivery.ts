import type { CloseCause, DuplexHandler } from "./duplex.ts";

/**
 * What a connection has to tell its listener, in order: bytes, the peer's end, the close. Holds bytes that may not be told
 * yet, because nobody listens or the listener paused; whoever delivers is told so and stops the source. Knows no socket.
 */
export class Delivery {
  readonly #onFault: (fault: unknown) => void;
  #handler: DuplexHandler | undefined;
  /** At most what was under way when the source was told to pause. */
  #held: Uint8Array[] | undefined;
  #isPaused = false;
  #hasEnded = false;
  #toldEnd = false;
  #isClosed = false;
  #toldClose = false;
  #cause: CloseCause | undefined;

  /** `onFault` hears what the listener throws. */
  constructor(onFault: (fault: unknown) => void) {
    this.#onFault = onFault;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The peer ended its direction. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Whether somebody listens who has not paused. */
  get isWanted(): boolean {
    return this.#handler !== undefined && !this.#isPaused;
  }

  /** The new listener hears what is held, and the end and the close even when another one has heard them. */
  listen(handler: DuplexHandler): void {
    this.#handler = handler;
    this.#toldEnd = false;
    this.#toldClose = false;
    this.#tellDue();
  }

  /** Nobody listens any more; `unread` goes before what is held. */
  release(unread: Uint8Array): void {
    this.#handler = undefined;
    if (unread.length > 0) (this.#held ??= []).unshift(unread);
  }

  /** Nobody listens any more, and what was held is the caller's. */
  leave(): readonly Uint8Array[] {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#handler = undefined;
    return held;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#tellDue();
  }

  /** False: nobody may hear these bytes now, so they are held. */
  receive(bytes: Uint8Array): boolean {
    const handler = this.#handler;
    if (handler === undefined || this.#isPaused || this.#held !== undefined) {
      (this.#held ??= []).push(bytes);
      return false;
    }
    try {
      handler.onData(bytes);
    } catch (fault) {
      this.#onFault(fault);
    }
    return true;
  }

  drained(): void {
    try {
      this.#handler?.onDrain();
    } catch (fault) {
      this.#onFault(fault);
    }
  }

  end(): void {
    this.#hasEnded = true;
    this.#tell();
  }

  /** Told on a later turn. With a cause, what is held is lost; without one, the peer has ended too. Once. */
  close(cause: CloseCause | undefined): void {
    this.#isClosed = true;
    this.#cause = cause;
    if (cause === undefined) this.#hasEnded = true;
    else this.#held = undefined;
    this.#tellDue();
  }

  #tellDue(): void {
    const isDue = this.#held !== undefined || this.#hasEnded || this.#isClosed;
    if (isDue && this.#handler !== undefined) queueMicrotask(() => this.#tell());
  }

  /** Everything the listener has not heard and may hear now. */
  #tell(): void {
    const isBroken = this.#isClosed && this.#cause !== undefined;
    try {
      this.#tellHeld();
      if (!isBroken && (this.#isPaused || this.#held !== undefined)) return;
      if (!isBroken && this.#hasEnded && !this.#toldEnd && this.#handler !== undefined) {
        this.#toldEnd = true;
        this.#handler.onEnd();
      }
    } catch (fault) {
      this.#onFault(fault);
    }
    if (!this.#isClosed || this.#toldClose || this.#handler === undefined) return;
    this.#toldClose = true;
    try {
      this.#handler.onClose(this.#cause);
    } catch (fault) {
      this.#onFault(fault);
    }
  }

  #tellHeld(): void {
    // The listener may pause, leave or be replaced at each chunk.
    while (this.#held !== undefined && !this.#isPaused && this.#handler !== undefined) {
      const bytes = this.#held.shift();
      if (this.#held.length === 0) this.#held = undefined;
      if (bytes !== undefined) this.#handler.onData(bytes);
    }
  }
}
