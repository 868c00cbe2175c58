/**
 * The body of a request that the edge itself has to have whole. What strangers can make it keep is bounded: by a limit of each body, by
 * the room that bodies share, and by the time and the rate at which a body has to come.
 */
import type { Clock } from "../../base/clock.ts";
import { ChunkedBody } from "../../protocol/http1/chunked-body.ts";
import type { Framing } from "../../protocol/http1/framing.ts";
import type { SharedRoom } from "../shared-room.ts";
import { GrowingBytes } from "./growing-bytes.ts";

/** From the head of a request to the end of its body, at most. */
export const BODY_MS = 60_000;
/** What a body has before it must be coming. */
export const BODY_GRACE_MS = 10_000;
/** Then so much of it must have come in each further second. */
export const MIN_BODY_BYTES_PER_SECOND = 16 * 1024;

/** Chunk sizes and the like may be as much again as the body may, */
const FRAMED_FACTOR = 2;
/** and so much in any case. */
const FRAMING_BYTES = 1024;

/** Why a body is not kept. */
export type BodyFault =
  | { readonly type: "tooLarge"; readonly limitBytes: number }
  /** Too many others are kept, of this visitor's address or of all. */
  | { readonly type: "noRoom" }
  | { readonly type: "tooSlow"; readonly seconds: number };

export interface GatheredBodyOptions {
  readonly framing: Framing;
  /** Of the body without transfer coding. */
  readonly limitBytes: number;
  readonly visitorIp: string;
  /** Has back what it gave as soon as the body is dropped. */
  readonly room: SharedRoom;
  readonly clock: Clock;
  /** At most once, also from inside of a method. The body is dropped by then. */
  readonly onFault: (fault: BodyFault) => void;
}

export class GatheredBody {
  readonly #options: GatheredBodyOptions;
  readonly #sinceMs: number;
  #framed: GrowingBytes;
  /** Finds out how long a body in chunks is. */
  readonly #chunked: ChunkedBody | undefined;
  #chunkedBytes = 0;
  /** Of the room. */
  #taken = 0;
  #cancelDeadline: () => void = () => {};
  #isOver = false;

  constructor(options: GatheredBodyOptions) {
    const { framing, limitBytes, clock } = options;
    this.#options = options;
    this.#sinceMs = clock.nowMs();
    const isChunked = framing.type === "chunked";
    this.#framed = new GrowingBytes(isChunked ? limitBytes * FRAMED_FACTOR + FRAMING_BYTES : limitBytes);
    this.#chunked = isChunked ? new ChunkedBody((bytes) => (this.#chunkedBytes += bytes.length), 0) : undefined;
  }

  /** False: it is not wanted, as was told. */
  begin(): boolean {
    const { framing, limitBytes } = this.#options;
    if (framing.type === "length" && framing.bytes > limitBytes) this.#fail({ type: "tooLarge", limitBytes });
    else this.#watch(BODY_GRACE_MS);
    return !this.#isOver;
  }

  /** A piece of it, as on the wire. Copied. */
  receive(bytes: Uint8Array): void {
    if (this.#isOver) return;
    const { room, visitorIp, limitBytes } = this.#options;
    if (!room.take(visitorIp, bytes.length)) return this.#fail({ type: "noRoom" });
    this.#taken += bytes.length;
    this.#chunked?.receive(bytes);
    if (this.#chunkedBytes > limitBytes || !this.#framed.add(bytes)) this.#fail({ type: "tooLarge", limitBytes });
  }

  /** It is whole, and may be kept for as long as it is needed. */
  complete(): void {
    this.#cancelDeadline();
  }

  /** As it came. */
  get framed(): Uint8Array {
    return this.#framed.bytes;
  }

  /** Without transfer coding. */
  get data(): Uint8Array<ArrayBuffer> {
    if (this.#chunked === undefined) return this.#framed.bytes;
    const data = new GrowingBytes(this.#chunkedBytes);
    new ChunkedBody((bytes) => void data.add(bytes), 0).receive(this.#framed.bytes);
    return data.bytes;
  }

  /** Nobody needs it any more. May be called twice. */
  drop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelDeadline();
    this.#options.room.give(this.#options.visitorIp, this.#taken);
    this.#framed = new GrowingBytes(0);
  }

  /** A body may take the longer the more of it has come. */
  #watch(afterMs: number): void {
    const { clock } = this.#options;
    this.#cancelDeadline = clock.after(afterMs, () => {
      const passedMs = clock.nowMs() - this.#sinceMs;
      const allowedMs = BODY_GRACE_MS + (this.#taken / MIN_BODY_BYTES_PER_SECOND) * 1000;
      const leftMs = Math.ceil(Math.min(BODY_MS, allowedMs) - passedMs);
      if (leftMs > 0) this.#watch(leftMs);
      else this.#fail({ type: "tooSlow", seconds: Math.round(passedMs / 1000) });
    });
  }

  #fail(fault: BodyFault): void {
    this.drop();
    this.#options.onFault(fault);
  }
}
