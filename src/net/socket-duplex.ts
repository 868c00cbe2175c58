/**
 * A kernel socket as a {@link Duplex}: TCP, unix, and TLS on top of either, which Bun offers with one interface. This file
 * knows what Bun's sockets do that nobody would expect; how they come about (listen, dial, TLS upgrade) is elsewhere.
 *
 * An idle connection costs one object and no timer: the callbacks are shared by all sockets.
 */
import type { Socket, SocketHandler } from "bun";
import { systemClock, type Clock } from "../base/clock.ts";
import { formatHostPort } from "../base/host-port.ts";
import type { CloseCause, Duplex, DuplexHandler } from "./duplex.ts";
import { warnOfFault, type OnFault } from "./faults.ts";
import { UnsentQueue } from "./unsent-queue.ts";

export interface SocketOptions {
  /** Hears what handlers throw. */
  readonly onFault?: OnFault;
  /** After our `end`, how long the peer may take to end too; then the socket is reset with `ETIMEDOUT`. Default: for ever. */
  readonly lingerMs?: number;
  readonly clock?: Clock;
}

/** A socket taken out of its Duplex, with what it had received and not yet handed on. */
export interface DetachedSocket {
  readonly socket: Socket<SocketDuplex>;
  readonly unread: readonly Uint8Array[];
}

const NO_OPTIONS: SocketOptions = {};
/** What a side that resets learns about the end; the peer sees a reset of the transport. */
const RESET_HERE: CloseCause = { code: "RESET", message: "reset by this side" };

export class SocketDuplex implements Duplex {
  /** For `Bun.listen`, `Bun.connect` and `upgradeTLS`, with a SocketDuplex as the socket's data. */
  static readonly events: SocketHandler<SocketDuplex> = {
    binaryType: "uint8array",
    open: (socket) => socket.data.attach(socket),
    data: (socket, bytes: Uint8Array) => socket.data.#received(bytes),
    drain: (socket) => socket.data.#writable(),
    end: (socket) => socket.data.#ended(),
    close: (socket, error) => socket.data.#socketClosed(error),
    error: (socket, error) => socket.data.#sessionFailed(error),
    handshake: (socket, ok, error) => socket.data.#shookHands(ok, error),
    connectError: () => {}, // the promise of Bun.connect says it too
  };

  /** Payload bytes, as the kernel delivered and took them. */
  receivedBytes = 0;
  sentBytes = 0;

  readonly #options: SocketOptions;
  #socket: Socket<SocketDuplex> | undefined;
  #handler: DuplexHandler | undefined;
  #onHandshake: ((ok: boolean, error: Error | undefined) => void) | undefined;
  #isTls = false;
  #address: string | undefined;
  /** Only while the kernel is full. */
  #unsent: UnsentQueue | undefined;
  /** Received while nobody could hear it. At most what was under way when the kernel was told to pause. */
  #held: Uint8Array[] | undefined;
  #owesDrain = false;
  #isPaused = false;
  #isSocketPaused = false;
  #hasEnded = false;
  #hasShutDown = false;
  #hasPeerEnded = false;
  #toldEnd = false;
  #isClosed = false;
  #toldClose = false;
  #cause: CloseCause | undefined;
  #stopLinger: (() => void) | undefined;

  constructor(options: SocketOptions = NO_OPTIONS) {
    this.#options = options;
  }

  /** Ties the open socket to this Duplex. Called once, before any other event. */
  attach(socket: Socket<SocketDuplex>): void {
    this.#socket = socket;
  }

