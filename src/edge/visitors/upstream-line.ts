/** The way of a visitor's exchanges to the agent and back: heads, bodies, and what policies change in responses. */
import type { Clock } from "../../base/clock.ts";
import type { Duplex } from "../../net/duplex.ts";
import { refuseResponse } from "../../protocol/http1/faults.ts";
import type { HeadEdits } from "../../protocol/http1/head-edits.ts";
import type { ResponseHead } from "../../protocol/http1/response-head.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Scheme } from "./admission.ts";
import type { ExchangeDriver } from "./exchange-driver.ts";
import { type Exchange, maySendAgain, mayUpgrade } from "./exchange.ts";
import { forwardedRequest, forwardedResponse } from "./forwarded-heads.ts";
import type { GatheredBody } from "./gathered-body.ts";
import { GzipBody } from "./gzip-body.ts";
import { editsForHttp10, UnchunkedBody } from "./http10-response.ts";
import { KeptStream } from "./kept-stream.ts";
import type { OwnAnswers } from "./own-answers.ts";
import type { ResponseListener, StreamFailure } from "./proxy-stream.ts";
import { failureError, noStreamError } from "./stream-failure.ts";
import type { VisitorLine } from "./visitor-line.ts";

export interface UpstreamLineOptions {
  readonly connection: Duplex;
  readonly line: VisitorLine;
  readonly driver: ExchangeDriver;
  readonly answers: OwnAnswers;
  readonly scheme: Scheme;
  /** See {@link DispatchServices.onSent}. */
  readonly onSent: ((endpoint: Endpoint) => void) | undefined;
  readonly clock: Clock;
}

export class UpstreamLine implements ResponseListener {
  readonly #options: UpstreamLineOptions;
  readonly #kept: KeptStream;
  /** A body that the stream has no room for: it lies here until the agent takes it, or the stream is gone. */
  #untaken: GatheredBody | undefined;

  /** The connection stays the caller's. */
  constructor(options: UpstreamLineOptions) {
    this.#options = options;
    this.#kept = new KeptStream(options.connection, this, options.clock);
  }

