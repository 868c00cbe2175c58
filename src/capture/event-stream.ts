import { readLatin1 } from "../protocol/http1/latin1.ts";
import { BoundedBytes } from "./bounded-bytes.ts";
import { MESSAGE_LIMIT_BYTES, type PassingMessage } from "./message-log.ts";

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SP = 0x20;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;
/** Names and ids are for people. */
const LABEL_LIMIT_CHARS = 256;
/** A line of data that is kept whole, with its name. */
const LINE_LIMIT_BYTES = MESSAGE_LIMIT_BYTES + 8;

/** Objects of one stream, besides octets. */
const RECORD_BYTES = 500;

/**
 * Reads server-sent events (HTML standard, section 9.2.6) from the octets of a body cut anywhere. Holds one event, of its
 * data at most {@link MESSAGE_LIMIT_BYTES}.
 */
export class EventStream {
  readonly #onEvent: (event: PassingMessage) => void;
  #line = new BoundedBytes(LINE_LIMIT_BYTES);
  #data = new BoundedBytes(MESSAGE_LIMIT_BYTES);
  #hasData = false;
  #name = "";
  #id: string | undefined;
  #isFirstLine = true;
  /** The last line ended in CR: a LF that comes next belongs to it. */
  #mayEndInLf = false;

  constructor(onEvent: (event: PassingMessage) => void) {
    this.#onEvent = onEvent;
  }

  /** Of the event under way. */
  get memoryBytes(): number {
    return RECORD_BYTES + this.#line.memoryBytes + this.#data.memoryBytes;
  }

  receive(bytes: Uint8Array): void {
    let at = this.#mayEndInLf && bytes[0] === LF ? 1 : 0;
    this.#mayEndInLf &&= bytes.length === 0;
    let nextCr = bytes.indexOf(CR, at);
    for (;;) {
      // Looked for again only when it was passed: a long chunk has few of them, and each search goes to its end.
      if (nextCr >= 0 && nextCr < at) nextCr = bytes.indexOf(CR, at);
      const lf = bytes.indexOf(LF, at);
      const end = nextCr >= 0 && (lf < 0 || nextCr < lf) ? nextCr : lf;
      if (end < 0) break;
      this.#line.add(bytes.subarray(at, end));
      this.#endLine();
      at = end + 1;
      if (bytes[end] !== CR) continue;
      if (at === bytes.length) this.#mayEndInLf = true;
      else if (bytes[at] === LF) at += 1;
    }
    this.#line.add(bytes.subarray(at));
  }

  #endLine(): void {
    const line = this.#line.kept;
    const start = this.#isFirstLine && BYTE_ORDER_MARK.every((octet, i) => line[i] === octet) ? 3 : 0;
    this.#isFirstLine = false;
    if (start === line.length) this.#dispatch();
    else this.#field(line, start);
    this.#line.clear();
  }

  #field(line: Uint8Array, start: number): void {
    const colon = line.indexOf(COLON, start);
    const nameEnd = colon < 0 ? line.length : colon;
    const valueStart = colon < 0 ? line.length : line[colon + 1] === SP ? colon + 2 : colon + 1;
    switch (readLatin1(line, start, Math.min(nameEnd, start + LABEL_LIMIT_CHARS))) {
      case "data":
        if (this.#hasData) this.#data.add(NEWLINE);
        this.#hasData = true;
        this.#data.add(line.subarray(valueStart), this.#line.passedBytes - line.length);
        break;
      case "event":
        this.#name = label(line, valueStart);
        break;
      case "id":
        this.#id = label(line, valueStart);
        break;
      default: // comments, `retry`, and what nobody knows
    }
  }

  #dispatch(): void {
    if (this.#hasData) {
      const bytes = this.#data.kept.slice();
      const totalBytes = this.#data.passedBytes;
      const named = {
        ...(this.#name && { eventName: this.#name }),
        ...(this.#id !== undefined && { eventId: this.#id }),
      };
      this.#onEvent({ kind: "event", bytes, totalBytes, isTruncated: totalBytes > bytes.length, ...named });
    }
    this.#data.clear();
    this.#hasData = false;
    this.#name = "";
    this.#id = undefined;
  }
}

const NEWLINE = Uint8Array.of(LF);

function label(line: Uint8Array, from: number): string {
  return new TextDecoder().decode(line.subarray(from, from + LABEL_LIMIT_CHARS));
}
