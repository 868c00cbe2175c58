import type { MessageHead } from "../protocol/http1/message-head.ts";
import { ChunkedBody } from "./chunked-body.ts";
import type { MessageRecord } from "./message-record.ts";

/** The body of one message while it passes. */
export class CapturedBody {
  readonly #message: MessageRecord;
  readonly #chunked: ChunkedBody | undefined;
  readonly #onData: ((bytes: Uint8Array) => void) | undefined;

  /** `onData` gets the body without chunked coding, as views. */
  constructor(message: MessageRecord, { framing }: MessageHead, onData?: (bytes: Uint8Array) => void) {
    this.#message = message;
    this.#chunked = framing.type === "chunked" ? new ChunkedBody(onData) : undefined;
    this.#onData = onData;
  }

  add(bytes: Uint8Array): void {
    this.#message.add(bytes);
    if (this.#chunked === undefined) this.#onData?.(bytes);
    else this.#chunked.receive(bytes);
  }

  complete(): void {
    this.#message.complete(this.#chunked?.trailers);
  }
}
