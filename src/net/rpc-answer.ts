import { ProtocolError, PublicError } from "../base/errors.ts";
import { decodeRequest, encodeRefusal, encodeReply, type RpcCall, type RpcNotice } from "../protocol/rpc/rpc-call.ts";
import { encodeErrorText, RemoteError } from "../protocol/rpc/rpc-error.ts";
import type { OnFault } from "./faults.ts";

/** How one kind of message from the peer is dealt with. Made by {@link answer} and {@link hear}. */
export interface Answer {
  readonly streamType: number;
  /** The reply to a whole request; undefined when this kind has none. Never rejects. */
  reply(message: Uint8Array, onFault: OnFault): Promise<Uint8Array | undefined>;
  /** A reply that refuses for this reason, without a code; undefined when this kind has no reply. */
  refuse(reason: string): Uint8Array | undefined;
}

/** What a peer is told about a fault of ours. */
const FAULT_TEXT = "The other side failed to process this call. Its operator finds the reason in its log.";

/**
 * Answers a call. What `handle` throws becomes the reply: a PublicError or RemoteError with its text and code, anything else a text that tells
 * nothing, while the fault goes to our log. A request that cannot be read is refused with the reason.
 */
export function answer<Request, Reply>(
  call: RpcCall<Request, Reply>,
  handle: (request: Request) => Promise<Reply>,
): Answer {
  return {
    streamType: call.streamType,
    refuse: (reason) => encodeRefusal(call, reason),
    reply: async (message, onFault) => {
      try {
        return encodeReply(call, await handle(decodeRequest(call, message)));
      } catch (error) {
        return encodeRefusal(call, refusalText(error, onFault));
      }
    },
  };
}

/** Hears a message that gets no reply. One that cannot be read is left unheard. */
export function hear<Request>(notice: RpcNotice<Request>, handle: (request: Request) => void): Answer {
  return {
    streamType: notice.streamType,
    refuse: () => undefined,
    reply: (message, onFault) => {
      try {
        handle(decodeRequest(notice, message));
      } catch (error) {
        refusalText(error, onFault);
      }
      return Promise.resolve(undefined);
    },
  };
}

function refusalText(error: unknown, onFault: OnFault): string {
  // What another process has refused is passed on.
  if (error instanceof PublicError || error instanceof RemoteError) return encodeErrorText(error);
  if (error instanceof ProtocolError) return error.message;
  onFault(error);
  return FAULT_TEXT;
}
