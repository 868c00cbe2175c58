import { base64Bytes } from "../../body/base64-bytes.ts";

/** Bytes of the API's base64, in a buffer of their own, as a Blob wants them. */
export function capturedBytes(base64: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(base64Bytes(base64) ?? []);
}
