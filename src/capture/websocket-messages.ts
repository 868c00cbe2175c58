import { FIRST_CONTROL, OPCODES } from "../protocol/websocket/frame.ts";
import { type FrameHeader, WebSocketFrames } from "../protocol/websocket/frame-reader.ts";
import { BoundedBytes } from "./bounded-bytes.ts";
import { INFLATED_LIMIT_BYTES, MessageInflater } from "./message-inflater.ts";
import { MESSAGE_LIMIT_BYTES, type PassingMessage } from "./message-log.ts";

const CONTROL_KINDS: Readonly<Partial<Record<number, PassingMessage["kind"]>>> = {
  [OPCODES.close]: "close",
  [OPCODES.ping]: "ping",
  [OPCODES.pong]: "pong",
};
/** The bit of permessage-deflate (RFC 7692 section 6). */
const COMPRESSED = 0x40;

/** Objects of one direction, besides octets. */
const RECORD_BYTES = 1_000;

/** What the two sides agreed on about one direction. */
export interface MessageCoding {
  /** permessage-deflate; undefined when it was not agreed on. */
  readonly deflate: { readonly keepsContext: boolean } | undefined;
}

/**
 * Reads the messages of one direction of a WebSocket (RFC 6455): fragments are joined, payloads unmasked and
 * decompressed. Messages of an extension that is not known here are binary, as they passed. Holds one message, of which at
 * most {@link MESSAGE_LIMIT_BYTES} are handed out, and when it is compressed at most {@link INFLATED_LIMIT_BYTES}.
 */
export class WebSocketMessages {
  readonly #onMessage: (message: PassingMessage) => void;
  readonly #frames: WebSocketFrames;
  readonly #inflater: MessageInflater | undefined;
  readonly #plain = new BoundedBytes(MESSAGE_LIMIT_BYTES);
  readonly #compressed = new BoundedBytes(INFLATED_LIMIT_BYTES);
  readonly #control = new BoundedBytes(MESSAGE_LIMIT_BYTES);
  /** First frame of the message under way. */
  #first: FrameHeader | undefined;
  /** Where the payload of the frame under way goes. */
  #target = this.#plain;

  constructor({ deflate }: MessageCoding, onMessage: (message: PassingMessage) => void) {
    this.#inflater = deflate === undefined ? undefined : new MessageInflater(deflate.keepsContext);
    this.#onMessage = onMessage;
    this.#frames = new WebSocketFrames({
      onFrame: (frame) => this.#begin(frame),
      onPayload: (bytes) => this.#target.add(bytes),
      onFrameEnd: (frame) => this.#end(frame),
    });
  }

  /** Of the message under way, and what it takes to read further ones. */
  get memoryBytes(): number {
    const buffered = this.#plain.memoryBytes + this.#compressed.memoryBytes + this.#control.memoryBytes;
    return RECORD_BYTES + buffered + (this.#inflater?.memoryBytes ?? 0);
  }

  /** False once this cannot be a WebSocket. */
  receive(bytes: Uint8Array): boolean {
    return this.#frames.receive(bytes);
  }

  #begin(frame: FrameHeader): void {
    if (frame.opcode >= FIRST_CONTROL) {
      this.#target = this.#control;
      return;
    }
    // A continuation of nothing is a message of its own: binary.
    if (frame.opcode !== OPCODES.continuation || this.#first === undefined) this.#first = frame;
    this.#target = this.#isCompressed(this.#first) ? this.#compressed : this.#plain;
  }

  #end(frame: FrameHeader): void {
    const control = CONTROL_KINDS[frame.opcode];
    if (control !== undefined) this.#tell(control, this.#control);
    if (frame.opcode >= FIRST_CONTROL) return this.#control.clear();
    if (!frame.isFinal || this.#first === undefined) return;
    if (this.#isCompressed(this.#first)) this.#tellInflated(this.#first);
    else this.#tell(kindOf(this.#first), this.#plain);
    this.#first = undefined;
    this.#plain.clear();
    this.#compressed.clear();
  }

  #isCompressed(first: FrameHeader): boolean {
    return this.#inflater !== undefined && first.reserved === COMPRESSED;
  }

  #tellInflated(first: FrameHeader): void {
    const { kept, passedBytes } = this.#compressed;
    if (passedBytes > kept.length) this.#inflater?.skip();
    const message = passedBytes > kept.length ? undefined : this.#inflater?.inflate(kept);
    if (message === undefined) this.#tell("binary", this.#compressed);
    else this.#tell(first.opcode === OPCODES.text ? "text" : "binary", { kept: message, passedBytes: message.length });
  }

  #tell(kind: PassingMessage["kind"], { kept, passedBytes }: Pick<BoundedBytes, "kept" | "passedBytes">): void {
    const bytes = Uint8Array.from(kept.subarray(0, MESSAGE_LIMIT_BYTES));
    this.#onMessage({ kind, bytes, totalBytes: passedBytes, isTruncated: passedBytes > bytes.length });
  }
}

function kindOf({ opcode, reserved }: FrameHeader): "text" | "binary" {
  return opcode === OPCODES.text && reserved === 0 ? "text" : "binary";
}

/**
 * What a `Sec-WebSocket-Extensions` of a response says about both directions (RFC 7692 section 7.1). With an extension
 * that is not known here nothing is decompressed.
 */
export function agreedCodings(extensions: readonly string[]): {
  readonly visitor: MessageCoding;
  readonly upstream: MessageCoding;
} {
  const parameters = extensions
    .join(",")
    .toLowerCase()
    .split(/[;,]/)
    .map((part) => part.trim());
  const isDeflate = extensions.length === 1 && parameters[0] === "permessage-deflate" && !extensions[0]?.includes(",");
  const coding = (parameter: string): MessageCoding => ({
    deflate: isDeflate ? { keepsContext: !parameters.includes(parameter) } : undefined,
  });
  return { visitor: coding("client_no_context_takeover"), upstream: coding("server_no_context_takeover") };
}
