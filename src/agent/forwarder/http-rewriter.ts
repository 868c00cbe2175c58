/**
 * Forwards HTTP exchanges between a proxy stream and its upstream connection while it changes heads. Bodies pass as they
 * come; one exchange is under way at a time, further requests wait in the stream. After an upgrade nothing is read any more.
 */
import type { Clock } from "../../base/clock.ts";
import type { Duplex, DuplexHandler } from "../../net/duplex.ts";
import { lingeringEnd } from "../../net/linger.ts";
import { splice } from "../../net/splice.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import { RequestReader } from "../../protocol/http1/request-reader.ts";
import type { ResponseHead } from "../../protocol/http1/response-head.ts";
import { ResponseReader } from "../../protocol/http1/response-reader.ts";
import { RESET_CODES } from "../../protocol/mux/reset-codes.ts";
import { type HostRewrite, publicOrigin, rewriteRequest, rewriteResponse } from "./host-rewrite.ts";

export interface HttpRewriterOptions {
  readonly rewrite: HostRewrite;
  /** The edge wants to know why in codes of ours. */
  readonly understandsResetCodes: boolean;
  readonly clock: Clock;
}

/** Takes both connections over; `read` came from the stream before. */
export function forwardRewriting(
  stream: Duplex,
  upstream: Duplex,
  read: Uint8Array,
  options: HttpRewriterOptions,
): void {
  new HttpRewriter(stream, upstream, options).start(read);
}

class HttpRewriter {
  readonly #stream: Duplex;
  readonly #upstream: Duplex;
  readonly #options: HttpRewriterOptions;
  readonly #requests: RequestReader;
  readonly #responses: ResponseReader;
  #publicOrigin = "";
  /** Of the exchange under way; between exchanges both are whole. */
  #isRequestWhole = true;
  #isResponseWhole = true;
  #hasAnswered = false;
  /** One of the two wants no further exchange on this connection. */
  #isLast = false;
  /** 101 was sent; the request may still be under way. */
  #isUpgrading = false;
  #hasUpstreamEnded = false;
  /** Neither reader is used any more. */
  #isOver = false;

