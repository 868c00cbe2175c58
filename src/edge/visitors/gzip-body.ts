/** The body of a response on its way through, as gzip (RFC 1952) in chunked coding. */
import { constants, crc32, deflateRawSync } from "node:zlib";
import { ChunkedBody } from "../../protocol/http1/chunked-body.ts";
import { writeChunk, writeLastChunk } from "../../protocol/http1/chunked-writer.ts";
import type { Framing } from "../../protocol/http1/framing.ts";

/** No name, no time, unknown system. */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
/** An empty last block. */
const LAST_BLOCK = Uint8Array.of(3, 0);
/** How far back deflate refers (RFC 1951). */
const WINDOW_BYTES = 32 * 1024;
/** Visitors wait for it on the one thread there is. */
const LEVEL = 4;

/**
 * Each piece is deflated by itself, up to a whole octet, with what came before as its dictionary: together they are one
 * stream, nothing is ever held back, and between two pieces there is no deflater that could be forgotten.
 */
export class GzipBody {
  readonly #chunked: ChunkedBody | undefined;
  readonly #pieces: Uint8Array[] = [];
  #window = new Uint8Array(0);
  #checksum = 0;
  #bytes = 0;
  #hasBegun = false;

  /** How the upstream tells the end of the body. */
  constructor(framing: Framing) {
    this.#chunked = framing.type === "chunked" ? new ChunkedBody((data) => this.#pieces.push(data)) : undefined;
  }

  /** As framed by the upstream. Used at the next {@link flush}. */
  receive(bytes: Uint8Array): void {
    if (this.#chunked === undefined) this.#pieces.push(bytes);
    else this.#chunked.receive(bytes);
  }

  /** All that was received, for the visitor; empty when that was nothing. */
  flush(): Uint8Array {
    const data = Buffer.concat(this.#pieces.splice(0));
    if (data.length === 0) return data;
    const head = this.#hasBegun ? [] : [HEADER];
    this.#hasBegun = true;
    return writeChunk(Buffer.concat([...head, this.#deflated(data)]));
  }

  /** What is left, and the end of the body. */
  end(): Uint8Array {
    const rest = this.flush();
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(this.#checksum, 0);
    trailer.writeUInt32LE(this.#bytes % 2 ** 32, 4);
    const last = Buffer.concat([...(this.#hasBegun ? [] : [HEADER]), LAST_BLOCK, trailer]);
    return Buffer.concat([rest, writeChunk(last), writeLastChunk([])]);
  }

  #deflated(data: Uint8Array): Uint8Array {
    const dictionary = this.#window.length === 0 ? {} : { dictionary: this.#window };
    const deflated = deflateRawSync(data, { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH, ...dictionary });
    this.#checksum = crc32(data, this.#checksum);
    this.#bytes += data.length;
    this.#window = Buffer.concat([this.#window, data]).subarray(-WINDOW_BYTES).slice();
    return deflated;
  }
}
