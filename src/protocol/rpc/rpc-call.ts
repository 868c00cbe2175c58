import { ProtocolError } from "../../base/errors.ts";
import { MESSAGE_LIMIT_BYTES } from "./json-object-reader.ts";
import { parseErrorText } from "./rpc-error.ts";
import { encodeStreamType, STREAM_TYPE_BYTES } from "./stream-type.ts";
import type { JsonObject, WireValue } from "./wire-value.ts";

/** A message of one kind that opens a stream and gets no reply. */
export interface RpcNotice<Request> {
  /** As published, for logs and errors. */
  readonly name: string;
  readonly streamType: number;
  readonly request: WireValue<Request>;
}

/** What replies of one kind look like. */
export interface RpcReply<Reply> {
  readonly name: string;
  readonly reply: WireValue<Reply>;
  /** What a reply holds before its own fields: those that Rust agents need to see in a refusal too. */
  readonly replyFrame: JsonObject;
}

/** A request of one kind, and its reply: one JSON object each way on a stream of its own (protocol.md section 5). */
export interface RpcCall<Request, Reply> extends RpcNotice<Request>, RpcReply<Reply> {}

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** Stream type and message in one piece, for one frame: Go reads the type with a single read. */
export function encodeRequest<Request>(call: RpcNotice<Request>, request: Request): Uint8Array {
  const message = encodeJson(call.request.toWire(request));
  const bytes = new Uint8Array(STREAM_TYPE_BYTES + message.length);
  bytes.set(encodeStreamType(call.streamType));
  bytes.set(message, STREAM_TYPE_BYTES);
  return bytes;
}

/** Throws ProtocolError with the field and the reason when the message is not one of this kind. */
export function decodeRequest<Request>(call: RpcNotice<Request>, message: Uint8Array): Request {
  return decodeValue(`${call.name} request`, call.request, parseJson(`${call.name} request`, message));
}

export function encodeReply<Reply>(call: RpcReply<Reply>, reply: Reply): Uint8Array {
  return encodeJson({ ...call.replyFrame, ...asObject(call.reply.toWire(reply)) });
}

/** A reply that says no. `errorText` has the form of {@link encodeErrorText}, or no code. */
export function encodeRefusal(call: Pick<RpcReply<never>, "replyFrame">, errorText: string): Uint8Array {
  return encodeJson({ ...call.replyFrame, Error: errorText });
}

/** Throws RemoteError when the reply is a refusal, ProtocolError when it is not a reply of this kind. */
export function decodeReply<Reply>(call: RpcReply<Reply>, message: Uint8Array): Reply {
  const what = `${call.name} reply`;
  const wire = parseJson(what, message);
  const refusal = Object.entries(asObject(wire)).find(([name]) => name.toLowerCase() === "error")?.[1];
  if (typeof refusal === "string" && refusal !== "") throw parseErrorText(refusal);
  return decodeValue(what, call.reply, wire);
}

function decodeValue<T>(what: string, value: WireValue<T>, wire: unknown): T {
  const result = value.schema.safeParse(wire);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ProtocolError(`The ${what} cannot be read: ${issue?.path.join(".")}: ${issue?.message}.`);
}

function parseJson(what: string, message: Uint8Array): unknown {
  try {
    return JSON.parse(strictUtf8.decode(message));
  } catch (cause) {
    throw new ProtocolError(`The ${what} is not JSON in UTF-8.`, { cause });
  }
}

/** Refuses at the sender what every peer of ours would refuse. */
function encodeJson(wire: unknown): Uint8Array {
  const bytes = utf8.encode(JSON.stringify(wire));
  if (bytes.length > MESSAGE_LIMIT_BYTES) {
    throw new ProtocolError(`A message may have ${MESSAGE_LIMIT_BYTES} bytes at most, this one has ${bytes.length}.`);
  }
  return bytes;
}

function asObject(wire: unknown): JsonObject {
  return typeof wire === "object" && wire !== null ? { ...wire } : {};
}
