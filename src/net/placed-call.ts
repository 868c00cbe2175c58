import type { Clock } from "../base/clock.ts";
import { ProtocolError } from "../base/errors.ts";
import { MUX_ERRORS } from "../protocol/mux/error-codes.ts";
import { JsonObjectReader } from "../protocol/rpc/json-object-reader.ts";
import { decodeReply, type RpcReply } from "../protocol/rpc/rpc-call.ts";
import type { CloseCause, Duplex } from "./duplex.ts";
import { lingeringEnd } from "./linger.ts";
import { SessionError } from "./session-error.ts";

export interface PlacedCallOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/**
 * Sends a request, made by `encodeRequest`, over a stream of its own and reads the reply; `undefined`: the stream began with it. Our direction stays open until the
 * reply is there, as peers expect. Rejects with RemoteError (refused), ProtocolError (nonsense) or SessionError (no reply).
 */
export function placeCall<Reply>(
  stream: Duplex,
  call: RpcReply<Reply>,
  request: Uint8Array | undefined,
  { clock, timeoutMs }: PlacedCallOptions,
): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const reader = new JsonObjectReader();
  const giveUp = (error: Error, code: number): void => {
    cancelDeadline();
    reject(error);
    stream.reset(code);
  };
  const cancelDeadline = clock.after(timeoutMs, () => {
    giveUp(new SessionError("timed out", `No reply to ${call.name} in ${timeoutMs} ms.`), MUX_ERRORS.streamCancelled);
  });
  stream.listen({
    onData: (bytes) => {
      try {
        const message = reader.receive(bytes);
        if (message === undefined) return;
        cancelDeadline();
        lingeringEnd(stream, clock);
        resolve(decodeReply(call, message));
      } catch (error) {
        // Whatever is thrown here says what is wrong with the reply.
        giveUp(error instanceof Error ? error : new ProtocolError(String(error)), MUX_ERRORS.protocol);
      }
    },
    onDrain: () => {},
    onEnd: () => {
      giveUp(new ProtocolError(`The peer ended ${call.name} without a whole reply.`), MUX_ERRORS.protocol);
    },
    onClose: (cause) => {
      cancelDeadline();
      reject(closedBefore(call.name, cause));
    },
  });
  if (request !== undefined) stream.write(request);
  return promise;
}

function closedBefore(name: string, cause: CloseCause | undefined): SessionError {
  if (cause?.code === "SESSION_ENDED") return new SessionError("session ended", `The session ended during ${name}.`);
  return new SessionError("stream reset", `The peer reset ${name} (code ${cause?.resetCode ?? "unknown"}).`);
}
