import type { ResponseHead } from "../protocol/http1/response-head.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import type { ExchangeRecorder } from "./exchange-recorder.ts";
import type { StreamedMessage } from "./exchange.ts";
import { agreedCodings, type MessageCoding, WebSocketMessages } from "./websocket-messages.ts";

/** Records the messages of a WebSocket, both ways. A direction that breaks the rules is not looked at any more. */
export class WebSocketWatch {
  readonly #exchange: ExchangeRecord;
  readonly #recorder: ExchangeRecorder;
  #visitor: WebSocketMessages | undefined;
  #upstream: WebSocketMessages | undefined;
  #nowMs = 0;
  /** Messages came that nobody was told of. */
  #hasMessages = false;

  private constructor(exchange: ExchangeRecord, recorder: ExchangeRecorder, extensions: readonly string[]) {
    this.#exchange = exchange;
    this.#recorder = recorder;
    const codings = agreedCodings(extensions);
    const visitor = this.#direction("visitor", codings.visitor);
    const upstream = this.#direction("upstream", codings.upstream);
    this.#visitor = visitor;
    this.#upstream = upstream;
    exchange.openStream("websocket", [visitor, upstream]);
  }

  /** Undefined when the response goes on with something else. */
  static begin(exchange: ExchangeRecord, recorder: ExchangeRecorder, head: ResponseHead): WebSocketWatch | undefined {
    const isWebSocket = head.upgrade?.some((protocol) => protocol.toLowerCase() === "websocket") ?? false;
    return isWebSocket ? new WebSocketWatch(exchange, recorder, head.values("sec-websocket-extensions")) : undefined;
  }

  fromVisitor(bytes: Uint8Array, nowMs: number): void {
    if (this.#visitor !== undefined && !this.#show(this.#visitor, bytes, nowMs)) this.#visitor = undefined;
  }

  fromUpstream(bytes: Uint8Array, nowMs: number): void {
    if (this.#upstream !== undefined && !this.#show(this.#upstream, bytes, nowMs)) this.#upstream = undefined;
  }

  #direction(from: StreamedMessage["from"], coding: MessageCoding): WebSocketMessages {
    return new WebSocketMessages(coding, (message) => {
      this.#exchange.addMessage(from, this.#nowMs, message);
      this.#hasMessages = true;
    });
  }

  /** False when nothing more is to be read. */
  #show(messages: WebSocketMessages, bytes: Uint8Array, nowMs: number): boolean {
    if (this.#exchange.isDropped) return false;
    this.#nowMs = nowMs;
    const isReadable = messages.receive(bytes);
    // Once for all of a piece: there may be thousands in it.
    if (this.#hasMessages) this.#recorder.changed(this.#exchange);
    else this.#recorder.grown(this.#exchange);
    this.#hasMessages = false;
    return isReadable;
  }
}
