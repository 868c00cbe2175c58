/**
 * A WebSocket whose binary messages are a stream of bytes (RFC 6455), seen from its server: where a message begins and ends
 * means nothing. This folder knows frames, the closing handshake and what a peer may not do; it knows no socket and no clock.
 */
import { answerToClose, CLOSE_CODES, closePayload } from "./close-codes.ts";
import { CONTROL_LIMIT_BYTES, FIRST_CONTROL, OPCODES, serverControlFrame, serverFrameHeader } from "./frame.ts";
import { type FrameHandler, type FrameHeader, WebSocketFrames } from "./frame-reader.ts";

/** Hears the visitor. Nothing is called behind `onPeerClose` or `onFault`. */
export interface ByteStreamHandler {
  /** Never empty. Good until the call returns, unless it is kept whole: a view of what was received, or a copy. */
  onBytes(bytes: Uint8Array): void;
  /** The visitor sends nothing more and awaits our Close. */
  onPeerClose(): void;
  /** The visitor broke the rules, or sent what is not taken here: it is to be told with this code, and then left. */
  onFault(closeCode: number): void;
}

const MESSAGES: ReadonlySet<number> = new Set([OPCODES.text, OPCODES.binary]);
const CONTROLS: ReadonlySet<number> = new Set([OPCODES.close, OPCODES.ping, OPCODES.pong]);

/** Holds no payload but that of one control frame, and of one ping that is not answered yet. */
export class WebSocketByteStream implements FrameHandler {
  readonly #handler: ByteStreamHandler;
  readonly #frames = new WebSocketFrames(this);
  readonly #control = new Uint8Array(CONTROL_LIMIT_BYTES);
  #controlBytes = 0;
  #isInMessage = false;
  #isControl = false;
  #pong: Uint8Array | undefined;
  #answerCode: number = CLOSE_CODES.normal;
  #hasPeerClosed = false;
  #hasClosed = false;

  constructor(handler: ByteStreamHandler) {
    this.#handler = handler;
  }

  /** The visitor's Close has come, or what it sends is not read any more. */
  get hasPeerClosed(): boolean {
    return this.#hasPeerClosed;
  }

  /** Our Close was made. */
  get hasClosed(): boolean {
    return this.#hasClosed;
  }

  /** Octets of the visitor. */
  receive(bytes: Uint8Array): void {
    if (!this.#hasPeerClosed && !this.#frames.receive(bytes)) this.#fault(CLOSE_CODES.protocolError);
  }

  /** What goes before these many bytes to the visitor. Not behind our Close. */
  headerFor(bytes: number): Uint8Array {
    return serverFrameHeader(OPCODES.binary, bytes);
  }

  /** A frame that the visitor should have soon, once: of several pings the last one is answered (section 5.5.3). */
  takePong(): Uint8Array | undefined {
    const pong = this.#pong;
    this.#pong = undefined;
    return this.#hasClosed ? undefined : pong;
  }

  /** Our Close, once; with the visitor's code when that came first. */
  close(code: number = this.#answerCode, reason?: string): Uint8Array | undefined {
    if (this.#hasClosed) return undefined;
    this.#hasClosed = true;
    return serverControlFrame(OPCODES.close, closePayload(code, reason));
  }

  onFrame(header: FrameHeader): void {
    const { opcode } = header;
    this.#isControl = opcode >= FIRST_CONTROL;
    this.#controlBytes = 0;
    const isKnown = this.#isControl
      ? CONTROLS.has(opcode)
      : this.#isInMessage
        ? opcode === OPCODES.continuation
        : MESSAGES.has(opcode);
    if (!isKnown || !header.isMasked || header.reserved !== 0) this.#fault(CLOSE_CODES.protocolError);
    else if (opcode === OPCODES.text) this.#fault(CLOSE_CODES.unsupportedData);
    else if (!this.#isControl) this.#isInMessage = !header.isFinal;
  }

  onPayload(bytes: Uint8Array): void {
    if (!this.#isControl) {
      this.#handler.onBytes(bytes);
      return;
    }
    this.#control.set(bytes, this.#controlBytes);
    this.#controlBytes += bytes.length;
  }

  onFrameEnd({ opcode }: FrameHeader): void {
    const payload = this.#control.subarray(0, this.#controlBytes);
    if (opcode === OPCODES.ping) this.#pong = serverControlFrame(OPCODES.pong, payload);
    else if (opcode === OPCODES.close) {
      this.#answerCode = answerToClose(payload);
      this.#stopReading();
      this.#handler.onPeerClose();
    }
  }

  #fault(closeCode: number): void {
    if (this.#hasPeerClosed) return;
    this.#stopReading();
    this.#handler.onFault(closeCode);
  }

  #stopReading(): void {
    this.#hasPeerClosed = true;
    this.#frames.stop();
  }
}