  send(exchange: Exchange, endpoint: Endpoint, edits?: HeadEdits): void {
    const { connection, scheme, answers, onSent } = this.#options;
    const { request, passage } = exchange;
    const visitor = { address: connection.remoteAddress, scheme };
    const head = passage?.sentHead ?? forwardedRequest(request, visitor, edits);
    if (passage !== undefined) passage.sentHead = head;
    // Nobody can make a stream hold one body after the other.
    if (this.#untaken !== undefined) this.release();
    const sent = this.#kept.send(request.method, head, endpoint);
    if (sent === "full") connection.pause();
    if (sent === "none") answers.giveError(noStreamError(endpoint), exchange);
    else onSent?.(endpoint);
  }

  /** A piece of the request's body. */
  sendBody(bytes: Uint8Array): void {
    const stream = this.#kept.current;
    if (stream?.isUsable === true && !stream.send(bytes)) this.#options.connection.pause();
  }

  /** A body that was kept until it was whole. From now on it is no longer the exchange's. */
  sendGathered(exchange: Exchange): void {
    const { body, responseDone } = exchange;
    if (body === undefined) return;
    exchange.body = undefined;
    const stream = responseDone ? undefined : this.#kept.current;
    if (stream?.isUsable !== true || stream.send(body.framed)) return body.drop();
    this.#untaken = body;
    this.#options.connection.pause();
  }

  /** The visitor has taken what it was sent. */
  resume(): void {
    this.#kept.current?.resume();
  }

  /** See {@link KeptStream.release}. */
  release(): void {
    const body = this.#untaken;
    this.#untaken = undefined;
    this.#kept.release(() => body?.drop());
  }

  onResponseHead(head: ResponseHead): void {
    const { line, driver } = this.#options;
    const { exchange } = line;
    if (exchange === undefined) return;
    if (head.upgraded && (this.#untaken !== undefined || !mayUpgrade(exchange))) {
      this.release();
      this.onStreamFailure({ type: "refused", error: refuseResponse("unasked-upgrade") });
      return;
    }
    if (head.interim && exchange.request.version === 10) return;
    const edits = this.#editsOf(head, exchange);
    if (edits === "replaced") return;
    exchange.isAnswered = true;
    if (!head.interim) {
      exchange.status = head.status;
      exchange.keepsAlive &&= head.keepAlive && !driver.isDraining;
    }
    line.add(this.#visitorsHead(head, exchange, edits));
    const stream = head.upgraded ? this.#kept.take() : undefined;
    if (stream !== undefined) driver.becomeTunnel(stream);
  }

  onResponseBody(bytes: Uint8Array): void {
    const { line } = this.#options;
    // What comes behind a head that a policy replaced is nobody's.
    if (line.exchange === undefined) return;
    const { passage, unchunked } = line.exchange;
    if (unchunked !== undefined) line.add(unchunked.receive(bytes));
    else if (passage?.gzip === undefined) line.add(bytes);
    else passage.gzip.receive(bytes);
  }

  onResponseComplete(): void {
    const { line, driver } = this.#options;
    const { exchange } = line;
    if (exchange === undefined) return;
    const gzip = exchange.passage?.gzip;
    if (gzip !== undefined) line.add(gzip.end());
    exchange.responseDone = true;
    exchange.outcome = "answered";
    driver.advance();
  }

  onResponsePause(): void {
    const { line, driver } = this.#options;
    driver.touch();
    const { exchange } = line;
    const gzip = exchange?.responseDone === false ? exchange.passage?.gzip : undefined;
    if (gzip !== undefined) line.add(gzip.flush());
    if (!line.flush()) this.#kept.current?.pause();
  }

  onStreamDrain(): void {
    this.#dropUntaken();
    this.#options.driver.touch();
    this.#options.driver.resumeRequest();
  }

  onStreamFailure(failure: StreamFailure): void {
    const { line, driver, answers, clock } = this.#options;
    const { exchange } = line;
    if (failure.type === "reset") this.#dropUntaken();
    if (exchange?.endpoint === undefined) return;
    if (exchange.responseDone) {
      // The upstream answered and closed while the request was still coming: the answer stands, the rest is not wanted.
      driver.finish();
    } else if (exchange.isAnswered) {
      line.flush();
      driver.abort();
    } else if (failure.type !== "refused" && this.#kept.current?.wasUsedBefore === true && maySendAgain(exchange)) {
      this.release();
      this.send(exchange, exchange.endpoint);
    } else {
      const error = failureError(failure, exchange.endpoint);
      exchange.passage?.onOutcome(error.status, clock.nowMs());
      answers.giveError(error, exchange);
    }
  }

  #dropUntaken(): void {
    this.#untaken?.drop();
    this.#untaken = undefined;
  }

  #visitorsHead(head: ResponseHead, exchange: Exchange, edits: HeadEdits | undefined): Uint8Array {
    if (exchange.request.version === 11) {
      return forwardedResponse(head, { announcesClose: this.#options.driver.isDraining }, edits);
    }
    if (head.framing.type === "chunked") {
      exchange.unchunked = new UnchunkedBody();
      exchange.keepsAlive = false;
    }
    return forwardedResponse(head, { announcesClose: false }, editsForHttp10(exchange.keepsAlive, edits));
  }

  /** What the policy changes in the head of a response; "replaced": it gave an answer of its own. */
  #editsOf(head: ResponseHead, exchange: Exchange): HeadEdits | undefined | "replaced" {
    const { passage } = exchange;
    if (passage === undefined || head.interim) return undefined;
    passage.onOutcome(head.status, this.#options.clock.nowMs());
    if (head.upgraded) return undefined;
    const verdict = passage.onResponse(head);
    if (verdict.type !== "pass") {
      // The rest of the upstream's response is still coming.
      exchange.keepsAlive = false;
      this.#options.answers.giveEnd(verdict, exchange);
      return "replaced";
    }
    if (verdict.compresses) passage.gzip = new GzipBody(head.framing);
    return verdict.edits;
  }
}
