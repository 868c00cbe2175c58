/** Frames as bytes, for feeding a peer. */
import {
  FLAGS,
  goAwayFrame,
  HEADER_BYTES,
  writeDataHeader,
  writeReset,
  writeWindowIncrement,
} from "../../src/protocol/mux/frame.ts";
import type { Frame } from "./frame-recorder.ts";

export function dataFrame(
  id: number,
  payload: Uint8Array | string = "",
  flags: "" | "syn" | "fin" | "syn+fin" = "",
): Buffer {
  const body = Buffer.from(payload);
  const bits = (flags.includes("syn") ? FLAGS.syn : 0) | (flags.includes("fin") ? FLAGS.fin : 0);
  const header = Buffer.alloc(HEADER_BYTES);
  writeDataHeader(header, 0, body.length, bits, id);
  return Buffer.concat([header, body]);
}

export function resetFrame(id: number, code: number): Buffer {
  const frame = Buffer.alloc(12);
  writeReset(frame, 0, id, code);
  return frame;
}

export function incrementFrame(id: number, by: number): Buffer {
  const frame = Buffer.alloc(12);
  writeWindowIncrement(frame, 0, id, by);
  return frame;
}

export function encode(frame: Frame): Buffer {
  switch (frame.type) {
    case "data": {
      const flags = frame.syn ? (frame.fin ? "syn+fin" : "syn") : frame.fin ? "fin" : "";
      return dataFrame(frame.id, frame.payload, flags);
    }
    case "reset":
      return resetFrame(frame.id, frame.code);
    case "increment":
      return incrementFrame(frame.id, frame.by);
    case "goAway":
      return Buffer.from(goAwayFrame(frame.lastId, frame.code, frame.message));
    default:
      return frame satisfies never;
  }
}
