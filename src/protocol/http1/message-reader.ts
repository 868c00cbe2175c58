/**
 * HTTP/1 as framing: where heads and bodies begin and end (RFC 9112), and what a head says that framing and routing
 * depend on. This folder never changes an octet that it passes on, except in heads that the owner edits
 * (`head-edits.ts`), and refuses whatever two readers could understand in two ways. It knows no socket, no deadline, no
 * endpoint, and nothing of what fields mean beyond that.
 */
import type { ProtocolError } from "../../base/errors.ts";
import { type ChunkedOutcome, ChunkedScanner } from "./chunked-scanner.ts";
import type { Fault } from "./faults.ts";
import { type HeadLimits, type HeadManner, HeadScanner, type ScannedHead } from "./head-scanner.ts";
import type { MessageHead } from "./message-head.ts";

/**
 * Hears the messages of one direction. May pause the reader, go on to the next message or take the rest from inside a
 * call; no call is made from inside another one.
 */
export interface MessageHandler<Head, Refused> {
  onHead(head: Head): void;
  /** Octets of the body as on the wire, with chunk sizes and trailers; a view of the chunk received. Never empty. */
  onBody(bytes: Uint8Array): void;
  /** The message is whole. The reader waits for `next`. Not called for interim heads, nor after an upgrade. */
  onComplete(): void;
  /** The peer ended its direction where no message is open. Nothing follows. */
  onNoMore(): void;
  /** The peer ended its direction in the middle of a message, or owes one. Nothing follows. */
  onCut(): void;
  /** The peer broke the rules. Everything before the fault has been handed on. Nothing follows. */
  onRefused(error: Refused): void;
}

/** What one kind of reader does in its own way. */
export interface Dialect<Head, Refused extends ProtocolError> extends HeadManner {
  /** Reads what the lines say. `method` is that of the request that is answered, empty for requests. Throws a refusal. */
  readHead(scanned: ScannedHead, method: string): Head;
  isRefusal(error: unknown): error is Refused;
  sequelOf(head: Head): Sequel;
  readonly refusal: (fault: Fault) => Refused;
  /** Whether the peer may end in order where a head is expected: nobody waits for a further request. */
  readonly mayEndBeforeHead: boolean;
  /** `whole`: the first message begins with `next`. */
  readonly firstState: "head" | "whole";
}

/** What comes behind a head. `no-http`: octets that are the owner's, see `takeRest`. */
export type Sequel = "body" | "another-head" | "no-http";

/** `whole` until `next`, `no-http` until `takeRest`, `over` after that, a fault or the end. */
type State = "head" | "body" | "whole" | "no-http" | "over";

/**
 * Reads messages one after the other from chunks cut anywhere. Holds at most one head, and what the owner lets in while
 * the reader is not reading: the owner stops the source when `receive` answers false.
 */
export class MessageReader<Head extends MessageHead, Refused extends ProtocolError> {
  readonly #handler: MessageHandler<Head, Refused>;
  readonly #dialect: Dialect<Head, Refused>;
  readonly #scanner: HeadScanner;

  #state: State;
  #method = "";
  #paused = false;
  #peerEnded = false;
  #running = false;

  /** Octets of the body to come unless it is chunked; infinite when the end of the connection ends it. */
  #bodyLeft = 0;
  #chunked: ChunkedScanner | undefined;

