import { constants, inflateRawSync } from "node:zlib";

/** The end that senders leave off (RFC 7692 section 7.2.1). */
const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff);
/** The furthest that DEFLATE looks back (RFC 1951 section 2). */
const WINDOW_BYTES = 32_768;
/** A message that is larger is not decompressed; it costs a few milliseconds. */
export const INFLATED_LIMIT_BYTES = 1024 * 1024;

/**
 * What decompressing may make of so many octets, so that messages which are all zeros cost no more time than others do:
 * this much at first and at most, and more for each message and each of its octets.
 */
const CREDIT_LIMIT_BYTES = 8 * 1024 * 1024;
const CREDIT_PER_MESSAGE_BYTES = 1_024;
const CREDIT_PER_OCTET_BYTES = 16;

/** Decompresses the messages of one direction, which may refer to earlier ones (permessage-deflate, RFC 7692). */
export class MessageInflater {
  readonly #keepsContext: boolean;
  #window: Uint8Array = NOTHING;
  /** What was said before is not known any more. */
  #isLost = false;
  #creditBytes = CREDIT_LIMIT_BYTES;

  constructor(keepsContext: boolean) {
    this.#keepsContext = keepsContext;
  }

  /** What is remembered of earlier messages. */
  get memoryBytes(): number {
    return this.#window.length;
  }

  /**
   * The message; undefined when it is no DEFLATE or too large, {@link INFLATED_LIMIT_BYTES} at the most, and from then on if
   * messages refer to earlier ones.
   */
  inflate(compressed: Uint8Array): Uint8Array | undefined {
    if (this.#isLost) return undefined;
    const earned = CREDIT_PER_MESSAGE_BYTES + CREDIT_PER_OCTET_BYTES * compressed.length;
    this.#creditBytes = Math.min(CREDIT_LIMIT_BYTES, this.#creditBytes + earned);
    const limitBytes = Math.min(INFLATED_LIMIT_BYTES, this.#creditBytes);
    try {
      const message: Uint8Array = inflateRawSync(Buffer.concat([compressed, TAIL]), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: limitBytes,
        ...(this.#window.length > 0 && { dictionary: this.#window }),
      });
      this.#creditBytes -= message.length;
      if (this.#keepsContext) this.#remember(message);
      return message;
    } catch {
      // Whatever is wrong with it is the sender's affair; here it cannot be shown.
      this.#creditBytes -= limitBytes;
      this.skip();
      return undefined;
    }
  }

  /** A message that is not to be looked at. */
  skip(): void {
    this.#isLost = this.#keepsContext;
    if (this.#isLost) this.#window = NOTHING;
  }

  #remember(message: Uint8Array): void {
    const newest = message.subarray(-WINDOW_BYTES);
    const older = this.#window.subarray(Math.max(0, this.#window.length + newest.length - WINDOW_BYTES));
    this.#window = Buffer.concat([older, newest]);
  }
}

const NOTHING = new Uint8Array(0);
