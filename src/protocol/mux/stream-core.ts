/** One stream: joins its two directions, its state and its listener. Knows its Mux only as {@link StreamOwner}. */
import { ByteQueue } from "../../base/byte-queue.ts";
import { MUX_ERRORS } from "./error-codes.ts";
import type { GrowthBudget } from "./growth-budget.ts";
import type { MuxStream, StreamCause, StreamHandler } from "./mux-stream.ts";
import { ReceiveWindow } from "./receive-window.ts";
import { SendSide } from "./send-side.ts";
import { nextState, type StreamMove, type StreamState } from "./stream-state.ts";

/** What all streams of a session see of it; the Mux keeps it true. */
export interface SessionView {
  /** The time of the call to the Mux that is going on. */
  readonly nowMs: number;
  /** Time there and back on the link; undefined until it was measured. */
  readonly roundTripMs: number | undefined;
  /** How much consumed payload is collected before credit for it is returned. */
  readonly creditStepBytes: number;
  /** See {@link ConsumptionView.peerKeepsCredit}. */
  readonly peerKeepsCredit: boolean;
  /** Streams beside this one say little and are to be heard soon; see {@link ReceiveWindow}. */
  isShared(id: number): boolean;
  /** We say goodbye: what is written from now on would never leave. */
  readonly isLeaving: boolean;
  readonly budget: GrowthBudget;
  /** Of all streams. */
  readonly unread: { readonly isMuch: boolean };
}

/** What a stream asks of its Mux. None of these calls back. */
export interface StreamOwner {
  /** The listener is to be called: {@link StreamCore.settle}. */
  wantsTurn(stream: StreamCore): void;
  /** There may be a frame to send, or no longer: {@link StreamCore.fill}. */
  sendChanged(stream: StreamCore): void;
  /** Credit is to be returned: {@link StreamCore.takeCredit}. */
  wantsCredit(stream: StreamCore): void;
  /** We reset the stream. Frames leave only when the peer knows of it. */
  hasReset(stream: StreamCore, code: number): void;
  /** This many more bytes are queued for sending; fewer when negative. May reset any stream. */
  queued(bytes: number): void;
  /** This many more bytes were received and wait; fewer when negative. May reset any stream. */
  unread(bytes: number): void;
  /** Nothing will happen any more, neither on the wire nor to the listener. */
  isGone(stream: StreamCore): void;
}

export class StreamCore implements MuxStream {
  readonly id: number;
  readonly #owner: StreamOwner;
  readonly #session: SessionView;
  readonly #send: SendSide;
  readonly #window: ReceiveWindow;
  /** Received and not yet handed on: because the listener paused, or there is none yet. */
  readonly #backlog = new ByteQueue();
  /** What the listener was given when it paused: it waits there, most likely, until it resumes. */
  #handedBytes = 0;
  #movedAtMs = 0;
  #state: StreamState = "open";
  #handler: StreamHandler | undefined;
  #isPaused = false;
  #isEnding = false;
  #goesFirst = false;
  /** The peer sent FIN: the backlog is whole, and is worth handing on even when the session has gone. */
  #isWhole = false;
  #endHeard = false;
  #cause: StreamCause | undefined;
  #isClosed = false;
  #closeHeard = false;

  /** `owner` and `session` are the two faces of the Mux. */
  constructor(id: number, isOpener: boolean, owner: StreamOwner, session: SessionView) {
    this.id = id;
    this.#owner = owner;
    this.#session = session;
    this.#send = new SendSide(isOpener);
    this.#window = new ReceiveWindow(session.budget);
  }

  get remoteAddress(): string {
    return `<stream ${this.id}>`;
  }

  listen(handler: StreamHandler): void {
    this.#handler = handler;
    this.#endHeard = false;
    this.#closeHeard = false;
    this.#owner.wantsTurn(this);
  }

