/** The body of a request that is kept until it was checked. */
import { ChunkedBody } from "../../protocol/http1/chunked-body.ts";
import type { Framing } from "../../protocol/http1/framing.ts";

/** Chunk sizes and the like may be as much again. */
const FRAMED_FACTOR = 2;

export class GatheredBody {
  readonly limitBytes: number;
  readonly #framed: Uint8Array[] = [];
  readonly #chunked: ChunkedBody | undefined;
  readonly #data: Uint8Array[] = [];
  #framedBytes = 0;
  #dataBytes = 0;

  constructor(framing: Framing, limitBytes: number) {
    this.limitBytes = limitBytes;
    this.#chunked = framing.type === "chunked" ? new ChunkedBody((bytes) => this.#keep(bytes)) : undefined;
  }

  /** As on the wire. False: the body is too large. */
  receive(bytes: Uint8Array): boolean {
    this.#framed.push(bytes);
    this.#framedBytes += bytes.length;
    if (this.#chunked === undefined) this.#keep(bytes);
    else this.#chunked.receive(bytes);
    return this.#dataBytes <= this.limitBytes && this.#framedBytes <= this.limitBytes * FRAMED_FACTOR;
  }

  /** Without transfer coding. */
  get data(): Uint8Array {
    return Buffer.concat(this.#data);
  }

  /** Pieces as they came, to be sent on. */
  get framed(): readonly Uint8Array[] {
    return this.#framed;
  }

  #keep(bytes: Uint8Array): void {
    this.#data.push(bytes);
    this.#dataBytes += bytes.length;
  }
}