  /**
   * Takes the socket away: this Duplex stays silent for ever. `undefined` when either side has ended or closed, or bytes
   * wait for the kernel.
   */
  detach(): DetachedSocket | undefined {
    const socket = this.#socket;
    const isOver = this.#isClosed || this.#hasEnded || this.#hasPeerEnded;
    if (socket === undefined || isOver || this.#unsent !== undefined) return undefined;
    const unread = this.#held ?? [];
    this.#held = undefined;
    this.#handler = undefined;
    this.#socket = undefined;
    this.#toldClose = true;
    return { socket, unread };
  }

  /** Calls back once: when the TLS handshake ended, or when the socket closed before. */
  onHandshake(callback: (ok: boolean, error: Error | undefined) => void): void {
    this.#isTls = true;
    this.#onHandshake = callback;
  }

  /** Whether the bytes heard here were inside TLS. Bun cannot start TLS once more on such a socket. */
  get isTls(): boolean {
    return this.#isTls;
  }

  get remoteAddress(): string {
    const socket = this.#socket;
    if (this.#address === undefined && socket !== undefined) {
      this.#address = addressText(socket.remoteAddress, socket.remotePort);
    }
    return this.#address ?? "<closed>";
  }

  /** Our end, in the form of `remoteAddress`. */
  get localAddress(): string {
    const socket = this.#socket;
    return socket === undefined ? "<closed>" : addressText(socket.localAddress, socket.localPort);
  }

  /** Bytes that wait for room in the kernel. */
  get unsentBytes(): number {
    return this.#unsent?.bytes ?? 0;
  }

  listen(handler: DuplexHandler): void {
    this.#handler = handler;
    this.#continueReading();
  }

  /** The listener leaves and gives back what it read too far; the next one hears that first, then everything that came since. */
  release(unread: Uint8Array): void {
    this.#handler = undefined;
    if (unread.length > 0) (this.#held ??= []).unshift(unread);
  }

  write(bytes: Uint8Array): boolean {
    if (this.#isClosed || this.#hasEnded) return false;
    if (this.#unsent !== undefined) {
      this.#unsent.push(bytes);
      return false;
    }
    const taken = this.writeNow(bytes, 0, bytes.length);
    if (taken === bytes.length) return true;
    if (!this.#isClosed) this.#unsent = new UnsentQueue(bytes, taken);
    return false;
  }

  writeNow(bytes: Uint8Array, offset: number, length: number): number {
    const socket = this.#socket;
    // An empty write answers 0 like a full kernel does, but no drain would follow.
    if (socket === undefined || this.#isClosed || this.#hasEnded || length === 0) return 0;
    if (this.#unsent !== undefined) {
      this.#owesDrain = true;
      return 0;
    }
    // All three arguments always: without a length Bun rejects an offset.
    const taken = socket.write(bytes, offset, length);
    if (taken < 0) {
      this.#broken();
      return 0;
    }
    this.sentBytes += taken;
    if (taken < length) this.#owesDrain = true;
    return taken;
  }

  end(): void {
    if (this.#isClosed || this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#unsent === undefined) this.#shutDown();
  }

  reset(): void {
    if (this.#isClosed) return;
    this.#close(RESET_HERE);
    this.#socket?.terminate();
  }

  pause(): void {
    this.#isPaused = true;
    this.#pauseSocket();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#handler !== undefined) this.#continueReading();
  }

  #continueReading(): void {
    if (this.#isPaused) return;
    if (this.#isSocketPaused && !this.#isClosed) {
      this.#isSocketPaused = false;
      this.#socket?.resume();
    }
    if (this.#held !== undefined || this.#hasPeerEnded || this.#isClosed) this.#tellSoon();
  }

  #pauseSocket(): void {
    if (this.#isSocketPaused || this.#isClosed) return;
    this.#isSocketPaused = true;
    this.#socket?.pause();
  }

  #received(bytes: Uint8Array): void {
    if (this.#isClosed || this.#socket === undefined) return;
    this.receivedBytes += bytes.length;
    const handler = this.#handler;
    if (handler === undefined || this.#isPaused || this.#held !== undefined) {
      // TLS delivers what it has decrypted even when paused, so this is more than the case before `listen`.
      (this.#held ??= []).push(bytes);
      if (this.#isPaused || handler === undefined) this.#pauseSocket();
      return;
    }
    try {
      handler.onData(bytes);
    } catch (fault) {
      this.#fault(fault);
    }
  }

  #writable(): void {
    if (this.#isClosed || this.#socket === undefined) return;
    if (this.#unsent !== undefined) {
      const flushed = this.#unsent.flush(this.#socket);
      if (flushed < 0) return this.#broken();
      this.sentBytes += flushed;
      if (this.#unsent.bytes > 0) return;
      this.#unsent = undefined;
    }
    if (this.#hasEnded) return this.#shutDown();
    if (!this.#owesDrain) return; // TLS also reports room that nobody waits for
    this.#owesDrain = false;
    try {
      this.#handler?.onDrain();
    } catch (fault) {
      this.#fault(fault);
    }
  }

  #shutDown(): void {
    if (this.#hasShutDown) return;
    this.#hasShutDown = true;
    // Not end(): that also stops reading, and can destroy bytes under way with a reset.
    this.#socket?.shutdown();
    const { lingerMs, clock = systemClock } = this.#options;
    if (lingerMs === undefined || this.#isClosed) return;
    this.#stopLinger = clock.after(lingerMs, () => {
      this.#close({ code: "ETIMEDOUT", message: "the peer did not end its direction" });
      this.#socket?.terminate();
    });
  }

  #ended(): void {
    if (this.#socket === undefined) return;
    this.#hasPeerEnded = true;
    this.#tell();
  }

  #sessionFailed(error: Error): void {
    this.#cause ??= { code: "ERR_TLS_SESSION", message: error.message };
  }

  #socketClosed(error: Error | undefined): void {
    this.#shookHands(false, error);
    if (error !== undefined) this.#close({ code: codeOf(error) ?? "ECONNRESET", message: error.message });
    // When we ended first, Bun reports the peer's end as the close only.
    else if (this.#hasShutDown || this.#cause !== undefined) this.#close(this.#cause);
    else this.#close({ code: "EPIPE", message: "closed before everything was sent" });
  }

  #shookHands(ok: boolean, error: Error | null | undefined): void {
    const callback = this.#onHandshake;
    this.#onHandshake = undefined;
    callback?.(ok, error ?? undefined);
  }

  #broken(): void {
    this.#close({ code: "EPIPE", message: "the peer no longer reads" });
    this.#socket?.terminate();
  }

  #fault(fault: unknown): void {
    (this.#options.onFault ?? warnOfFault)(fault);
    this.reset();
  }

  #close(cause: CloseCause | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cause = cause;
    this.#unsent = undefined;
    if (cause === undefined) this.#hasPeerEnded = true;
    else this.#held = undefined;
    this.#stopLinger?.();
    this.#shookHands(false, undefined);
    // Bun closes from inside terminate() and write(); the handler must not hear it from there.
    this.#tellSoon();
  }

  #tellSoon(): void {
    queueMicrotask(() => this.#tell());
  }

  /** Everything the handler has not heard and may hear now, in order: held bytes, the end, the close. */
  #tell(): void {
    try {
      this.#tellHeld();
      const isOrderly = this.#cause === undefined || !this.#isClosed;
      if (isOrderly && (this.#isPaused || this.#held !== undefined)) return;
      if (isOrderly && this.#hasPeerEnded && !this.#toldEnd && this.#handler !== undefined) {
        this.#toldEnd = true;
        this.#handler.onEnd();
      }
    } catch (fault) {
      this.#fault(fault);
    }
    if (!this.#isClosed || this.#toldClose || this.#handler === undefined) return;
    this.#toldClose = true;
    try {
      this.#handler.onClose(this.#cause);
    } catch (fault) {
      this.#fault(fault);
    }
  }

  #tellHeld(): void {
    // The handler may pause, leave or be replaced at each chunk.
    while (this.#held !== undefined && !this.#isPaused && this.#handler !== undefined) {
      const bytes = this.#held.shift();
      if (this.#held.length === 0) this.#held = undefined;
      if (bytes !== undefined) this.#handler.onData(bytes);
    }
  }
}

function addressText(address: string | undefined, port: number): string {
  if (!address) return "<unix>";
  // An IPv4 peer of a socket that listens on both families.
  const plain = address.startsWith("::ffff:") && address.includes(".") ? address.slice("::ffff:".length) : address;
  return formatHostPort({ host: plain, port });
}

function codeOf(error: Error): string | undefined {
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}
