/**
 * A kernel socket as a {@link Duplex}: TCP, unix, and TLS on top of either, which Bun offers with one interface. This file
 * knows what Bun's sockets do that nobody would expect; how they come about (listen, dial, TLS upgrade) is elsewhere.
 *
 * An idle connection costs two small objects and no timer: the callbacks are shared by all sockets.
 */
import type { Socket, SocketHandler } from "bun";
import { systemClock, type Clock } from "../base/clock.ts";
import { formatHostPort } from "../base/host-port.ts";
import { Delivery } from "./delivery.ts";
import type { CloseCause, Duplex, DuplexHandler } from "./duplex.ts";
import { warnOfFault, type OnFault } from "./faults.ts";
import { UnsentQueue } from "./unsent-queue.ts";

export interface SocketOptions {
  /** Hears what handlers throw. */
  readonly onFault?: OnFault | undefined;
  /** After our `end`, how long the peer may take to end too; then the socket is reset with `ETIMEDOUT`. Default: for ever. */
  readonly lingerMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** What a connection needs for as long as it lives, out of options with which it is made. */
export function socketOptionsOf({ onFault, lingerMs, clock }: SocketOptions): SocketOptions {
  return { onFault, lingerMs, clock };
}

/** Both ends of a connection, each in the form of {@link Duplex.remoteAddress}. */
export interface SocketEnds {
  readonly remote: string;
  readonly local: string;
}

/** A socket taken out of its Duplex, with what it had received and not yet handed on. */
export interface DetachedSocket {
  readonly socket: Socket<SocketDuplex>;
  readonly unread: readonly Uint8Array[];
  /** For whom it stands, if not for its own ends. */
  readonly standsFor: SocketEnds | undefined;
}

const NO_OPTIONS: SocketOptions = {};
/** After a write that failed the kernel tells of the close at once; this is for a socket that does not. */
const BROKEN_LIMIT_MS = 1_000;
const BROKEN: CloseCause = { code: "EPIPE", message: "the peer no longer reads" };
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
  readonly #delivery = new Delivery((fault) => this.#fault(fault));
  #socket: Socket<SocketDuplex> | undefined;
  #onHandshake: ((ok: boolean, error: Error | undefined) => void) | undefined;
  #isTls = false;
  #address: string | undefined;
  #standsFor: SocketEnds | undefined;
  /** Only while the kernel is full. */
  #unsent: UnsentQueue | undefined;
  #owesDrain = false;
  #isSocketPaused = false;
  #hasEnded = false;
  #hasShutDown = false;
  /** A write failed: nothing more is written, and the close is under way. */
  #isBroken = false;
  #tlsFailure: CloseCause | undefined;
  /** Until when the peer has to end or the kernel to tell of the close. */
  #cancelDeadline: (() => void) | undefined;

  constructor(options: SocketOptions = NO_OPTIONS) {
    this.#options = options;
  }

  /** Ties the open socket to this Duplex. Called once, before any other event. */
  attach(socket: Socket<SocketDuplex>): void {
    this.#socket = socket;
  }

