/**
 * The WebSocket of a visitor as a connection like any other: what it carries in binary messages is read from it, what is
 * written goes out as such. Wraps the visitor's connection, whose handshake is done.
 */
import type { Clock } from "../../base/clock.ts";
import type { CloseCause, Duplex, DuplexHandler } from "../../net/duplex.ts";
import { WebSocketByteStream } from "../../protocol/websocket/byte-stream.ts";
import { CLOSE_CODES } from "../../protocol/websocket/close-codes.ts";
import { GatheredWrites } from "./gathered-writes.ts";

/**
 * From the first Close, the visitor's or ours, until the connection has closed: as long a visitor may take to answer, and as
 * long it still gets what is on its way.
 */
export const CLOSING_MS = 10_000;

export interface WebSocketDuplexOptions {
  readonly clock: Clock;
  /** Told of pings too, which nobody else sees. */
  readonly activity: { touch(): void };
  /** What a visitor is told when this is reset. */
  readonly reasonOf: (resetCode: number | undefined) => string;
}

/** Behind a fault of the visitor, and a {@link reset}, nothing is handed on; the visitor has been told why. */
export class WebSocketDuplex implements Duplex, DuplexHandler {
  readonly remoteAddress: string;
  readonly #connection: Duplex;
  readonly #options: WebSocketDuplexOptions;
  readonly #out: GatheredWrites;
  readonly #webSocket: WebSocketByteStream;
  #handler: DuplexHandler | undefined;
  #hasRoom = true;
  /** Why there will be no orderly end. */
  #cause: CloseCause | undefined;
  #cancelClosing: (() => void) | undefined;

  constructor(connection: Duplex, options: WebSocketDuplexOptions) {
    this.remoteAddress = connection.remoteAddress;
    this.#connection = connection;
    this.#options = options;
    this.#out = new GatheredWrites(connection);
    this.#webSocket = new WebSocketByteStream({
      onBytes: (bytes) => {
        if (this.#cause === undefined) this.#handler?.onData(bytes);
      },
      onPeerClose: () => this.#onPeerClose(),
      onFault: (code) => this.#fail({ code: "WEBSOCKET", message: `close code ${code}` }, code),
    });
  }

  listen(handler: DuplexHandler): void {
    this.#handler = handler;
    this.#connection.listen(this);
  }

  write(bytes: Uint8Array): boolean {
    if (this.#webSocket.hasClosed || bytes.length === 0) return true;
    this.#out.add(this.#webSocket.headerFor(bytes.length));
    return this.#send(bytes);
  }

  end(): void {
    this.#close();
    if (this.#webSocket.hasPeerClosed) this.#connection.end();
  }

  reset(code?: number): void {
    this.#fail({ code: "RESET" }, CLOSE_CODES.internalError, this.#options.reasonOf(code));
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  onData(bytes: Uint8Array): void {
    this.#options.activity.touch();
    this.#webSocket.receive(bytes);
    this.#pong();
  }

  onDrain(): void {
    this.#hasRoom = true;
    this.#out.drained();
    this.#pong();
    if (this.#hasRoom) this.#handler?.onDrain();
  }

  /** In order only behind the visitor's Close; it may not wait for ours. */
  onEnd(): void {
    if (this.#webSocket.hasPeerClosed || this.#cause !== undefined) return;
    this.#cause = { code: "ECONNRESET", message: "the visitor left its WebSocket without a Close" };
    this.#connection.reset();
  }

  onClose(cause: CloseCause | undefined): void {
    this.#cancelClosing?.();
    this.#handler?.onClose(this.#cause ?? cause);
  }

  #onPeerClose(): void {
    this.#startClosing();
    // What the visitor still sends is not wanted, but its end is.
    this.#connection.resume();
    if (this.#webSocket.hasClosed) this.#connection.end();
    this.#handler?.onEnd();
  }

  #fail(cause: CloseCause, closeCode: number, reason?: string): void {
    this.#cause ??= cause;
    this.#close(closeCode, reason);
    this.#connection.resume();
    this.#connection.end();
  }

  #close(code?: number, reason?: string): void {
    const frame = this.#webSocket.close(code, reason);
    if (frame === undefined) return;
    this.#send(frame);
    this.#startClosing();
  }

  #startClosing(): void {
    this.#cancelClosing ??= this.#options.clock.after(CLOSING_MS, () => {
      this.#cause ??= { code: "ETIMEDOUT", message: "the WebSocket was not closed in time" };
      this.#connection.reset();
    });
  }

  /** One that does not read what it is sent has to wait for its pong too, so that pings fill no memory. */
  #pong(): void {
    const pong = this.#hasRoom ? this.#webSocket.takePong() : undefined;
    if (pong !== undefined) this.#send(pong);
  }

  #send(bytes: Uint8Array): boolean {
    this.#out.add(bytes);
    this.#hasRoom = this.#out.flush();
    return this.#hasRoom;
  }
}
