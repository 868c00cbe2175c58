import type { Clock } from "../../base/clock.ts";
import { ProtocolError } from "../../base/errors.ts";
import type { Duplex } from "../../net/duplex.ts";
import { MUX_ERRORS } from "../../protocol/mux/error-codes.ts";
import { ProxyHeaderReader } from "../../protocol/proxyproto/proxy-header-reader.ts";

/** The edge writes the header at once, so that an edge which does not is at fault. */
const PRELUDE_TIMEOUT_MS = 30_000;

/**
 * Takes the PROXY header off that an edge writes in front of the visitor's bytes (protocol.md section 6). `start` was read
 * before. `onTaken` gets the header as it came and what was read behind it; it listens to the stream before it returns. A
 * stream without a header is reset.
 */
export function takeProxyPrelude(
  stream: Duplex,
  start: Uint8Array,
  clock: Clock,
  onTaken: (prelude: Uint8Array, rest: Uint8Array) => void,
): void {
  const reader = new ProxyHeaderReader();
  const received: Uint8Array[] = [];
  const giveUp = (code: number): void => {
    cancelDeadline();
    stream.reset(code);
  };
  const receive = (bytes: Uint8Array): void => {
    const rest = readOn(reader, bytes);
    if (rest === "wrong") return giveUp(MUX_ERRORS.protocol);
    if (rest === "more") return void received.push(bytes);
    cancelDeadline();
    onTaken(Buffer.concat([...received, bytes.subarray(0, bytes.length - rest.length)]), rest);
  };
  const cancelDeadline = clock.after(PRELUDE_TIMEOUT_MS, () => giveUp(MUX_ERRORS.streamCancelled));
  stream.listen({
    onData: receive,
    onDrain: () => {},
    onEnd: () => giveUp(MUX_ERRORS.protocol),
    onClose: () => cancelDeadline(),
  });
  if (start.length > 0) receive(start);
}

function readOn(reader: ProxyHeaderReader, bytes: Uint8Array): Uint8Array | "more" | "wrong" {
  try {
    const found = reader.receive(bytes);
    return found === "more" ? found : found.rest;
  } catch (error) {
    if (error instanceof ProtocolError) return "wrong";
    throw error;
  }
}
