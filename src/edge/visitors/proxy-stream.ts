/**
 * The agent's side of a visitor's HTTP exchanges: one stream to the agent, used for one request after the other, and the
 * responses that come back on it.
 */
import type { CloseCause, Duplex, DuplexHandler } from "../../net/duplex.ts";
import type { BadResponse } from "../../protocol/http1/faults.ts";
import type { ResponseHead } from "../../protocol/http1/response-head.ts";
import { type ResponseHandler, ResponseReader } from "../../protocol/http1/response-reader.ts";

/** Why no response, or no whole one, came back. */
export type StreamFailure =
  /** The agent reset the stream, or its session ended. */
  | { readonly type: "reset"; readonly cause: CloseCause | undefined }
  /** The upstream ended the connection before the response was whole. */
  | { readonly type: "ended" }
  /** The upstream does not speak HTTP, or frames its response so that two readers could read it differently. */
  | { readonly type: "refused"; readonly error: BadResponse };

export interface ResponseListener {
  /** Of interim responses too. */
  onResponseHead(head: ResponseHead): void;
  /** Body bytes as they were framed on the wire. */
  onResponseBody(bytes: Uint8Array): void;
  onResponseComplete(): void;
  /** All that had arrived was handed on. */
  onResponsePause(): void;
  /** At most once. The stream is of no use afterwards; between exchanges that means nothing. */
  onStreamFailure(failure: StreamFailure): void;
  /** There is room again, after `send` answered false. */
  onStreamDrain(): void;
}

export class ProxyStream implements DuplexHandler, ResponseHandler {
  readonly #stream: Duplex;
  readonly #listener: ResponseListener;
  readonly #reader: ResponseReader;
  #exchanges = 0;
  #isExpecting = false;
  #isUsable = true;
  #hasFailed = false;

  constructor(stream: Duplex, listener: ResponseListener) {
    this.#stream = stream;
    this.#listener = listener;
    this.#reader = new ResponseReader(this);
    stream.listen(this);
  }

  /** Whether a further request may be sent: the agent has neither ended nor reset the stream. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** Whether an earlier exchange went over this stream, so that its end may have crossed with the latest request. */
  get wasUsedBefore(): boolean {
    return this.#exchanges > 1;
  }

  /** The next response belongs to a request of this method, which is sent now. */
  expectResponseTo(method: string): void {
    this.#exchanges += 1;
    this.#isExpecting = true;
    this.#reader.next(method);
  }

  /** False: stop until {@link ResponseListener.onStreamDrain}. */
  send(bytes: Uint8Array): boolean {
    return this.#stream.write(bytes);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Gives the stream away after an upgrade, with the bytes that came behind the response head. */
  surrender(): { readonly stream: Duplex; readonly rest: readonly Uint8Array[] } {
    this.#isUsable = false;
    this.#hasFailed = true;
    return { stream: this.#stream, rest: this.#reader.takeRest() };
  }

  /**
   * The visitor needs the stream no longer. Between exchanges it is handed back, for an orderly end; in the middle of one
   * the upstream is told by a reset.
   */
  dispose(): Duplex | undefined {
    const wasUsable = this.#isUsable;
    this.#isUsable = false;
    this.#hasFailed = true;
    if (wasUsable && !this.#isExpecting) return this.#stream;
    this.#stream.reset();
    return undefined;
  }

  onData(bytes: Uint8Array): void {
    if (!this.#isUsable) return;
    if (!this.#isExpecting) {
      // Bytes that answer no request could be taken for the answer to the next one.
      this.#fail({ type: "ended" });
      this.#stream.reset();
      return;
    }
    this.#reader.receive(bytes);
    this.#listener.onResponsePause();
  }

  onDrain(): void {
    this.#listener.onStreamDrain();
  }

  onEnd(): void {
    if (this.#hasFailed) return;
    if (this.#isExpecting) this.#reader.end();
    this.#listener.onResponsePause();
    this.#fail({ type: "ended" });
    this.#stream.end();
  }

  onClose(cause: CloseCause | undefined): void {
    this.#fail({ type: "reset", cause });
  }

  onHead(head: ResponseHead): void {
    this.#listener.onResponseHead(head);
  }

  onBody(bytes: Uint8Array): void {
    this.#listener.onResponseBody(bytes);
  }

  onComplete(): void {
    this.#isExpecting = false;
    this.#listener.onResponseComplete();
  }

  onNoMore(): void {
    this.#fail({ type: "ended" });
  }

  onCut(): void {
    this.#fail({ type: "ended" });
  }

  onRefused(error: BadResponse): void {
    this.#fail({ type: "refused", error });
    this.#stream.reset();
  }

  #fail(failure: StreamFailure): void {
    this.#isUsable = false;
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#listener.onStreamFailure(failure);
  }
}
