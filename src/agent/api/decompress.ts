import type { Transform } from "node:stream";
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from "node:zlib";

export interface Decompressed {
  readonly bytes: Uint8Array;
  /** There is more than the limit allows. */
  readonly isTruncated: boolean;
  /** Why it went no further; `bytes` is what came until then. */
  readonly error: string | undefined;
}

/** A content coding in lower case; undefined when we cannot undo it. */
export function decompressorOf(coding: string, coded: Uint8Array): Transform | undefined {
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
    case "deflate":
      // Named after the format without header, defined as the one with it: both are sent.
      return hasZlibHeader(coded) ? createInflate(FLUSHED) : createInflateRaw(FLUSHED);
    case "br":
      return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
    case "zstd":
      return createZstdDecompress({ finishFlush: constants.ZSTD_e_flush });
    default:
      return undefined;
  }
}

/** So that of a body that was cut as much is shown as there is. */
const FLUSHED = { finishFlush: constants.Z_SYNC_FLUSH };

/** At most `limitBytes` of what comes out: a few bytes can mean gigabytes. Never rejects. */
export async function decompress(
  decompressor: Transform,
  coded: Uint8Array,
  limitBytes: number,
): Promise<Decompressed> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    decompressor.end(coded);
    for await (const part of decompressor as AsyncIterable<Uint8Array>) {
      const taken = part.subarray(0, limitBytes - length);
      parts.push(taken);
      length += taken.length;
      // Leaving the loop destroys the stream.
      if (taken.length < part.length) return { bytes: Buffer.concat(parts), isTruncated: true, error: undefined };
    }
    return { bytes: Buffer.concat(parts), isTruncated: false, error: undefined };
  } catch (cause) {
    const error = cause instanceof Error ? cause.message : String(cause);
    return { bytes: Buffer.concat(parts), isTruncated: false, error };
  }
}

/** RFC 1950 section 2.2. */
function hasZlibHeader(coded: Uint8Array): boolean {
  const [method = 0, flags = 0] = coded;
  return (method & 0x0f) === 8 && (method * 256 + flags) % 31 === 0;
}
