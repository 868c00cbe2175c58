import type { Http2Stream } from "node:http2";

/**
 * Ends a stream so that its peer takes what it got for a part: by RST_STREAM with INTERNAL_ERROR. `Http2Stream.close` with a
 * code would end it in order where our direction is still open (Bun 1.4.5), as if everything had been said.
 */
export function resetHttp2Stream(stream: Http2Stream): void {
  if (!stream.destroyed) stream.destroy(new Error("the message was cut"));
}
