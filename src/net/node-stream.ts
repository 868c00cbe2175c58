/** A {@link Duplex} as a stream of Node, for libraries that want one. Slower than the Duplex itself: not for splicing. */
import { Duplex as Stream } from "node:stream";
import type { CloseCause, Duplex } from "./duplex.ts";

export interface NodeStreamOptions {
  /** What was read from the connection before. */
  readonly initial?: Uint8Array;
  /** Sees what comes, `initial` too, before the stream's reader does. */
  readonly onRead?: (bytes: Uint8Array) => void;
  /** The connection has taken what waited for room. */
  readonly onDrain?: () => void;
  /** The connection has closed, which may be long after the stream has. */
  readonly onGone?: () => void;
}

/**
 * Takes the connection over: it is ended when the stream is ended, and reset when the stream is destroyed before. The stream
 * finishes once the connection has taken everything, and the peer may then keep its own direction open: how long it may take
 * for either is the caller's business.
 */
export function nodeStream(connection: Duplex, options: NodeStreamOptions = {}): Stream {
  return new ConnectionStream(connection, options);
}

class ConnectionStream extends Stream {
  readonly #connection: Duplex;
  readonly #onGone: () => void;
  /** What goes on when the connection has room, or has closed. */
  #blocked: (() => void) | undefined;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #hasRoom = true;
  #isFinished = false;
  #isClosed = false;

  constructor(
    connection: Duplex,
    { initial = NOTHING, onRead = ignore, onDrain = ignore, onGone = ignore }: NodeStreamOptions,
  ) {
    super({ allowHalfOpen: true });
    this.#connection = connection;
    this.#onGone = onGone;
    if (initial.length > 0) {
      onRead(initial);
      this.push(initial);
    }
    connection.listen({
      onData: (bytes) => {
        onRead(bytes);
        if (!this.push(bytes)) connection.pause();
      },
      onDrain: () => {
        onDrain();
        this.#unblock();
      },
      onEnd: () => {
        this.push(null);
      },
      onClose: (cause) => this.#onClose(cause),
    });
  }

  override _read(): void {
    this.#connection.resume();
  }

  /** Small pieces of one turn, such as the frames of a protocol, leave together. */
  override _write(bytes: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#gathered.length === 0) setImmediate(() => this.#flush());
    this.#gathered.push(bytes);
    this.#gatheredBytes += bytes.length;
    if (this.#gatheredBytes > GATHER_LIMIT_BYTES) this.#flush();
    if (this.#hasRoom) done();
    else this.#blocked = done;
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#flush();
    const end = (): void => {
      this.#isFinished = true;
      this.#connection.end();
      done();
    };
    // Behind an end nobody is told any more when the connection has taken everything.
    if (this.#hasRoom) end();
    else this.#blocked = end;
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#isClosed) {
      // After an end in order bytes may still be on their way: the peer is left to end its direction too.
      if (this.#isFinished && error === null) {
        this.#awaitEnd();
      } else {
        this.#connection.reset();
      }
    }
    done(error);
  }

  #awaitEnd(): void {
    this.#connection.listen({ onData: ignore, onDrain: ignore, onEnd: ignore, onClose: this.#onGone });
    this.#connection.resume();
  }

  #onClose(cause: CloseCause | undefined): void {
    this.#isClosed = true;
    this.#onGone();
    this.#unblock();
    if (cause !== undefined) this.destroy(Object.assign(new Error(cause.message ?? cause.code), { code: cause.code }));
  }

  #flush(): void {
    const pieces = this.#gathered;
    const joined = pieces.length > 1 && this.#gatheredBytes <= GATHER_LIMIT_BYTES ? [Buffer.concat(pieces)] : pieces;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    for (const piece of joined) this.#hasRoom = this.#connection.write(piece);
  }

  #unblock(): void {
    this.#hasRoom = true;
    const goOn = this.#blocked;
    this.#blocked = undefined;
    goOn?.();
  }
}

/** From here on a copy costs more than the system call it saves. */
const GATHER_LIMIT_BYTES = 16 * 1024;
const NOTHING = new Uint8Array(0);
const ignore = (): void => {};
