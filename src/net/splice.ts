/** Joins two connections, whatever carries them: what one side does, the other side's peer sees. */
import type { CloseCause, Duplex, DuplexHandler } from "./duplex.ts";

export interface SpliceOptions {
  /** Bytes for `first` or `second` that were read from the other before. */
  readonly toFirst?: Uint8Array | undefined;
  readonly toSecond?: Uint8Array | undefined;
  /** Told of progress: a byte read, or room made by a slow reader. */
  readonly activity?: { touch(): void } | undefined;
  /** Both have closed; without causes both directions were ended in order. */
  readonly onDone?: (firstCause: CloseCause | undefined, secondCause: CloseCause | undefined) => void;
}

/** Bytes forwarded so far, for meters. */
export interface Splice {
  readonly bytesFromFirst: number;
  readonly bytesFromSecond: number;
}

/**
 * Forwards bytes, half-close, reset (with its code, where it has one) and back-pressure both ways until both have closed.
 * Takes both connections over, paused or not. Holds no bytes itself.
 */
export function splice(first: Duplex, second: Duplex, options: SpliceOptions = {}): Splice {
  return new Joint(first, second, options);
}

class Joint implements Splice {
  readonly #fromFirst: Way;
  readonly #fromSecond: Way;
  readonly #onDone: SpliceOptions["onDone"];

  /** The options themselves are not kept: the bytes read before may be views of large chunks. */
  constructor(first: Duplex, second: Duplex, { toFirst, toSecond, activity, onDone }: SpliceOptions) {
    this.#onDone = onDone;
    this.#fromFirst = new Way(this, first, second, activity);
    this.#fromSecond = new Way(this, second, first, activity);
    this.#fromFirst.start(toSecond);
    this.#fromSecond.start(toFirst);
  }

  get bytesFromFirst(): number {
    return this.#fromFirst.bytes;
  }

  get bytesFromSecond(): number {
    return this.#fromSecond.bytes;
  }

  /** One way has closed. */
  onWayClosed(): void {
    if (!this.#fromFirst.isClosed || !this.#fromSecond.isClosed) return;
    this.#onDone?.(this.#fromFirst.cause, this.#fromSecond.cause);
  }
}

/** Hears one side and acts on the other. */
class Way implements DuplexHandler {
  bytes = 0;
  isClosed = false;
  cause: CloseCause | undefined;
  readonly #joint: Joint;
  readonly #from: Duplex;
  readonly #to: Duplex;
  readonly #activity: SpliceOptions["activity"];

  constructor(joint: Joint, from: Duplex, to: Duplex, activity: SpliceOptions["activity"]) {
    this.#joint = joint;
    this.#from = from;
    this.#to = to;
    this.#activity = activity;
  }

  /** `read` goes first; it came from our side before. */
  start(read: Uint8Array | undefined): void {
    this.#from.listen(this);
    this.#from.resume();
    if (read !== undefined && read.length > 0) this.onData(read);
  }

  onData(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.#activity?.touch();
    if (!this.#to.write(bytes)) this.#from.pause();
  }

  onDrain(): void {
    this.#activity?.touch();
    this.#to.resume();
  }

  onEnd(): void {
    this.#to.end();
  }

  onClose(cause: CloseCause | undefined): void {
    this.isClosed = true;
    this.cause = cause;
    // A turn later: what was read just before, perhaps the reason, can leave first where it need not wait.
    if (cause !== undefined) setImmediate(() => this.#to.reset(cause.resetCode));
    this.#joint.onWayClosed();
  }
}
