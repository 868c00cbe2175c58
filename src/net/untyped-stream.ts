import { MUX_ERRORS } from "../protocol/mux/error-codes.ts";
import type { MuxStream } from "../protocol/mux/mux-stream.ts";
import { StreamTypeReader } from "../protocol/rpc/stream-type.ts";
import type { IdleWatch } from "./idle-watch.ts";
import { PEER_LIMIT_MS } from "./served-call.ts";

export interface UntypedStreamHandler {
  /** Listens to the stream, or resets it, before returning. `rest` may be empty. */
  onTyped(streamType: number, rest: Uint8Array): void;
  /** The stream no longer waits for its type; before `onTyped`. Exactly once. */
  onSettled(): void;
}

/** Reads the type of a stream that the peer opened, for which it has {@link PEER_LIMIT_MS} (protocol.md section 3). */
export function readStreamType(stream: MuxStream, idleWatch: IdleWatch, handler: UntypedStreamHandler): void {
  const reader = new StreamTypeReader();
  const deadline = idleWatch.watch(PEER_LIMIT_MS, () => stream.reset(MUX_ERRORS.streamCancelled));
  let isSettled = false;
  const settle = (): void => {
    if (isSettled) return;
    isSettled = true;
    deadline.stop();
    handler.onSettled();
  };
  stream.listen({
    onData: (bytes) => {
      const found = isSettled ? undefined : reader.receive(bytes);
      if (found === undefined) return;
      settle();
      handler.onTyped(found.streamType, found.rest);
    },
    onDrain: () => {},
    onEnd: () => stream.reset(MUX_ERRORS.protocol),
    onClose: settle,
  });
}
