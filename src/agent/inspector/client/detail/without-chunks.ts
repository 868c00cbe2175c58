import { latin1 } from "../../body/raw-message.ts";

const LINE_FEED = 10;
/** A size of more digits is none that anybody captured. */
const SIZE_LINE_LIMIT = 4_096;

/** Content of a body in chunked coding (RFC 9112 section 7.1), as far as it goes; extensions and trailers are left out. */
export function withoutChunks(coded: Uint8Array): Uint8Array {
  const content = new Uint8Array(coded.length);
  let length = 0;
  for (let at = 0; at < coded.length;) {
    const lineEnd = coded.indexOf(LINE_FEED, at);
    if (lineEnd < 0 || lineEnd - at > SIZE_LINE_LIMIT) break;
    const size = Number.parseInt(latin1(coded.subarray(at, lineEnd)), 16);
    if (!(size > 0)) break;
    const chunk = coded.subarray(lineEnd + 1, lineEnd + 1 + size);
    content.set(chunk, length);
    length += chunk.length;
    at = lineEnd + 1 + size + 2; // behind the line break that ends the chunk
  }
  return content.subarray(0, length);
}
