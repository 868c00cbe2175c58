/**
 * One visitor connection that speaks HTTP/1: reads a request, asks for its endpoint, proxies the exchange, and so on with the
 * next. Routing and authorisation see the same parsed head. Bodies are handed on as they come and never collected.
 */
import type { Clock } from "../../base/clock.ts";
import { PublicError } from "../../base/errors.ts";
import type { Duplex, DuplexHandler } from "../../net/duplex.ts";
import type { IdleWatch, Watched } from "../../net/idle-watch.ts";
import { lingeringEnd } from "../../net/linger.ts";
import { splice } from "../../net/splice.ts";
import { type BadRequest, refuseResponse } from "../../protocol/http1/faults.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import { type RequestHandler, RequestReader } from "../../protocol/http1/request-reader.ts";
import type { ResponseHead } from "../../protocol/http1/response-head.ts";
import { writeResponse } from "../../protocol/http1/response-writer.ts";
import type { Endpoint } from "../endpoint.ts";
import type { OpenVisitor, OpenVisitors } from "../open-visitors.ts";
import { type ErrorAnswer, errorAnswer, unauthorizedAnswer } from "./error-page.ts";
import { forwardedRequest, forwardedResponse } from "./forwarded-heads.ts";
import { GatheredWrites } from "./gathered-writes.ts";
import { ProxyStream, type ResponseListener, type StreamFailure } from "./proxy-stream.ts";
import { failureError } from "./stream-failure.ts";

export type Scheme = "http" | "https";

export interface HttpVisitorServices {
  /** The endpoint that serves a host name on a scheme, if one is online. */
  readonly findEndpoint: (scheme: Scheme, host: string) => Endpoint | undefined;
  /** This connection is among them until it has ended. */
  readonly visitors: OpenVisitors;
  readonly clock: Clock;
  readonly idleWatch: IdleWatch;
  /** A connection over which nothing went in either direction for this long is ended. */
  readonly idleMs: number;
  /** A request head must be whole this long after its first byte. */
  readonly headMs: number;
}

export interface HttpVisitorOptions {
  readonly scheme: Scheme;
  /** The name of the TLS handshake, if the visitor sent one. */
  readonly serverName?: string | undefined;
}

/** Methods that may be sent again when a kept connection was closed under the request (RFC 9110 section 9.2.2). */
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"]);

/** One request and what has become of it. */
interface Exchange {
  readonly request: RequestHead;
  /** Absent when the edge answers itself. */
  endpoint: Endpoint | undefined;
  requestDone: boolean;
  responseDone: boolean;
  /** Some byte of a response, be it interim, went to the visitor. */
  isAnswered: boolean;
  /** Both sides leave their connection open after this exchange. */
  keepsAlive: boolean;
}

export class HttpVisitor implements DuplexHandler, RequestHandler, ResponseListener, OpenVisitor {
  readonly #connection: Duplex;
  readonly #services: HttpVisitorServices;
  readonly #options: HttpVisitorOptions;
  readonly #reader: RequestReader;
  readonly #out: GatheredWrites;
  readonly #idle: Watched;
  #headDeadline: Watched | undefined;
  #stream: ProxyStream | undefined;
  #streamEndpoint: Endpoint | undefined;
  #exchange: Exchange | undefined;
  #visitorEnded = false;
  /** Nothing more is read or answered here: the connection ends, or belongs to somebody else. */
  #isOver = false;
  /** Our direction has ended, or the connection has closed. */
  #hasEnded = false;

  constructor(connection: Duplex, services: HttpVisitorServices, options: HttpVisitorOptions) {
    this.#connection = connection;
    this.#services = services;
    this.#options = options;
    this.#out = new GatheredWrites(connection);
    this.#idle = services.idleWatch.watch(services.idleMs, () => this.#onIdle());
    this.#reader = new RequestReader(this);
  }

