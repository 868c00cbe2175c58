import { readLatin1 } from "../protocol/http1/latin1.ts";
import { CapturedOctets } from "./captured-octets.ts";
import type { CapturedFields, CapturedMessage, CapturedRequest, CapturedResponse } from "./exchange.ts";
import { readFieldLines } from "../protocol/http1/field-lines.ts";

const NO_FIELDS: CapturedFields = [];

/** A message that was not {@link MessageRecord.isPlain | plain} has more to it. */
export type KeptMessage = Pick<CapturedMessage, "raw" | "headBytes" | "isWhole">;

/** One side of an exchange while it passes. What its head says is read when somebody asks: most are never looked at. */
export class MessageRecord extends CapturedOctets implements CapturedMessage {
  #headBytes: number;
  #isWhole: boolean;
  #trailers = NO_FIELDS;

  constructor({ raw, headBytes = 0, isWhole = false }: Partial<KeptMessage> = {}) {
    super(raw);
    this.#headBytes = headBytes;
    this.#isWhole = isWhole;
  }

  get headBytes(): number {
    return this.#headBytes;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  get trailers(): CapturedFields {
    return this.#trailers;
  }

  /** All that is known of it can be read from its octets. */
  get isPlain(): boolean {
    return !this.isTruncated && this.#trailers.length === 0;
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

  override get memoryBytes(): number {
    if (this.#trailers.length === 0) return super.memoryBytes;
    const sizes = this.#trailers.map(([name, value]) => TRAILER_BYTES + name.length + value.length);
    return sizes.reduce((sum, size) => sum + size, super.memoryBytes);
  }

  /** A whole head. `bodyBytes`: how many octets of its body are about to be added. */
  addHead(head: Uint8Array, bodyBytes: number): void {
    this.#headBytes = head.length;
    this.expect(head.length + bodyBytes);
    this.add(head);
  }

  /** A whole message of our own, without trailers. */
  addGenerated(message: Uint8Array): void {
    this.#headBytes = Buffer.from(message).indexOf("\r\n\r\n") + 4;
    this.add(message);
    this.complete();
  }

  complete(trailers: CapturedFields = NO_FIELDS): void {
    this.#isWhole = true;
    this.#trailers = trailers;
    this.seal();
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

  constructor(isGenerated: boolean, kept?: KeptMessage) {
    super(kept);
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
