/**
 * Responses as a visitor of HTTP/1.0 understands them: without transfer coding (RFC 9112 section 6.1), so that the end of the
 * connection may have to end the body, and with a word whenever the connection stays (section 9.3). Interim ones it gets none of
 * (RFC 9110 section 15.2).
 */
import { ChunkedBody } from "../../protocol/http1/chunked-body.ts";
import { HeadEdits } from "../../protocol/http1/head-edits.ts";

/** What changes in the head, behind what `edits` say. They are used up. */
export function editsForHttp10(keepsAlive: boolean, edits: HeadEdits = new HeadEdits()): HeadEdits {
  edits.remove("Transfer-Encoding").remove("Trailer");
  if (keepsAlive) return edits.set("Connection", "keep-alive");
  // Some take the field alone for the promise.
  return edits.set("Connection", "close").remove("Keep-Alive");
}

/** A body in chunks, without them and their trailers. */
export class UnchunkedBody {
  readonly #pieces: Uint8Array[] = [];
  readonly #chunked = new ChunkedBody((data) => this.#pieces.push(data), 0);

  /** The data in a piece as framed by the upstream, which may be none. */
  receive(bytes: Uint8Array): Uint8Array {
    this.#chunked.receive(bytes);
    const pieces = this.#pieces.splice(0);
    // A write for each of many small chunks would cost more than the copy.
    return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
  }
}