  constructor(stream: Duplex, upstream: Duplex, options: HttpRewriterOptions) {
    this.#stream = stream;
    this.#upstream = upstream;
    this.#options = options;
    this.#requests = new RequestReader({
      onHead: (head) => this.#onRequest(head),
      onBody: (bytes) => this.#toUpstream(bytes),
      onComplete: () => {
        this.#isRequestWhole = true;
        this.#progress();
      },
      onNoMore: () => upstream.end(),
      onCut: () => this.#onRequestCut(),
      onRefused: () => this.#giveUp(undefined),
    });
    this.#responses = new ResponseReader({
      onHead: (head) => this.#onResponse(head),
      onBody: (bytes) => this.#toStream(bytes),
      onComplete: () => {
        this.#isResponseWhole = true;
        this.#progress();
      },
      onNoMore: () => {},
      onCut: () => this.#onResponseCut(),
      onRefused: () => this.#giveUp(RESET_CODES.upstreamProtocolError),
    });
  }

  start(read: Uint8Array): void {
    this.#stream.listen(this.#streamHandler());
    this.#upstream.listen(this.#upstreamHandler());
    this.#stream.resume();
    if (read.length > 0) this.#readRequests(read);
  }

  #streamHandler(): DuplexHandler {
    return {
      onData: (bytes) => this.#readRequests(bytes),
      onDrain: () => {
        if (!this.#isUpgrading) this.#upstream.resume();
      },
      onEnd: () => this.#requests.end(),
      onClose: (cause) => {
        if (cause !== undefined) this.#upstream.reset();
      },
    };
  }

  #upstreamHandler(): DuplexHandler {
    return {
      onData: (bytes) => this.#readResponses(bytes),
      onDrain: () => {
        if (this.#requests.unreadBytes === 0) this.#stream.resume();
      },
      onEnd: () => {
        this.#hasUpstreamEnded = true;
        this.#responses.end();
        if (!this.#isOver) this.#stream.end();
      },
      onClose: (cause) => {
        if (cause !== undefined) this.#onUpstreamLost();
      },
    };
  }

  #readRequests(bytes: Uint8Array): void {
    this.#requests.receive(bytes);
    if (!this.#isOver && this.#requests.unreadBytes > 0) this.#stream.pause();
  }

  #readResponses(bytes: Uint8Array): void {
    this.#responses.receive(bytes);
    // Nobody asked for this: it could be taken for the answer to the next request.
    const isUnasked = !this.#isOver && !this.#isUpgrading && this.#responses.unreadBytes > 0;
    if (isUnasked) this.#giveUp(RESET_CODES.upstreamProtocolError);
  }

  #onRequest(head: RequestHead): void {
    this.#isRequestWhole = false;
    this.#isResponseWhole = false;
    this.#hasAnswered = false;
    this.#isLast = !head.keepAlive;
    this.#publicOrigin = publicOrigin(head, this.#options.rewrite);
    this.#responses.next(head.method);
    this.#toUpstream(rewriteRequest(head, this.#options.rewrite));
  }

  #onResponse(head: ResponseHead): void {
    this.#hasAnswered = true;
    this.#toStream(rewriteResponse(head, this.#options.rewrite, this.#publicOrigin));
    if (head.interim) return;
    this.#isLast ||= !head.keepAlive;
    if (!head.upgraded) return;
    this.#isUpgrading = true;
    this.#upstream.pause();
    this.#progress();
  }

  #progress(): void {
    if (this.#isOver || !this.#isRequestWhole) return;
    if (this.#isUpgrading) return this.#surrender();
    if (!this.#isResponseWhole) return;
    if (this.#isLast || this.#hasUpstreamEnded) return this.#finish();
    this.#requests.next();
    if (!this.#isOver && this.#requests.unreadBytes === 0) this.#stream.resume();
  }

  /** What follows is no HTTP. */
  #surrender(): void {
    this.#isOver = true;
    splice(this.#stream, this.#upstream, {
      toFirst: Buffer.concat(this.#responses.takeRest()),
      toSecond: Buffer.concat(this.#requests.takeRest()),
    });
  }

  /** The last exchange is over. The stream has no deadline: a slow visitor may still be taking the response. */
  #finish(): void {
    this.#isOver = true;
    lingeringEnd(this.#upstream, this.#options.clock);
    this.#endStream();
  }

  #endStream(): void {
    const ignore = (): void => {};
    this.#stream.listen({ onData: ignore, onDrain: ignore, onEnd: ignore, onClose: ignore });
    this.#stream.resume();
    this.#stream.end();
  }

  /** An edge that was answered early may leave out the rest of its request. */
  #onRequestCut(): void {
    if (!this.#isAnswered()) return this.#giveUp(undefined);
    this.#isOver = true;
    this.#upstream.reset();
    this.#endStream();
  }

  #isAnswered(): boolean {
    return this.#hasAnswered && this.#isResponseWhole;
  }

  /** The end of the stream tells that the response is not whole; without a byte of one the edge is told why. */
  #onResponseCut(): void {
    if (!this.#hasAnswered) this.#giveUp(RESET_CODES.upstreamClosedWithoutAnswer);
  }

  #onUpstreamLost(): void {
    if (this.#isOver) return;
    // A response to a request that the upstream did not want to hear to its end is whole all the same.
    if (this.#isAnswered()) {
      this.#isOver = true;
      this.#endStream();
    } else this.#giveUp(this.#hasAnswered ? undefined : RESET_CODES.upstreamClosedWithoutAnswer);
  }

  #giveUp(code: number | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stream.reset(this.#options.understandsResetCodes ? code : undefined);
    this.#upstream.reset();
  }

  #toUpstream(bytes: Uint8Array): void {
    if (!this.#upstream.write(bytes)) this.#stream.pause();
  }

  #toStream(bytes: Uint8Array): void {
    if (!this.#stream.write(bytes)) this.#upstream.pause();
  }
}
