/** Reads the first bytes of a connection, as many as it takes to know who shall have it. */
import type { Duplex, DuplexHandler } from "../net/duplex.ts";
import type { IdleWatch, Watched } from "../net/idle-watch.ts";
import type { OpenVisitor, OpenVisitors } from "./open-visitors.ts";

const NOTHING = new Uint8Array(0);

export interface StartOptions {
  /** The connection is among them until its start is whole; an edge that drains does not wait for it. */
  readonly visitors: OpenVisitors;
  readonly idleWatch: IdleWatch;
  /** Then the connection is reset. */
  readonly limitMs: number;
  /** Hears of a connection that is reset for it. */
  readonly onLate?: () => void;
  /** Hears each piece as it comes; true once the start is whole. What it waits for has a limit of its own. */
  readonly isWhole: (bytes: Uint8Array) => boolean;
  /** The start is whole: all of it. Nothing more is heard until the callee listens to the connection, and resumes it. */
  readonly onStart: (start: Uint8Array) => void;
}

/** A connection that ends, or says nothing for too long, is dropped without a word. */
export function readStart(connection: Duplex, options: StartOptions): void {
  const start = new StartOfConnection(connection, options);
  connection.listen(start);
  options.visitors.add(start, connection.remoteAddress);
}

/** One object, and not a closure for each thing that can happen: every visitor needs two of these. */
class StartOfConnection implements DuplexHandler, OpenVisitor {
  readonly #connection: Duplex;
  readonly #options: StartOptions;
  readonly #deadline: Watched;
  /** What came before; starts in more than one piece are rare. */
  #pieces: Uint8Array[] | undefined;

  constructor(connection: Duplex, options: StartOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#deadline = options.idleWatch.watch(options.limitMs, () => this.#onLate());
  }

  drain(): void {
    this.#connection.reset();
  }

  cut(): void {
    this.#connection.reset();
  }

  onData(bytes: Uint8Array): void {
    const { isWhole, onStart, visitors } = this.#options;
    if (!isWhole(bytes)) {
      (this.#pieces ??= []).push(bytes);
      return;
    }
    this.#deadline.stop();
    if (this.#connection.release === undefined) this.#connection.pause();
    else this.#connection.release(NOTHING);
    onStart(this.#pieces === undefined ? bytes : Buffer.concat([...this.#pieces, bytes]));
    visitors.remove(this);
  }

  onDrain(): void {}

  onEnd(): void {
    this.#connection.reset();
  }

  onClose(): void {
    this.#deadline.stop();
    this.#options.visitors.remove(this);
  }

  #onLate(): void {
    this.#options.onLate?.();
    this.#connection.reset();
  }
}
