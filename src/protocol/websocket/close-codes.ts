import { CONTROL_LIMIT_BYTES } from "./frame.ts";

/** RFC 6455 section 7.4.1. */
export const CLOSE_CODES = {
  normal: 1000,
  protocolError: 1002,
  unsupportedData: 1003,
  internalError: 1011,
} as const;

/** Payload of a Close frame. A reason that is too long is cut between two characters. */
export function closePayload(code: number, reason = ""): Uint8Array {
  const payload = new Uint8Array(CONTROL_LIMIT_BYTES);
  new DataView(payload.buffer).setUint16(0, code);
  const { written } = new TextEncoder().encodeInto(reason, payload.subarray(2));
  return payload.subarray(0, 2 + written);
}

/**
 * The code to answer a Close frame with: its own, or that of a protocol error when its payload is none (sections 5.5.1
 * and 7.4.2). A Close without a code is a normal one.
 */
export function answerToClose(payload: Uint8Array): number {
  if (payload.length === 0) return CLOSE_CODES.normal;
  if (payload.length === 1) return CLOSE_CODES.protocolError;
  const code = ((payload[0] ?? 0) << 8) | (payload[1] ?? 0);
  return maySend(code) && isUtf8(payload.subarray(2)) ? code : CLOSE_CODES.protocolError;
}

/** 1004 to 1006 and 1015 are never on the wire; what a library or a program agrees on begins at 3000. */
function maySend(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