  /**
   * Takes the socket away: this Duplex has nothing more to tell. `undefined` when either side has ended or closed, or
   * bytes wait for the kernel.
   */
  detach(): DetachedSocket | undefined {
    const socket = this.#socket;
    const isOver = this.#delivery.isClosed || this.#hasEnded || this.#delivery.hasEnded;
    if (socket === undefined || isOver || this.#isBroken || this.#unsent !== undefined) return undefined;
    this.#socket = undefined;
    return { socket, unread: this.#delivery.leave(), standsFor: this.#standsFor };
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

  /** The socket carries a connection between these ends, and has their addresses from now on, as far as anybody sees. */
  standFor(ends: SocketEnds): void {
    this.#standsFor = ends;
  }

  get remoteAddress(): string {
    if (this.#standsFor !== undefined) return this.#standsFor.remote;
    const socket = this.#socket;
    if (this.#address === undefined && socket !== undefined) {
      this.#address = addressText(socket.remoteAddress, socket.remotePort);
    }
    return this.#address ?? "<closed>";
  }

  /** Our end, in the form of `remoteAddress`. */
  get localAddress(): string {
    if (this.#standsFor !== undefined) return this.#standsFor.local;
    const socket = this.#socket;
    return socket === undefined ? "<closed>" : addressText(socket.localAddress, socket.localPort);
  }

  /** Bytes that wait for room in the kernel. */
  get unsentBytes(): number {
    return this.#unsent?.bytes ?? 0;
  }

  listen(handler: DuplexHandler): void {
    this.#delivery.listen(handler);
    this.#continueReading();
  }

  release(unread: Uint8Array): void {
    this.#delivery.release(unread);
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#isWritable) return false;
    if (this.#unsent !== undefined) {
      this.#unsent.push(bytes);
      return false;
    }
    const taken = this.writeNow(bytes, 0, bytes.length);
    if (taken === bytes.length) return true;
    if (this.#isWritable) this.#unsent = new UnsentQueue(bytes, taken);
    return false;
  }

  writeNow(bytes: Uint8Array, offset: number, length: number): number {
    const socket = this.#socket;
    // An empty write answers 0 like a full kernel does, but no drain would follow.
    if (socket === undefined || !this.#isWritable || length === 0) return 0;
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
    if (this.#delivery.isClosed || this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#unsent === undefined && !this.#isBroken) this.#shutDown();
  }

  reset(): void {
    if (this.#delivery.isClosed) return;
    this.#close(RESET_HERE);
    this.#socket?.terminate();
  }

  pause(): void {
    this.#delivery.pause();
    this.#pauseSocket();
  }

  resume(): void {
    if (!this.#delivery.isPaused) return;
    this.#delivery.resume();
    this.#continueReading();
  }

  get #isWritable(): boolean {
    return !this.#delivery.isClosed && !this.#hasEnded && !this.#isBroken;
  }

  #continueReading(): void {
    if (!this.#isSocketPaused || !this.#delivery.isWanted || this.#delivery.isClosed) return;
    this.#isSocketPaused = false;
    this.#socket?.resume();
  }

  #pauseSocket(): void {
    if (this.#isSocketPaused || this.#delivery.isClosed) return;
    this.#isSocketPaused = true;
    this.#socket?.pause();
  }

  #received(bytes: Uint8Array): void {
    if (this.#delivery.isClosed || this.#socket === undefined) return;
    this.receivedBytes += bytes.length;
    // TLS delivers what it has decrypted even when paused, so this is more than the case before `listen`.
    if (!this.#delivery.receive(bytes) && !this.#delivery.isWanted) this.#pauseSocket();
  }

  #writable(): void {
    if (this.#delivery.isClosed || this.#isBroken || this.#socket === undefined) return;
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
    this.#delivery.drained();
  }

  #shutDown(): void {
    if (this.#hasShutDown) return;
    this.#hasShutDown = true;
    // Not end(): that also stops reading, and can destroy bytes under way with a reset.
    this.#socket?.shutdown();
    const { lingerMs, clock = systemClock } = this.#options;
    if (lingerMs === undefined || this.#delivery.isClosed) return;
    this.#cancelDeadline = clock.after(lingerMs, () => {
      this.#close({ code: "ETIMEDOUT", message: "the peer did not end its direction" });
      this.#socket?.terminate();
    });
  }

  #ended(): void {
    // After a write that failed the kernel reports a reset as an end.
    if (this.#socket !== undefined && !this.#isBroken) this.#delivery.end();
  }

  #sessionFailed(error: Error): void {
    this.#tlsFailure ??= { code: "ERR_TLS_SESSION", message: error.message };
  }

  #socketClosed(error: Error | undefined): void {
    this.#shookHands(false, error);
    if (this.#isBroken) this.#close(BROKEN);
    else if (error !== undefined) this.#close({ code: codeOf(error) ?? "ECONNRESET", message: error.message });
    // When we ended first, Bun reports the peer's end as the close only.
    else if (this.#hasShutDown || this.#tlsFailure !== undefined) this.#close(this.#tlsFailure);
    else this.#close({ code: "EPIPE", message: "closed before everything was sent" });
  }

  #shookHands(ok: boolean, error: Error | null | undefined): void {
    const callback = this.#onHandshake;
    this.#onHandshake = undefined;
    callback?.(ok, error ?? undefined);
  }

  /** Does not close yet: what the peer sent before it went, perhaps why, is still to be read. */
  #broken(): void {
    if (this.#delivery.isClosed) return;
    this.#isBroken = true;
    this.#unsent = undefined;
    this.#cancelDeadline = (this.#options.clock ?? systemClock).after(BROKEN_LIMIT_MS, () => {
      this.#close(BROKEN);
      this.#socket?.terminate();
    });
  }

  #fault(fault: unknown): void {
    (this.#options.onFault ?? warnOfFault)(fault);
    this.reset();
  }

  #close(cause: CloseCause | undefined): void {
    if (this.#delivery.isClosed) return;
    this.#unsent = undefined;
    this.#cancelDeadline?.();
    // Bun closes from inside terminate() and write(), but the delivery tells nothing from there.
    this.#delivery.close(cause);
    this.#shookHands(false, undefined);
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