  /** Takes the connection over. `initial` are bytes that were read from it before. */
  start(initial: Uint8Array): void {
    this.#connection.listen(this);
    this.#connection.resume();
    // First what is here: an edge that drains lets go of those that ask for nothing.
    if (initial.length > 0) this.onData(initial);
    if (!this.#hasEnded) this.#services.visitors.add(this);
  }

  drain(): void {
    if (this.#exchange === undefined && !this.#isOver) this.#finish();
  }

  cut(): void {
    this.#connection.reset();
  }

  onData(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#idle.touch();
    this.#reader.receive(bytes);
    this.#afterReading();
  }

  onDrain(): void {
    this.#idle.touch();
    this.#out.drained();
    if (this.#isOver) this.#end();
    else this.#stream?.resume();
  }

  /** A visitor may end its direction and still wait for the response. */
  onEnd(): void {
    this.#visitorEnded = true;
    if (!this.#isOver) this.#reader.end();
  }

  onClose(): void {
    this.#leave();
  }

  onHead(request: RequestHead): void {
    this.#headDeadline?.stop();
    this.#headDeadline = undefined;
    const exchange: Exchange = {
      request,
      endpoint: undefined,
      requestDone: false,
      responseDone: false,
      isAnswered: false,
      keepsAlive: request.keepAlive,
    };
    this.#exchange = exchange;
    const endpoint = this.#admit(exchange);
    if (endpoint === undefined) return;
    exchange.endpoint = endpoint;
    this.#send(exchange, endpoint);
  }

  onBody(bytes: Uint8Array): void {
    if (this.#stream?.isUsable === true && !this.#stream.send(bytes)) this.#connection.pause();
  }

  onComplete(): void {
    if (this.#exchange === undefined) return;
    this.#exchange.requestDone = true;
    this.#advance();
  }

  onNoMore(): void {
    this.#finish();
  }

  onCut(): void {
    this.#abort();
  }

  onRefused(error: BadRequest): void {
    const exchange = this.#exchange;
    if (exchange?.isAnswered === true) return this.#abort();
    const publicError = new PublicError("ERR_GINNEL_BAD_REQUEST", { reason: error.message });
    const answer = errorAnswer(publicError, exchange?.request.get("accept"), error.status);
    this.#out.add(ownResponse(answer, { toHead: exchange?.request.method === "HEAD", keepsAlive: false }));
    this.#finish();
  }

  onResponseHead(head: ResponseHead): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    if (head.upgraded && !mayUpgrade(exchange)) {
      this.#releaseStream();
      this.onStreamFailure({ type: "refused", error: refuseResponse("unasked-upgrade") });
      return;
    }
    exchange.isAnswered = true;
    if (!head.interim) exchange.keepsAlive &&= head.keepAlive && !this.#services.visitors.isDraining;
    this.#out.add(forwardedResponse(head, { announcesClose: this.#services.visitors.isDraining }));
    if (head.upgraded) this.#becomeTunnel();
  }

  onResponseBody(bytes: Uint8Array): void {
    this.#out.add(bytes);
  }

  onResponseComplete(): void {
    if (this.#exchange === undefined) return;
    this.#exchange.responseDone = true;
    this.#advance();
  }

  onResponsePause(): void {
    this.#idle.touch();
    if (!this.#out.flush()) this.#stream?.pause();
  }

  onStreamDrain(): void {
    this.#idle.touch();
    if (this.#reader.unreadBytes === 0) this.#connection.resume();
  }

  onStreamFailure(failure: StreamFailure): void {
    const exchange = this.#exchange;
    if (exchange?.endpoint === undefined) return;
    if (exchange.responseDone) {
      // The upstream answered and closed while the request was still coming: the answer stands, the rest is not wanted.
      this.#finish();
    } else if (exchange.isAnswered) {
      this.#out.flush();
      this.#abort();
    } else if (this.#maySendAgain(exchange.request, failure)) {
      this.#releaseStream();
      this.#send(exchange, exchange.endpoint);
    } else {
      this.#answerError(failureError(failure, exchange.endpoint), exchange);
    }
  }

  /** A pipelined request waits in the reader, so nothing more is wanted; a head that is not whole has a deadline. */
  #afterReading(): void {
    if (this.#isOver) return;
    if (this.#reader.unreadBytes > 0) this.#connection.pause();
    if (this.#exchange !== undefined || this.#headDeadline !== undefined) return;
    this.#headDeadline = this.#services.idleWatch.watch(this.#services.headMs, () => this.#finish());
  }

  /** The endpoint that may have this request; otherwise the visitor has got its answer. */
  #admit(exchange: Exchange): Endpoint | undefined {
    const { request } = exchange;
    const host = request.host.name;
    if (request.method === "CONNECT") return this.#answerError(new PublicError("ERR_GINNEL_CONNECT", {}), exchange);
    const endpoint = this.#services.findEndpoint(this.#options.scheme, host);
    if (endpoint === undefined) return this.#answerError(new PublicError("ERR_NGROK_3200", { host }), exchange);
    if (!this.#isWithinHandshake(endpoint, host)) {
      return this.#answerError(new PublicError("ERR_GINNEL_MISDIRECTED", { host }), exchange);
    }
    const auth = endpoint.facts.options.basicAuth;
    if (auth !== undefined && !auth.admits(request.get("authorization"))) {
      return this.#answer(unauthorizedAnswer(), exchange);
    }
    return endpoint;
  }

  /** One TLS connection may carry requests for several names, but only of the account whose name opened it. */
  #isWithinHandshake(endpoint: Endpoint, host: string): boolean {
    const { serverName, scheme } = this.#options;
    if (serverName === undefined || serverName === host) return true;
    return this.#services.findEndpoint(scheme, serverName)?.facts.accountId === endpoint.facts.accountId;
  }

  #send(exchange: Exchange, endpoint: Endpoint): void {
    const { request } = exchange;
    const head = forwardedRequest(request, this.#connection.remoteAddress, this.#options.scheme);
    const isReusable = this.#stream?.isUsable === true && this.#streamEndpoint === endpoint;
    if (!isReusable) this.#releaseStream();
    if (this.#stream !== undefined) {
      this.#stream.expectResponseTo(request.method);
      if (!this.#stream.send(head)) this.#connection.pause();
      return;
    }
    const stream = endpoint.openProxy(this.#connection, head);
    if (stream === undefined) {
      this.#answerError(new PublicError("ERR_GINNEL_BUSY", { host: endpoint.host }), exchange);
      return;
    }
    this.#stream = new ProxyStream(stream, this);
    this.#streamEndpoint = endpoint;
    this.#stream.expectResponseTo(request.method);
  }

  /** Goes on to the next request once both directions of the exchange are complete. */
  #advance(): void {
    const exchange = this.#exchange;
    if (exchange === undefined || !exchange.requestDone || !exchange.responseDone) return;
    this.#exchange = undefined;
    if (!exchange.keepsAlive || this.#services.visitors.isDraining) return this.#finish();
    this.#out.flush();
    this.#reader.next();
    if (this.#isOver) return;
    if (this.#reader.unreadBytes === 0) this.#connection.resume();
  }

  #maySendAgain(request: RequestHead, failure: StreamFailure): boolean {
    return (
      failure.type !== "refused" &&
      this.#stream?.wasUsedBefore === true &&
      request.framing.type === "none" &&
      IDEMPOTENT.has(request.method)
    );
  }

  #answerError(error: PublicError, exchange: Exchange): undefined {
    return this.#answer(errorAnswer(error, exchange.request.get("accept")), exchange);
  }

  /**
   * Answers in the endpoint's place. With the body of the request still to come the connection cannot be used again, nor
   * after CONNECT, behind which a visitor may have sent what is not HTTP.
   */
  #answer(answer: ErrorAnswer, exchange: Exchange): undefined {
    const { request } = exchange;
    const isWhole = request.framing.type === "none" && request.method !== "CONNECT";
    exchange.endpoint = undefined;
    exchange.keepsAlive &&= isWhole && !this.#services.visitors.isDraining;
    this.#out.add(ownResponse(answer, { toHead: request.method === "HEAD", keepsAlive: exchange.keepsAlive }));
    exchange.responseDone = true;
    if (exchange.keepsAlive) this.#advance();
    else this.#finish();
    return undefined;
  }

  #becomeTunnel(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    this.#out.flush();
    this.#stream = undefined;
    this.#isOver = true;
    const { stream: agentSide, rest } = stream.surrender();
    // No listener hears of an end twice.
    const hasVisitorEnded = this.#visitorEnded;
    splice(this.#connection, agentSide, {
      toFirst: Buffer.concat(rest),
      toSecond: Buffer.concat(this.#reader.takeRest()),
      activity: this.#idle,
      onDone: () => {
        this.#idle.stop();
        this.#services.visitors.remove(this);
      },
    });
    if (hasVisitorEnded) agentSide.end();
  }

  #onIdle(): void {
    if (this.#exchange === undefined && !this.#isOver) this.#finish();
    else this.#abort();
  }

  /**
   * Ends the connection once everything written has left. What the visitor still sends is thrown away until it ends too, so
   * that no late byte destroys what it has not read yet (RFC 9112 section 9.6). It has as long as any visitor without
   * progress: a slow one may be reading what the kernel holds for it.
   */
  #finish(): void {
    this.#isOver = true;
    this.#exchange = undefined;
    this.#headDeadline?.stop();
    this.#releaseStream();
    this.#connection.resume();
    if (this.#out.flush()) this.#end();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#connection.end();
    this.#services.visitors.onServed(this);
  }

  /** The visitor must not take what it got for a whole response: it sees a reset. */
  #abort(): void {
    this.#leave();
    this.#connection.reset();
  }

  #leave(): void {
    this.#isOver = true;
    this.#hasEnded = true;
    this.#exchange = undefined;
    this.#idle.stop();
    this.#headDeadline?.stop();
    this.#releaseStream();
    this.#services.visitors.remove(this);
  }

  #releaseStream(): void {
    const idleStream = this.#stream?.dispose();
    this.#stream = undefined;
    this.#streamEndpoint = undefined;
    if (idleStream !== undefined) lingeringEnd(idleStream, this.#services.clock);
  }
}

/** A visitor that asked for none, or is not done asking, would not read what follows as we do. */
function mayUpgrade({ request, requestDone }: Exchange): boolean {
  return requestDone && request.upgrade !== undefined;
}

function ownResponse(
  answer: ErrorAnswer,
  request: { readonly toHead: boolean; readonly keepsAlive: boolean },
): Uint8Array {
  const { toHead, keepsAlive } = request;
  const fields = keepsAlive ? answer.fields : [...answer.fields, ["Connection", "close"] as const];
  return writeResponse({ ...answer, fields, toHead });
}
