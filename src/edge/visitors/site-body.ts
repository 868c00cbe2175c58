import { ChunkedBody } from "../../protocol/http1/chunked-body.ts";
import type { Framing } from "../../protocol/http1/framing.ts";

const FIRST_BYTES = 1024;

/**
 * The body of a request in one piece, without transfer coding. However small the pieces are in which it comes, it takes at
 * most twice its size.
 */
export class SiteBody {
  readonly #limitBytes: number;
  readonly #chunked: ChunkedBody | undefined;
  #buffer = new Uint8Array(0);
  #length = 0;

  constructor(framing: Framing, limitBytes: number) {
    this.#limitBytes = limitBytes;
    this.#chunked = framing.type === "chunked" ? new ChunkedBody((bytes) => this.#keep(bytes)) : undefined;
  }

  /** As on the wire. False: the body is too large, and nothing more is kept. */
  receive(bytes: Uint8Array): boolean {
    if (this.#chunked === undefined) this.#keep(bytes);
    else this.#chunked.receive(bytes);
    return this.#length <= this.#limitBytes;
  }

  /** Valid until more is received. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length);
  }

  #keep(bytes: Uint8Array): void {
    const from = this.#length;
    this.#length += bytes.length;
    if (this.#length > this.#limitBytes) return;
    if (this.#length > this.#buffer.length) this.#grow();
    this.#buffer.set(bytes, from);
  }

  #grow(): void {
    const larger = Math.max(FIRST_BYTES, this.#length, this.#buffer.length * 2);
    const grown = new Uint8Array(Math.min(larger, this.#limitBytes));
    grown.set(this.#buffer);
    this.#buffer = grown;
  }
}
