import type { FieldLines } from "./field-lines.ts";
import { writeLatin1 } from "./latin1.ts";

/** Data as one chunk (RFC 9112 section 7.1). Nothing for no data: an empty chunk would end the body. */
export function writeChunk(data: Uint8Array): Uint8Array {
  if (data.length === 0) return data;
  const size = `${data.length.toString(16)}\r\n`;
  const chunk = new Uint8Array(size.length + data.length + 2);
  writeLatin1(chunk, 0, size);
  chunk.set(data, size.length);
  writeLatin1(chunk, size.length + data.length, "\r\n");
  return chunk;
}

/** The end of a body, with its trailers. Names and values must be fit for field lines. */
export function writeLastChunk(trailers: FieldLines): Uint8Array {
  const lines = trailers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.from(`0\r\n${lines}\r\n`, "latin1");
}
