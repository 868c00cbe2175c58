/**
 * A stream as its user sees it. It is shaped so that it fits `Duplex` of net/duplex.ts, which this room may not import:
 * what each member promises stands there, and holds here; only what a stream adds is told.
 */

/** Fits `CloseCause`. `RESET` with the code of the frame, or `SESSION_ENDED`. */
export interface StreamCause {
  readonly code: string;
  readonly resetCode?: number;
  readonly message?: string;
}

/** Fits `DuplexHandler`. Calls are made from inside `Mux.receive` and `Mux.settle` and nowhere else. */
export interface StreamHandler {
  onData(bytes: Uint8Array): void;
  onDrain(): void;
  onEnd(): void;
  /** When the peer had ended its direction before, everything it sent is heard first, whatever the cause. */
  onClose(cause: StreamCause | undefined): void;
}

/** Fits `Duplex`. */
export interface MuxStream {
  readonly id: number;
  /** `<stream 5>`: who the visitor is stands in the proxy header. */
  readonly remoteAddress: string;
  listen(handler: StreamHandler): void;
  /** False from 256 KiB on that wait for credit or for the link. */
  write(bytes: Uint8Array): boolean;
  end(): void;
  /** Sends RST; without a code 7, stream reset. */
  reset(code?: number): void;
  /**
   * The peer may go on until its window is used up: at most 256 KiB, or what the window has grown to, waits here. When too much waits
   * on all streams together, those that stand longest are reset (code 10).
   */
  pause(): void;
  resume(): void;
  /** From now on frames of this stream leave before those of others: for heartbeats. */
  sendFirst(): void;
}
