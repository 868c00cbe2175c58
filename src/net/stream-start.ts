import { ProtocolError } from "../base/errors.ts";
import { MUX_ERRORS } from "../protocol/mux/error-codes.ts";
import type { MuxStream } from "../protocol/mux/mux-stream.ts";
import { PEER_LIMIT_MS } from "./served-call.ts";
import type { SessionServices } from "./session.ts";

/**
 * Reads how a stream of the peer begins, for which it has {@link PEER_LIMIT_MS}. `start` came with the stream type; `receive` is given the
 * bytes until it answers true, and has then passed the stream on to somebody who listens or has reset it. What it throws resets the stream.
 */
export function readStreamStart(
  stream: MuxStream,
  start: Uint8Array,
  receive: (bytes: Uint8Array) => boolean,
  { idleWatch, onFault }: Pick<SessionServices, "idleWatch" | "onFault">,
): void {
  const isDone = (bytes: Uint8Array): boolean => {
    try {
      return receive(bytes);
    } catch (error) {
      stream.reset(error instanceof ProtocolError ? MUX_ERRORS.protocol : MUX_ERRORS.internal);
      if (!(error instanceof ProtocolError)) onFault(error);
      return true;
    }
  };
  // Nearly always it comes in one piece with the type, and the stream needs no deadline.
  if (isDone(start)) return;
  const deadline = idleWatch.watch(PEER_LIMIT_MS, () => stream.reset(MUX_ERRORS.streamCancelled));
  stream.listen({
    onData: (bytes) => {
      if (isDone(bytes)) deadline.stop();
    },
    onDrain: () => {},
    onEnd: () => stream.reset(MUX_ERRORS.protocol),
    onClose: () => deadline.stop(),
  });
}
