/** A connection whose bytes wait for their turns, in both directions. See {@link AccountPace}. */
import type { CloseCause, Duplex, DuplexHandler } from "../../net/duplex.ts";
import type { AccountPace, PacedWay } from "./account-pace.ts";

/** Holds what came before its peer could be stopped. What a reset finds waiting is lost, as on any connection. */
export class PacedDuplex implements Duplex, DuplexHandler {
  readonly #inner: Duplex;
  readonly #pace: AccountPace;
  readonly #outgoing: Way;
  readonly #incoming: Way;
  #handler: DuplexHandler | undefined;
  /** The inner connection takes more. */
  #hasRoom = true;
  #isPaused = false;
  /** `write` answered false. */
  #owesDrain = false;
  #endsAfterOutgoing = false;
  #hasPeerEnded = false;
  #hasClosed = false;
  #isOver = false;

  constructor(inner: Duplex, pace: AccountPace) {
    this.#inner = inner;
    this.#pace = pace;
    const fail = (): void => this.reset();
    this.#outgoing = new Way({ mayMove: () => this.#hasRoom, move: (bytes) => this.#send(bytes), fail });
    this.#incoming = new Way({ mayMove: () => !this.#isPaused, move: (bytes) => this.#deliver(bytes), fail });
  }

  get remoteAddress(): string {
    return this.#inner.remoteAddress;
  }

  listen(handler: DuplexHandler): void {
    this.#handler = handler;
    this.#inner.listen(this);
  }

  write(bytes: Uint8Array): boolean {
    if (this.#isOver || this.#endsAfterOutgoing) return true;
    this.#owesDrain = false;
    this.#outgoing.add(bytes);
    this.#pace.moveNow(this.#outgoing);
    this.#owesDrain = !this.#outgoing.isEmpty || !this.#hasRoom;
    return !this.#owesDrain;
  }

  end(): void {
    this.#endsAfterOutgoing = true;
    if (this.#outgoing.isEmpty) this.#inner.end();
  }

  reset(code?: number): void {
    this.#drop();
    this.#inner.reset(code);
  }

  pause(): void {
    this.#isPaused = true;
    this.#inner.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#incoming.isEmpty) this.#inner.resume();
    else this.#pace.moveLater(this.#incoming);
  }

  onData(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#incoming.add(bytes);
    this.#pace.moveNow(this.#incoming);
    if (!this.#incoming.isEmpty) this.#inner.pause();
  }

  onDrain(): void {
    this.#hasRoom = true;
    if (this.#outgoing.isEmpty) this.#drained();
    else this.#pace.moveLater(this.#outgoing);
  }

  onEnd(): void {
    this.#hasPeerEnded = true;
    if (this.#incoming.isEmpty) this.#handler?.onEnd();
  }

  /** What waits for its turn when both directions were ended in order still gets it. */
  onClose(cause: CloseCause | undefined): void {
    this.#hasClosed = true;
    if (cause === undefined && !this.#incoming.isEmpty) return;
    this.#drop();
    this.#handler?.onClose(cause);
  }

  #send(bytes: Uint8Array): void {
    this.#hasRoom = this.#inner.write(bytes);
    if (!this.#outgoing.isEmpty) return;
    if (this.#endsAfterOutgoing) this.#inner.end();
    else if (this.#hasRoom) this.#drained();
  }

  #drained(): void {
    if (!this.#owesDrain) return;
    this.#owesDrain = false;
    this.#handler?.onDrain();
  }

  #deliver(bytes: Uint8Array): void {
    this.#handler?.onData(bytes);
    if (this.#isOver || !this.#incoming.isEmpty) return;
    if (!this.#isPaused) this.#inner.resume();
    if (this.#hasPeerEnded) this.#handler?.onEnd();
    if (this.#hasClosed) this.onClose(undefined);
  }

  #drop(): void {
    this.#isOver = true;
    this.#outgoing.clear();
    this.#incoming.clear();
  }
}

interface WayOptions {
  readonly mayMove: () => boolean;
  readonly move: (bytes: Uint8Array) => void;
  readonly fail: () => void;
}

/** What waits in one direction. */
class Way implements PacedWay {
  readonly #options: WayOptions;
  readonly #chunks: Uint8Array[] = [];

  constructor(options: WayOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  get isReady(): boolean {
    return !this.isEmpty && this.#options.mayMove();
  }

  add(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#chunks.push(bytes);
  }

  clear(): void {
    this.#chunks.length = 0;
  }

  move(maxBytes: number): number {
    const [chunk] = this.#chunks;
    if (chunk === undefined) return 0;
    const piece = chunk.length <= maxBytes ? chunk : chunk.subarray(0, maxBytes);
    if (piece === chunk) this.#chunks.shift();
    else this.#chunks[0] = chunk.subarray(maxBytes);
    this.#options.move(piece);
    return piece.length;
  }

  fail(): void {
    this.#options.fail();
  }
}
