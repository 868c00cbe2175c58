/**
 * The multiplexer: many streams on one byte connection, for both roles (protocol.md section 2). Takes bytes and the time,
 * gives bytes and calls. Knows frames, streams and windows; knows nothing of stream types, calls and heartbeats, which
 * are content of streams, and nothing of sockets and timers.
 */
import { ProtocolError } from "../../base/errors.ts";
import { MUX_ERRORS } from "./error-codes.ts";
import { FrameDecoder } from "./frame-decoder.ts";
import { GrowthBudget } from "./growth-budget.ts";
import { HeldBytes, MAX_UNREAD_BYTES, MAX_UNSENT_BYTES } from "./held-bytes.ts";
import type { MuxStream, StreamCause } from "./mux-stream.ts";
import { Outbox } from "./outbox.ts";
import { CREDIT_STEP_BYTES } from "./receive-window.ts";
import { RecentIds } from "./recent-ids.ts";
import { SHORT_BYTES, SmallTalk } from "./small-talk.ts";
import { StreamCore, type SessionView, type StreamOwner } from "./stream-core.ts";
import { StreamIds, type MuxRole } from "./stream-ids.ts";

/** A peer that provokes this many resets without reading them is cut off; a burst of refused streams stays below. */
const MAX_PENDING_RESETS = 10_000;
/** What all streams of a session may be allowed beyond their first windows: three streams at full size, and something for more. */
const GROWTH_BUDGET_BYTES = 64 * 1024 * 1024;
/** The message of a GOAWAY is for a log line. */
const MESSAGE_LIMIT = 256;

export interface MuxHandler {
  /**
   * There are calls to make or there is output, where there was none: {@link Mux.settle} and, when the link has room,
   * {@link Mux.fillBatch} should be called soon, but not from inside this call. Look again at `hasCalls` afterwards.
   */
  onWork(): void;
  /** The peer opened a stream. `listen`, at once or later, or `reset`; until then it counts and what it receives is kept. */
  onStream(stream: MuxStream): void;
  /** A listener threw something that is no ProtocolError: a fault of ours. Its stream was reset, the others go on. */
  onFault(error: unknown): void;
  /** The peer closes the session. Nothing more is read. */
  onGoAway(code: number, message: string): void;
}

export interface MuxOptions {
  /** Streams at a time, of both openers together. What the peer opens beyond is refused with RST 5. */
  readonly maxStreams: number;
  /** What all receive windows together may grow by; 64 MiB unless told otherwise. */
  readonly growthBudgetBytes?: number;
  /** Received and not taken yet, of all streams; {@link MAX_UNREAD_BYTES} unless told otherwise. Beyond, streams are reset. */
  readonly maxUnreadBytes?: number;
  /** Written and not sent yet, of all streams; {@link MAX_UNSENT_BYTES} unless told otherwise. Beyond, streams are reset. */
  readonly maxUnsentBytes?: number;
}

export class Mux {
  /** An empty FIN goes before every RST. For agents that do not pass a bare reset on (protocol.md section 10 rule 2). */
  finBeforeReset = false;
  readonly #handler: MuxHandler;
  readonly #maxStreams: number;
  readonly #ids: StreamIds;
  readonly #decoder: FrameDecoder;
  readonly #owner: StreamOwner;
  readonly #session: { -readonly [K in keyof SessionView]: SessionView[K] };
  /** Streams that are on the wire, or whose listener has not heard everything. */
  readonly #streams = new Map<number, StreamCore>();
  readonly #recentlyReset = new RecentIds();
  readonly #outbox = new Outbox();
  /** Streams whose listener is to be called. */
  readonly #due = new Set<StreamCore>();
  /** Output that is there already waits for the link, and needs no further announcement. */
  #hadOutput = false;
  /** The stream that the DATA frame in hand is for; undefined when its payload is skipped. */
  #current: StreamCore | undefined;
  readonly #smallTalk = new SmallTalk();
  #highestPeerId = 0;
  #isReading = true;
  #bytesIn = 0;
  #bytesOut = 0;
  readonly #unread: HeldBytes<StreamCore>;
  readonly #unsent: HeldBytes<StreamCore>;