  write(bytes: Uint8Array): boolean {
    if (this.#isEnding || this.#isOver() || this.#session.isLeaving) return false;
    if (this.#heldBytes === 0) this.#movedAtMs = this.#session.nowMs;
    const hasRoom = this.#send.write(bytes);
    this.#owner.sendChanged(this);
    this.#owner.queued(bytes.length);
    return hasRoom;
  }

  end(): void {
    if (this.#isEnding || this.#isOver()) return;
    this.#isEnding = true;
    this.#send.end();
    this.#owner.sendChanged(this);
  }

  reset(code: number = MUX_ERRORS.streamReset): void {
    if (this.#isClosed) return;
    this.#dropUnread();
    this.#isWhole = false;
    if (this.#move("sendReset")) this.#owner.hasReset(this, code);
    this.#failWith({ code: "RESET", resetCode: code });
    this.#owner.wantsTurn(this); // also when it had failed before, and the listener only had not heard everything
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#taken(this.#handedBytes);
    this.#handedBytes = 0;
    this.#owner.wantsTurn(this);
  }

  sendFirst(): void {
    this.#goesFirst = true;
    this.#owner.sendChanged(this);
  }

  // What follows is for the Mux.

  get goesFirst(): boolean {
    return this.#goesFirst;
  }

  /** What comes in a short frame of this stream is a question, an answer or a message, and not a piece of something large. */
  get saysLittle(): boolean {
    return !this.#goesFirst && !this.#window.hasGotMuch(this.#session.nowMs);
  }

  get hasFrame(): boolean {
    return this.#send.hasFrame;
  }

  /** Written and not yet filled into a batch. */
  get queuedBytes(): number {
    return this.#send.queuedBytes;
  }

  /** Received, and neither handed on nor taken by a listener that paused. */
  get unreadBytes(): number {
    return this.#backlog.bytes + this.#handedBytes;
  }

  /** When some of what we hold for the stream was taken or left, or it began to hold something. */
  get movedAtMs(): number {
    return this.#movedAtMs;
  }

  get hasBegun(): boolean {
    return this.#send.hasBegun;
  }

  get hasSentFin(): boolean {
    return this.#send.hasSentFin;
  }

  /** The peer may use this id for another stream: as far as the wire goes this one has ended. */
  get isOffWire(): boolean {
    return this.#state === "ended" || this.#state === "reset";
  }

  /** A frame with this much payload arrives. Answers with the code to reset the stream with, when that breaks a rule. */
  admit(bytes: number): number | undefined {
    if (nextState(this.#state, "receiveData") === undefined) return MUX_ERRORS.streamClosed;
    return this.#window.admit(bytes) ? undefined : MUX_ERRORS.flowControl;
  }

  receiveData(bytes: Uint8Array): void {
    if (this.#isOver()) return;
    if (this.#handler !== undefined && !this.#isPaused && this.#backlog.bytes === 0) {
      this.#hand(this.#handler, bytes);
    } else {
      this.#backlog.push(this.#session.unread.isMuch ? new Uint8Array(bytes) : bytes);
      this.#owner.wantsTurn(this);
      this.#waits(bytes.length);
    }
  }

  receiveFin(): void {
    if (!this.#move("receiveFin") || this.#isOver()) return;
    this.#isWhole = true;
    this.#owner.wantsTurn(this);
  }

  receiveReset(code: number): void {
    if (this.#move("receiveReset")) this.fail({ code: "RESET", resetCode: code });
  }

  grant(bytes: number): void {
    this.#send.grant(bytes);
    this.#owner.sendChanged(this);
  }

  /** Ends both directions; the listener is told on its next turn, when it has heard what was whole. */
  fail(cause: StreamCause): void {
    // When both directions have ended in order, it is only the listener that is late.
    if (this.#state !== "ended") this.#failWith(cause);
  }

  /** Sends the peer the least credit that there is, if the session may still allow any. */
  answer(): void {
    if (this.#isOver() || this.#isWhole) return;
    if (this.#window.widen(1)) this.#owner.wantsCredit(this);
  }

  /** See {@link SendSide.fill}. */
  fill(target: Uint8Array, at: number): number {
    const queuedBefore = this.#send.queuedBytes;
    const next = this.#send.fill(target, at, this.id);
    if (next === at) return at;
    this.#movedAtMs = this.#session.nowMs;
    this.#owner.queued(this.#send.queuedBytes - queuedBefore);
    if (this.#send.hasSentFin) this.#move("sendFin");
    if (this.#send.isDrainDue || this.isOffWire) this.#owner.wantsTurn(this);
    return next;
  }

  takeCredit(): number {
    return nextState(this.#state, "receiveData") === undefined ? 0 : this.#window.takeCredit();
  }

  /** Makes the calls that are due. */
  settle(): void {
    if (this.#handler === undefined || this.#closeHeard) return;
    if (this.#send.takeDrain()) this.#handler.onDrain();
    while (!this.#isPaused && this.#backlog.bytes > 0) {
      const bytes = this.#backlog.shift();
      if (bytes === undefined) break;
      this.#taken(bytes.length);
      this.#hand(this.#handler, bytes);
    }
    // With a cause, a listener that holds back bytes no longer holds back the end.
    if (this.#isWhole && !this.#endHeard && this.#backlog.bytes === 0 && (!this.#isPaused || this.#isOver())) {
      this.#endHeard = true;
      this.#handler.onEnd();
    }
    if (this.#isFinished()) this.#close();
  }

  #failWith(cause: StreamCause): void {
    if (this.#isOver()) return;
    this.#cause = cause;
    this.#owner.queued(-this.#send.queuedBytes);
    this.#send.clear();
    if (!this.#isWhole) this.#dropUnread();
    this.#window.release();
    this.#owner.sendChanged(this);
    this.#owner.wantsTurn(this);
  }

  #isFinished(): boolean {
    if (this.#cause !== undefined) return !this.#isWhole || this.#endHeard;
    return this.#state === "ended" && this.#endHeard;
  }

  #close(): void {
    this.#closeHeard = true;
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#dropUnread();
      this.#window.release();
      this.#owner.isGone(this);
    }
    this.#handler?.onClose(this.#cause);
  }

  get #heldBytes(): number {
    return this.unreadBytes + this.#send.queuedBytes;
  }

  #isOver(): boolean {
    return this.#isClosed || this.#cause !== undefined;
  }

  #hand(handler: StreamHandler, bytes: Uint8Array): void {
    handler.onData(bytes);
    this.#consumed(bytes.length);
    if (!this.#isPaused || this.#isOver()) return;
    this.#handedBytes += bytes.length;
    this.#waits(bytes.length);
  }

  /** So much is unread now that was not before. */
  #waits(bytes: number): void {
    if (this.#heldBytes === bytes) this.#movedAtMs = this.#session.nowMs;
    this.#owner.unread(bytes);
  }

  #taken(bytes: number): void {
    if (bytes === 0) return;
    this.#movedAtMs = this.#session.nowMs;
    this.#owner.unread(-bytes);
  }

  #dropUnread(): void {
    const bytes = this.unreadBytes;
    this.#backlog.clear();
    this.#handedBytes = 0;
    this.#taken(bytes);
  }

  #consumed(bytes: number): void {
    if (this.#isWhole || this.#isOver()) return; // nothing more comes, so nothing more is allowed
    if (this.#window.consume(bytes, this.#session, this.#session.isShared(this.id))) this.#owner.wantsCredit(this);
  }

  /** False, and nothing changes, when the table has no such move. */
  #move(move: StreamMove): boolean {
    const next = nextState(this.#state, move);
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }
}
