import { ProtocolError } from "../../base/errors.ts";
import { ByteCollector } from "./byte-collector.ts";

/** The largest message we take. Real ones have about 1 KB; policies and certificates make them longer. */
export const MESSAGE_LIMIT_BYTES = 1 << 20;
/** Real messages nest 5 deep. A parser of JSON is recursive in places, so a stranger must not choose the depth. */
export const MESSAGE_LIMIT_DEPTH = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);
const OPENING_BRACE = 0x7b;
const WHITE_SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * Finds the end of the first JSON object in a stream of bytes that may be cut anywhere, without waiting for a newline or
 * the end of the stream, which a caller keeps open until it has its reply (protocol.md section 5). Only brackets and strings
 * are understood here; whether the text is JSON is for the parser to say. One reader per message.
 */
export class JsonObjectReader {
  readonly #kept = new ByteCollector();
  #depth = 0;
  #inString = false;
  #escaped = false;

  /**
   * The bytes of the object once it is complete, else undefined; what follows the object is dropped. Not to be called
   * after that. Throws ProtocolError when anything but an object begins, or a limit is passed.
   */
  receive(chunk: Uint8Array): Uint8Array | undefined {
    const start = this.#depth === 0 ? skipWhiteSpace(chunk) : 0;
    if (start === chunk.length) return undefined;
    if (this.#depth === 0 && chunk[start] !== OPENING_BRACE) {
      throw new ProtocolError("A message must be a JSON object, but begins with something else.");
    }
    const end = this.#findEnd(chunk, start);
    const part = chunk.subarray(start, end ?? chunk.length);
    if (this.#kept.length + part.length > MESSAGE_LIMIT_BYTES) {
      throw new ProtocolError(`A message may have ${MESSAGE_LIMIT_BYTES} bytes at most.`);
    }
    if (end !== undefined && this.#kept.length === 0) return part;
    this.#kept.append(part);
    return end === undefined ? undefined : this.#kept.bytes();
  }

  /** The index behind the last byte of the object, if this chunk holds it. */
  #findEnd(chunk: Uint8Array, start: number): number | undefined {
    for (let at = start; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#inString) this.#passStringByte(byte);
      else if (byte === QUOTE) this.#inString = true;
      else if (OPENING.has(byte)) this.#enter();
      else if (CLOSING.has(byte) && --this.#depth === 0) return at + 1;
    }
    return undefined;
  }

  #passStringByte(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  #enter(): void {
    if (++this.#depth > MESSAGE_LIMIT_DEPTH) {
      throw new ProtocolError(`A message may nest ${MESSAGE_LIMIT_DEPTH} deep at most.`);
    }
  }
}

function skipWhiteSpace(chunk: Uint8Array): number {
  const index = chunk.findIndex((byte) => !WHITE_SPACE.has(byte));
  return index === -1 ? chunk.length : index;
}
