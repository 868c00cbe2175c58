import { readLatin1 } from "../protocol/http1/latin1.ts";
import { CapturedOctets } from "./captured-octets.ts";
import type { CapturedFields, CapturedMessage, CapturedRequest, CapturedResponse } from "./exchange.ts";
import { readFieldLines } from "./field-lines.ts";

/** Objects of one message, besides its octets; measured. */
const RECORD_BYTES = 400;
const NO_FIELDS: CapturedFields = [];

/** One side of an exchange while it passes. What its head says is read when somebody asks: most are never looked at. */
export class MessageRecord implements CapturedMessage {
  readonly #octets = new CapturedOctets();
  #headBytes = 0;
  #isWhole = false;
  #trailers = NO_FIELDS;
  #trailerBytes = 0;

  get raw(): Uint8Array {
    return this.#octets.kept;
  }

  get headBytes(): number {
    return this.#headBytes;
  }

  get wireBytes(): number {
    return this.#octets.passedBytes;
  }

  get isTruncated(): boolean {
    return this.#octets.isTruncated;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  get trailers(): CapturedFields {
    return this.#trailers;
  }

  get startLine(): string {
    const { raw } = this;
    const end = raw.indexOf(CR);
    return readLatin1(raw, 0, end < 0 ? raw.length : end);
  }

  get head(): CapturedFields {
    const text = readLatin1(this.raw, 0, this.#headBytes);
    return readFieldLines(text.slice(text.indexOf("\r\n") + 2));
  }

  get memoryBytes(): number {
    return RECORD_BYTES + this.#octets.memoryBytes + this.#trailerBytes;
  }

  /** A whole head. `bodyBytes`: how many octets of body it announces. */
  addHead(head: Uint8Array, bodyBytes: number): void {
    this.#headBytes = head.length;
    this.#octets.expect(head.length + bodyBytes);
    this.#octets.append(head);
  }

  /** A whole message of our own, without trailers. */
  addGenerated(message: Uint8Array): void {
    this.#headBytes = Buffer.from(message).indexOf("\r\n\r\n") + 4;
    this.#octets.append(message);
    this.complete();
  }

  /** Octets of the body; or of a message in which no head can be found. */
  add(bytes: Uint8Array): void {
    this.#octets.append(bytes);
  }

  complete(trailers: CapturedFields = NO_FIELDS): void {
    this.#isWhole = true;
    this.#trailers = trailers;
    for (const [name, value] of trailers) this.#trailerBytes += TRAILER_BYTES + name.length + value.length;
    this.seal();
  }

  /** Nothing follows, whole or not. */
  seal(): void {
    this.#octets.seal();
  }

  /** Lets go of the octets. */
  drop(): void {
    this.#octets.drop();
  }
}

export class RequestRecord extends MessageRecord implements CapturedRequest {
  get method(): string {
    return this.headBytes > 0 ? untilSpace(this.startLine) : "";
  }

  get target(): string {
    return this.headBytes > 0 ? (this.startLine.split(" ")[1] ?? "") : "";
  }

  get version(): string {
    return this.headBytes > 0 ? (this.startLine.split(" ")[2] ?? "") : "";
  }
}

export class ResponseRecord extends MessageRecord implements CapturedResponse {
  readonly isGenerated: boolean;

  constructor(isGenerated: boolean) {
    super();
    this.isGenerated = isGenerated;
  }

  get statusCode(): number {
    return Number.parseInt(this.status, 10) || 0;
  }

  get status(): string {
    return this.headBytes > 0 ? this.startLine.slice(this.version.length + 1).trimEnd() : "";
  }

  get version(): string {
    return this.headBytes > 0 ? untilSpace(this.startLine) : "";
  }
}

const CR = 0x0d;
/** Two strings in a pair, besides their characters. */
const TRAILER_BYTES = 100;

function untilSpace(text: string): string {
  const end = text.indexOf(" ");
  return end < 0 ? text : text.slice(0, end);
}
