import type { MessageHead } from "../protocol/http1/message-head.ts";
import { ChunkedBody } from "../protocol/http1/chunked-body.ts";
import type { MessageRecord } from "./message-record.ts";

/** The body of one message while it passes. */
export interface PassingBody {
  add(bytes: Uint8Array): void;
  complete(): void;
}

/** `onData` gets the body without chunked coding, as views. */
export function passingBody(
  message: MessageRecord,
  { framing }: MessageHead,
  onData?: (bytes: Uint8Array) => void,
): PassingBody {
  if (framing.type === "chunked") return new CodedBody(message, new ChunkedBody(onData));
  return onData === undefined ? message : new ReadBody(message, onData);
}

class CodedBody implements PassingBody {
  readonly #message: MessageRecord;
  readonly #chunked: ChunkedBody;

  constructor(message: MessageRecord, chunked: ChunkedBody) {
    this.#message = message;
    this.#chunked = chunked;
  }

  add(bytes: Uint8Array): void {
    this.#message.add(bytes);
    this.#chunked.receive(bytes);
  }

  complete(): void {
    this.#message.complete(this.#chunked.trailers);
  }
}

class ReadBody implements PassingBody {
  readonly #message: MessageRecord;
  readonly #onData: (bytes: Uint8Array) => void;

  constructor(message: MessageRecord, onData: (bytes: Uint8Array) => void) {
    this.#message = message;
    this.#onData = onData;
  }

  add(bytes: Uint8Array): void {
    this.#message.add(bytes);
    this.#onData(bytes);
  }

  complete(): void {
    this.#message.complete();
  }
}
