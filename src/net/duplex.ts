/**
 * The one shape of a byte connection, whoever carries it: a TCP socket, a TLS connection, a multiplexed stream, a pipe
 * in memory. Callbacks, not promises, because every byte of every visitor passes here.
 */

/** Why a connection ended other than by both sides ending it in order. */
export interface CloseCause {
  /**
   * System name (`ECONNRESET`, `ETIMEDOUT`, `EPIPE`), `ERR_TLS_…`, `RESET` for a reset stream or pipe, `SESSION_ENDED`
   * for a stream whose session is gone.
   */
  readonly code: string;
  /** Code carried by the reset frame of a multiplexed stream (protocol.md section 2). */
  readonly resetCode?: number;
  readonly message?: string;
}

/** Hears one connection. No call is ever made from inside a method of the Duplex that it listens to. */
export interface DuplexHandler {
  /** Bytes from the peer, owned by the handler from now on. Never empty. */
  onData(bytes: Uint8Array): void;
  /** The queue has room again, after `write` answered false. */
  onDrain(): void;
  /** The peer ended its direction; ours may go on. At most once for each listener, after the last `onData`. */
  onEnd(): void;
  /** Nothing follows. Exactly once for each listener. Without a cause both directions were ended in order. */
  onClose(cause: CloseCause | undefined): void;
}

export interface Duplex {
  /** `ip:port` or `[ip6]:port` of the peer; a label in angle brackets where there is no address. */
  readonly remoteAddress: string;
  /** Our own end, in the same form; absent where the peer did not dial an address. */
  readonly localAddress?: string;
  /**
   * Sets or replaces the listener. Reading begins with the first call; nothing that came before it is lost. One that comes
   * after the peer's end, or after the close, hears of it too.
   */
  listen(handler: DuplexHandler): void;
  /** Takes all bytes, which the caller must not change afterwards. False: stop until `onDrain`. Ignored once closed. */
  write(bytes: Uint8Array): boolean;
  /**
   * Sends what can leave at once of `length` bytes from `offset`, and returns how many that were; keeps no reference, so
   * the caller may reuse the buffer. Nothing overtakes `write`: 0 while bytes are queued. When it took fewer than `length`,
   * `onDrain` follows. 0 once closed. Absent where it would not save a copy.
   */
  writeNow?(bytes: Uint8Array, offset: number, length: number): number;
  /** Ends our direction after everything written. Reading goes on until the peer ends too. */
  end(): void;
  /** Ends both directions at once; the peer sees a reset. Unsent bytes are lost. `onClose` still follows. */
  reset(code?: number): void;
  /**
   * The listener leaves, and gives back what it read too far: the next one hears that first, then everything that came since. Cheaper
   * than to pause, where the next one listens soon. Absent where it would not be.
   */
  release?(unread: Uint8Array): void;
  /** Stops and restarts the flow of `onData`; back-pressure reaches the peer. Both may be called twice. */
  pause(): void;
  resume(): void;
}