  constructor(role: MuxRole, handler: MuxHandler, options: MuxOptions) {
    this.#handler = handler;
    this.#maxStreams = options.maxStreams;
    this.#ids = new StreamIds(role);
    const { maxUnreadBytes = MAX_UNREAD_BYTES, maxUnsentBytes = MAX_UNSENT_BYTES } = options;
    this.#unread = new HeldBytes(maxUnreadBytes, (stream) => stream.unreadBytes);
    this.#unsent = new HeldBytes(maxUnsentBytes, (stream) => stream.queuedBytes);
    this.#session = {
      nowMs: 0,
      roundTripMs: undefined,
      creditStepBytes: CREDIT_STEP_BYTES,
      peerKeepsCredit: false,
      isShared: (id) => this.peerKeepsCredit && this.#smallTalk.isGoingOnBeside(id, this.#session.nowMs),
      isLeaving: false,
      unread: this.#unread,
      budget: new GrowthBudget(options.growthBudgetBytes ?? GROWTH_BUDGET_BYTES),
    };
    this.#owner = {
      wantsTurn: (stream) => {
        const isFirst = this.#due.size === 0;
        this.#due.add(stream);
        if (isFirst) this.#handler.onWork();
      },
      sendChanged: (stream) => {
        this.#outbox.sendChanged(stream);
        this.#announceOutput();
      },
      wantsCredit: (stream) => {
        this.#outbox.wantsCredit(stream);
        this.#announceOutput();
      },
      hasReset: (stream, code) => this.#onLocalReset(stream, code),
      queued: (bytes) => {
        if (!this.#unsent.change(bytes) && bytes > 0) this.#unsent.makeRoom(this.#streams.values());
      },
      unread: (bytes) => {
        if (!this.#unread.change(bytes) && bytes > 0) this.#unread.makeRoom(this.#streams.values());
      },
      isGone: (stream) => this.#forget(stream),
    };
    this.#decoder = new FrameDecoder({
      onDataFrame: (id, length, hasSyn) => this.#onDataFrame(id, length, hasSyn),
      onPayload: (bytes) => this.#onPayload(bytes),
      onDataFrameEnd: (hasFin) => {
        if (hasFin) this.#current?.receiveFin();
        this.#current = undefined;
      },
      // Not forgotten yet: it counts until its listener has heard of it.
      onReset: (id, code) => this.#streams.get(id)?.receiveReset(code),
      onWindowIncrement: (id, increment) => this.#onWindowIncrement(id, increment),
      onGoAway: (_lastId, code, message) => {
        this.#isReading = false;
        this.#handler.onGoAway(code, message);
      },
    });
  }

  get streamsOpen(): number {
    return this.#streams.size;
  }

  /** Bytes of frames received and filled, headers included. */
  get bytesIn(): number {
    return this.#bytesIn;
  }

  get bytesOut(): number {
    return this.#bytesOut;
  }

  /** Written to streams and not yet filled into a batch. */
  get queuedBytes(): number {
    return this.#unsent.bytes;
  }

  /** Received and not taken by listeners. */
  get unreadBytes(): number {
    return this.#unread.bytes;
  }

  get hasOutput(): boolean {
    return this.#outbox.hasOutput;
  }

  /** Whether {@link settle} has listeners to call. */
  get hasCalls(): boolean {
    return this.#due.size > 0;
  }

  /** Whether the goodbye has left, or the session has ended: nothing is read or written any more. */
  get isOver(): boolean {
    return this.#outbox.isOver;
  }

  get roundTripMs(): number | undefined {
    return this.#session.roundTripMs;
  }

  /** The measured time there and back. Windows grow only once it is known. */
  set roundTripMs(roundTripMs: number | undefined) {
    this.#session.roundTripMs = roundTripMs;
  }

  get peerKeepsCredit(): boolean {
    return this.#session.peerKeepsCredit;
  }

  /**
   * The peer uses all credit that it gets. Then a stream with much to say may be held below its window while others say little, and one
   * that says little be brought back to its first window; a peer that throws away credit above its first window would never get that back
   * (protocol.md section 10 rule 11).
   */
  set peerKeepsCredit(keepsIt: boolean) {
    this.#session.peerKeepsCredit = keepsIt;
  }

  /**
   * Every frame of the peer is answered with credit, if nothing else leaves. A peer that has Nagle's algorithm on sends no
   * small segment before its last one was acknowledged, which kernels put off by 40 ms unless they have something to send.
   */
  set answersEachFrame(isNeeded: boolean) {
    this.#session.creditStepBytes = isNeeded ? 1 : CREDIT_STEP_BYTES;
  }

  /**
   * Reads bytes, cut anywhere, and calls listeners. Listeners keep views of the chunk. Throws a ProtocolError when the
   * peer breaks a rule of the session, or when a listener throws one: say {@link goAway}, and {@link end}.
   */
  receive(chunk: Uint8Array, nowMs: number): void {
    if (!this.#isReading) return;
    this.#session.nowMs = nowMs;
    this.#bytesIn += chunk.length;
    this.#decoder.receive(chunk);
    this.settle(nowMs);
  }

  /** Opens a stream; the peer hears of it with the first bytes written. Undefined at the limit, or when the session ends. */
  open(): MuxStream | undefined {
    if (this.#session.isLeaving || this.#streams.size >= this.#maxStreams) return undefined;
    return this.#add(this.#ids.take(this.#streams), true);
  }

  /** Writes as many frames as fit into `target` (at least 32 776 bytes long) and returns how many bytes that were. */
  fillBatch(target: Uint8Array): number {
    const count = this.#outbox.fillBatch(target);
    this.#bytesOut += count;
    this.#hadOutput = this.#outbox.hasOutput;
    if (this.#outbox.isOver) this.#stopReading();
    return count;
  }

  /** Makes the calls to listeners that are due. Throws as {@link receive} does. */
  settle(nowMs: number): void {
    this.#session.nowMs = nowMs;
    let left = this.#due.size; // what becomes due meanwhile waits for the next turn
    for (const stream of this.#due) {
      if (left === 0) break;
      left -= 1;
      this.#due.delete(stream);
      try {
        stream.settle();
      } catch (error) {
        this.#onFault(stream, error);
      }
    }
  }

  /**
   * Says goodbye, as the last frame: with code 0 after everything that can leave, with an error at once. Nothing that is
   * written to a stream afterwards is sent. Close the link when {@link isOver} (protocol.md section 10 rule 6).
   */
  goAway(code: number, message: string): void {
    this.#session.isLeaving = true;
    if (code !== MUX_ERRORS.none) this.#stopReading();
    this.#outbox.goAway(this.#highestPeerId, code, message.slice(0, MESSAGE_LIMIT));
    this.#announceOutput();
  }

  /** The link is gone. Streams close with this cause; {@link settle} tells their listeners. */
  end(cause: StreamCause): void {
    this.#session.isLeaving = true;
    this.#stopReading();
    this.#outbox.stop();
    for (const stream of this.#streams.values()) stream.fail(cause);
    this.#streams.clear();
  }

  #onWindowIncrement(id: number, increment: number): void {
    const stream = this.#streams.get(id);
    stream?.grant(increment);
    if (this.#session.creditStepBytes === 1 && !this.#outbox.hasOutput) stream?.answer();
  }

  #onDataFrame(id: number, length: number, hasSyn: boolean): void {
    const held = this.#streams.get(id);
    const isLive = held !== undefined && !held.isOffWire;
    if (hasSyn && isLive) throw new ProtocolError(`stream ${id} was opened a second time`);
    this.#current = isLive ? held : undefined;
    if (hasSyn) this.#current = this.#accept(id);
    else if (!isLive && length > 0 && !this.#recentlyReset.has(id)) this.#answerReset(id, MUX_ERRORS.streamClosed);
    if (length === 0) return;
    if (length <= SHORT_BYTES && this.#current?.saysLittle === true) this.#smallTalk.heard(id, this.#session.nowMs);
    const violation = this.#current?.admit(length);
    if (violation !== undefined) this.#current?.reset(violation);
  }

  #onPayload(bytes: Uint8Array): void {
    const stream = this.#current;
    if (stream === undefined) return;
    try {
      stream.receiveData(bytes);
    } catch (error) {
      this.#onFault(stream, error);
    }
  }

  #onFault(stream: StreamCore, error: unknown): void {
    if (error instanceof ProtocolError) throw error;
    stream.reset(MUX_ERRORS.internal);
    this.#handler.onFault(error);
  }

  /** Which ids are whose is not held against the peer: published peers do not look either, or would not end well. */
  #accept(id: number): StreamCore | undefined {
    this.#recentlyReset.delete(id);
    this.#highestPeerId = Math.max(this.#highestPeerId, id);
    // An id that is held still belongs to a stream whose listener is late: it counts until it has heard everything.
    if (this.#session.isLeaving || this.#streams.size >= this.#maxStreams || this.#streams.has(id)) {
      this.#answerReset(id, MUX_ERRORS.streamRefused);
      return undefined;
    }
    this.#limitResets();
    const stream = this.#add(id, false);
    try {
      this.#handler.onStream(stream);
    } catch (error) {
      this.#onFault(stream, error);
    }
    return stream;
  }

  #add(id: number, isOpener: boolean): StreamCore {
    const stream = new StreamCore(id, isOpener, this.#owner, this.#session);
    this.#streams.set(id, stream);
    return stream;
  }

  #onLocalReset(stream: StreamCore, code: number): void {
    this.#forget(stream);
    if (!stream.hasBegun) return;
    this.#recentlyReset.add(stream.id);
    // Not for heartbeats: the same agents answer the end of one with a flood (protocol.md section 4).
    const needsFin = this.finBeforeReset && !stream.hasSentFin && !stream.goesFirst;
    this.#outbox.reset(stream.id, code, needsFin);
    this.#announceOutput();
  }

  /** A reset for a stream that we do not hold. */
  #answerReset(id: number, code: number): void {
    this.#limitResets();
    this.#recentlyReset.add(id);
    this.#outbox.reset(id, code, false);
    this.#announceOutput();
  }

  #limitResets(): void {
    if (this.#outbox.pendingResets >= MAX_PENDING_RESETS) throw new ProtocolError("the peer does not read our resets");
  }

  #forget(stream: StreamCore): void {
    this.#outbox.forget(stream);
    if (this.#streams.get(stream.id) === stream) this.#streams.delete(stream.id);
  }

  #stopReading(): void {
    this.#isReading = false;
    this.#decoder.stop();
  }

  #announceOutput(): void {
    const hasOutput = this.#outbox.hasOutput;
    const isNew = hasOutput && !this.#hadOutput;
    this.#hadOutput = hasOutput;
    if (isNew) this.#handler.onWork();
  }
}
