/** The recorded sessions of test/vectors, one entry per frame (protocol.md section 13), taken apart by stream. */
import { join } from "node:path";

export type Direction = "agent->edge" | "edge->agent";

export interface RecordedFrame {
  readonly dir: Direction;
  /** Empty for an event that is no frame. */
  readonly bytes: Uint8Array;
  readonly note: string;
}

export interface RecordedStream {
  readonly id: number;
  readonly openedBy: Direction;
  readonly streamType: number;
  /** Payload behind the stream type. */
  readonly fromOpener: Uint8Array;
  readonly fromAnswerer: Uint8Array;
}

export const RECORDINGS = [
  "js-http",
  "js-tcp",
  "js-binds",
  "js-reconnect",
  "js-auth-error",
  "js-bind-error",
  "js-commands",
  "go-http",
  "go-tcp-patch",
  "go-diagnose",
  "go-multileg-leg1",
] as const;

const HEADER_BYTES = 8;
const DATA_FRAME = 1;

export async function recordedFrames(name: (typeof RECORDINGS)[number]): Promise<readonly RecordedFrame[]> {
  const file = Bun.file(join(import.meta.dir, `../vectors/${name}.json`));
  // The files are ours: arrays of three strings.
  const entries = (await file.json()) as readonly { dir: Direction; hex: string; note: string }[];
  return entries.map(({ dir, hex, note }) => ({ dir, note, bytes: Uint8Array.from(Buffer.from(hex, "hex")) }));
}

export async function recordedStreams(name: (typeof RECORDINGS)[number]): Promise<readonly RecordedStream[]> {
  const payloads = new Map<number, { openedBy: Direction; opener: Uint8Array[]; answerer: Uint8Array[] }>();
  for (const { dir, bytes } of await recordedFrames(name)) {
    if ((bytes[3] ?? 0) >> 4 !== DATA_FRAME) continue;
    const id = Buffer.from(bytes).readUInt32BE(4);
    const stream = payloads.get(id) ?? { openedBy: dir, opener: [], answerer: [] };
    payloads.set(id, stream);
    (dir === stream.openedBy ? stream.opener : stream.answerer).push(bytes.subarray(HEADER_BYTES));
  }
  return [...payloads].map(([id, { openedBy, opener, answerer }]) => {
    const all = Buffer.concat(opener);
    return {
      id,
      openedBy,
      // Some recordings begin with the end of a stream that was opened before.
      streamType: all.length >= 4 ? all.readUInt32BE(0) : -1,
      fromOpener: Uint8Array.from(all.subarray(4)),
      fromAnswerer: Uint8Array.from(Buffer.concat(answerer)),
    };
  });
}