  #chunk: Uint8Array = NOTHING;
  #position = 0;
  readonly #held: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(handler: MessageHandler<Head, Refused>, dialect: Dialect<Head, Refused>, limits: HeadLimits) {
    this.#handler = handler;
    this.#dialect = dialect;
    this.#scanner = new HeadScanner(dialect.refusal, limits, dialect);
    this.#state = dialect.firstState;
  }

  /** Whether more octets would be looked at now. */
  get isReading(): boolean {
    return !this.#paused && (this.#state === "head" || this.#state === "body");
  }

  /** Octets received that have not been looked at. */
  get unreadBytes(): number {
    return this.#heldBytes + this.#chunk.length - this.#position;
  }

  /** Takes a chunk, which must not change afterwards. False: what comes is held, so stop the source for now. */
  receive(chunk: Uint8Array): boolean {
    if (this.#state === "over" || this.#peerEnded) return false;
    if (this.#running || this.unreadBytes > 0) {
      this.#held.push(chunk);
      this.#heldBytes += chunk.length;
    } else {
      this.#chunk = chunk;
      this.#position = 0;
    }
    this.#run();
    return this.isReading;
  }

  /** The peer ended its direction. The handler hears of it when all before it has been read. */
  end(): void {
    this.#peerEnded = true;
    this.#run();
  }

  /** No handler call until `resume`. May be called from inside one, also in the middle of a chunk. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#run();
  }

  /**
   * Hands out, in order, what was received behind the last message: after an upgrade and for tunnels. The reader is then
   * done, and later octets are the owner's. To be called when the message is whole or its head ended HTTP.
   */
  takeRest(): readonly Uint8Array[] {
    if (this.#state !== "whole" && this.#state !== "no-http") throw new Error(`rest taken in state ${this.#state}`);
    const rest = [this.#chunk.subarray(this.#position), ...this.#held].filter((bytes) => bytes.length > 0);
    this.#stop();
    return rest;
  }

  /** Goes on to the next message, with what is already here. Does nothing once the reader is done. */
  protected goOn(method: string): void {
    this.#method = method;
    if (this.#state === "over") return;
    if (this.#state !== "whole") throw new Error(`next message asked for in state ${this.#state}`);
    this.#state = "head";
    this.#run();
  }

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.isReading && this.#step());
    } finally {
      this.#running = false;
      // An idle connection must not keep a chunk of 64 KiB alive that it has read.
      if (this.#position >= this.#chunk.length) this.#dropChunk();
    }
  }

  /** Makes one call of the handler, or takes a piece of a head. False when there is nothing to do for now. */
  #step(): boolean {
    const bodyEnd = this.#state === "body" ? this.#bodyEnd() : "more";
    if (bodyEnd !== "more") this.#finishBody(bodyEnd);
    else if (!this.#hasOctets()) return this.#peerEnded && this.#finish();
    else if (this.#state === "head") this.#stepHead();
    else this.#stepBody();
    return true;
  }

  #hasOctets(): boolean {
    while (this.#position >= this.#chunk.length) {
      const chunk = this.#held.shift();
      if (chunk === undefined) return false;
      this.#heldBytes -= chunk.length;
      this.#chunk = chunk;
      this.#position = 0;
    }
    return true;
  }

  #stepHead(): void {
    const head = this.#receiveHead();
    if (head === undefined) return;
    const sequel = this.#dialect.sequelOf(head);
    if (sequel === "no-http") this.#state = "no-http";
    else if (sequel === "body") this.#expectBody(head);
    this.#handler.onHead(head);
  }

  #receiveHead(): Head | undefined {
    try {
      const scanned = this.#scanner.receive(this.#chunk, this.#position);
      this.#position = scanned?.end ?? this.#chunk.length;
      return scanned && this.#dialect.readHead(scanned, this.#method);
    } catch (error) {
      if (!this.#dialect.isRefusal(error)) throw error;
      return this.#refuse(error);
    }
  }

  #expectBody({ framing }: Head): void {
    this.#state = "body";
    this.#chunked = framing.type === "chunked" ? new ChunkedScanner() : undefined;
    this.#bodyLeft = framing.type === "length" ? framing.bytes : framing.type === "until-close" ? Infinity : 0;
  }

  #bodyEnd(): ChunkedOutcome {
    return this.#chunked?.outcome ?? (this.#bodyLeft === 0 ? "done" : "more");
  }

  #finishBody(end: "done" | Fault): void {
    if (end !== "done") {
      this.#refuse(this.#dialect.refusal(end));
      return;
    }
    this.#chunked = undefined;
    this.#state = "whole";
    this.#handler.onComplete();
  }

  #stepBody(): void {
    const chunk = this.#chunk;
    const from = this.#position;
    const to = this.#followBody(chunk, from);
    this.#position = to;
    if (to > from) this.#handler.onBody(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to));
  }

  #followBody(chunk: Uint8Array, from: number): number {
    if (this.#chunked !== undefined) return this.#chunked.receive(chunk, from);
    const taken = Math.min(this.#bodyLeft, chunk.length - from);
    this.#bodyLeft -= taken;
    return from + taken;
  }

  /** The peer ended and every octet has been looked at. True when that made a body whole. */
  #finish(): boolean {
    if (this.#state === "body" && this.#bodyLeft === Infinity) {
      this.#bodyLeft = 0;
      return true;
    }
    const isOrderly = this.#state === "head" && this.#scanner.isIdle && this.#dialect.mayEndBeforeHead;
    this.#stop();
    if (isOrderly) this.#handler.onNoMore();
    else this.#handler.onCut();
    return false;
  }

  #refuse(error: Refused): undefined {
    this.#stop();
    this.#handler.onRefused(error);
  }

  #stop(): void {
    this.#state = "over";
    this.#chunked = undefined;
    this.#held.length = 0;
    this.#heldBytes = 0;
    this.#dropChunk();
  }

  #dropChunk(): void {
    this.#chunk = NOTHING;
    this.#position = 0;
  }
}

const NOTHING = new Uint8Array(0);
