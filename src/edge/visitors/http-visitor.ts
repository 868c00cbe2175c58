/**
 * One visitor connection that speaks HTTP/1, from one exchange to the next: reads its requests, lets each be brought to whom it is for,
 * and ends. Bodies that only pass are handed on as they come and never collected.
 */
import type { Duplex, DuplexHandler } from "../../net/duplex.ts";
import type { IdleWatch, Watched } from "../../net/idle-watch.ts";
import type { BadRequest } from "../../protocol/http1/faults.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import { type RequestHandler, RequestReader } from "../../protocol/http1/request-reader.ts";
import type { OpenVisitor, VisitorKeeper } from "../open-visitors.ts";
import type { MayStay } from "./account-guard.ts";
import type { Scheme, VisitorConnection } from "./admission.ts";
import { type AcceptedWebSocket, type Exchange, newExchange } from "./exchange.ts";
import type { ExchangeDriver } from "./exchange-driver.ts";
import { OwnAnswers } from "./own-answers.ts";
import type { ProxyStream } from "./proxy-stream.ts";
import { type DispatchServices, RequestDispatch } from "./request-dispatch.ts";
import { noStreamError } from "./stream-failure.ts";
import { UpstreamLine } from "./upstream-line.ts";
import { VisitorLine } from "./visitor-line.ts";
import { joinTunnel, type TunnelOptions } from "./visitor-tunnel.ts";
import { openWebSocket } from "./websocket-opening.ts";

/** The first request of who came when the edge was told to stop may still be on its way. */
const FIRST_REQUEST_MS = 1_000;

export interface HttpVisitorServices extends DispatchServices {
  /** This connection is among them until it has ended. */
  readonly visitors: VisitorKeeper;
  readonly idleWatch: IdleWatch;
  /** A connection over which nothing went in either direction for this long is ended. */
  readonly idleMs: number;
  /** A request head must be whole this long after its first byte. */
  readonly headMs: number;
}

export class HttpVisitor implements DuplexHandler, RequestHandler, ExchangeDriver, OpenVisitor {
  readonly #connection: Duplex;
  readonly #services: HttpVisitorServices;
  readonly #kind: VisitorConnection;
  readonly #reader: RequestReader;
  readonly #line: VisitorLine;
  readonly #upstream: UpstreamLine;
  readonly #answers: OwnAnswers;
  readonly #dispatch: RequestDispatch;
  #idle: Watched;
  #headDeadline: Watched | undefined;
  /** The exchange is over, and the next one waits until the visitor has taken more of what it was sent. */
  #awaitsRoom = false;
  /** A whole request head has come. */
  #hasAsked = false;
  /** Nothing more is read or answered here: the connection ends, or belongs to somebody else. */
  #isOver = false;
  /** Our direction has ended, or the connection has closed. */
  #hasEnded = false;

  constructor(connection: Duplex, services: HttpVisitorServices, kind: VisitorConnection) {
    this.#connection = connection;
    this.#services = services;
    this.#kind = kind;
    this.#idle = services.idleWatch.watch(services.idleMs, () => this.#onIdle());
    this.#reader = new RequestReader(this);
    const line = new VisitorLine(connection, services);
    const answers = new OwnAnswers(line, this);
    const { clock, onSent } = services;
    const upstream = new UpstreamLine({ connection, line, answers, driver: this, scheme: kind.scheme, onSent, clock });
    this.#line = line;
    this.#answers = answers;
    this.#upstream = upstream;
    this.#dispatch = new RequestDispatch({ connection, line, upstream, answers, driver: this }, services, kind);
  }

  /** Takes the connection over. `initial` are bytes that were read from it before. */
  start(initial: Uint8Array): void {
    this.#connection.listen(this);
    this.#connection.resume();
    // First what is here: an edge that drains lets go of those that ask for nothing.
    if (initial.length > 0) this.onData(initial);
    if (!this.#hasEnded) this.#services.visitors.add(this, this.#arrivingFrom);
  }

  get protocol(): Scheme {
    return this.#kind.scheme;
  }

  drain(): void {
    if (this.#line.exchange !== undefined || this.#isOver) return;
    // A further request may cross the end of a kept connection, and is sent again (RFC 9112 section 9.3.1). A first one is not.
    if (this.#line.hasWritten) return this.finish();
    this.#headDeadline?.stop();
    this.#headDeadline = this.#services.idleWatch.watch(FIRST_REQUEST_MS, () => this.finish());
  }

  cut(): void {
    this.#connection.reset();
  }

  recheck(mayStay: MayStay): void {
    const { endpoint, passage } = this.#line.exchange ?? {};
    if (endpoint === undefined) return;
    const all = passage?.endpoints ?? [endpoint];
    const stays = all.every((one) => mayStay(one, this.#connection.remoteAddress));
    if (!stays || passage?.isStillAdmitted === false) this.cut();
  }

  onData(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#idle.touch();
    this.#reader.receive(bytes);
    this.#afterReading();
  }

  onDrain(): void {
    this.#idle.touch();
    this.#line.drained();
    if (this.#isOver) this.#end();
    else if (this.#awaitsRoom) this.#next();
    else this.#upstream.resume();
  }

  /** A visitor may end its direction and still wait for the response. */
  onEnd(): void {
    if (!this.#isOver) this.#reader.end();
  }

  onClose(): void {
    this.#leave();
  }

  onHead(request: RequestHead): void {
    this.#headDeadline?.stop();
    this.#headDeadline = undefined;
    if (!this.#hasAsked) {
      this.#hasAsked = true;
      this.#services.visitors.onAsked(this);
    }
    const exchange = newExchange(request, this.#services.clock.nowMs());
    this.#line.begin(exchange);
    this.#line.countReceived(request.raw.length);
    this.#dispatch.begin(exchange);
  }

  onBody(bytes: Uint8Array): void {
    this.#line.countReceived(bytes.length);
    this.#dispatch.receive(bytes);
  }

  onComplete(): void {
    const { exchange } = this.#line;
    if (exchange === undefined) return;
    exchange.requestDone = true;
    this.#dispatch.complete(exchange);
    if (exchange.webSocket !== undefined) this.#openWebSocket(exchange, exchange.webSocket);
    this.advance();
  }

  onNoMore(): void {
    this.finish();
  }

  onCut(): void {
    this.abort();
  }

  onRefused(error: BadRequest): void {
    if (this.#line.exchange?.isAnswered === true) this.abort();
    else this.#answers.refuse(error);
  }

  touch(): void {
    this.#idle.touch();
  }

  get isDraining(): boolean {
    return this.#services.visitors.isDraining;
  }

  resumeRequest(): void {
    if (this.#reader.unreadBytes === 0) this.#connection.resume();
  }

  get unreadBytes(): number {
    return this.#reader.unreadBytes;
  }

  holdRequest(): void {
    this.#reader.pause();
    // What comes from now on is not counted.
    this.#connection.pause();
  }

  readOn(first: () => boolean): void {
    this.#idle.touch();
    // What begins now may have no room for more, and pause it again.
    this.#connection.resume();
    if (!first() || this.#isOver) return;
    this.#reader.resume();
    this.#afterReading();
  }

  /** A pipelined request waits in the reader, so nothing more is wanted; a head that is not whole has a deadline. */
  #afterReading(): void {
    if (this.#isOver) return;
    if (this.#reader.unreadBytes > 0) this.#connection.pause();
    if (this.#line.exchange !== undefined || this.#awaitsRoom || this.#headDeadline !== undefined) return;
    this.#headDeadline = this.#services.idleWatch.watch(this.#services.headMs, () => this.#onHeadLate());
  }

  /** Goes on to the next request once both directions of the exchange are complete. */
  advance(): void {
    const { exchange } = this.#line;
    if (exchange === undefined || !exchange.requestDone || !exchange.responseDone) return;
    this.#line.conclude();
    if (!exchange.keepsAlive || this.#services.visitors.isDraining) return this.finish();
    // Who sends requests without reading the answers would have them all in memory.
    if (this.#line.flush()) this.#next();
    else this.#awaitsRoom = true;
  }

  #next(): void {
    this.#awaitsRoom = false;
    this.#reader.next();
    if (this.#isOver) return;
    if (this.#reader.unreadBytes === 0) this.#connection.resume();
  }

  becomeTunnel(stream: ProxyStream): void {
    this.#line.flush();
    this.#isOver = true;
    const { stream: agentSide, rest } = stream.surrender();
    const toSecond = Buffer.concat(this.#reader.takeRest());
    this.#join(this.#connection, agentSide, { toFirst: Buffer.concat(rest), toSecond });
  }

  #openWebSocket(exchange: Exchange, accepted: AcceptedWebSocket): void {
    const { clock, onSent } = this.#services;
    this.#upstream.release();
    const opening = { connection: this.#connection, line: this.#line, idle: this.#idle, clock };
    const opened = openWebSocket(exchange, accepted, opening);
    if (opened === undefined) return this.#answers.giveError(noStreamError(accepted.endpoint), exchange);
    onSent?.(accepted.endpoint);
    this.#isOver = true;
    this.#join(opened.webSocket, opened.agentSide);
    for (const bytes of this.#reader.takeRest()) opened.webSocket.onData(bytes);
  }

  #join(visitorSide: Duplex, agentSide: Duplex, read: NonNullable<TunnelOptions["read"]> = {}): void {
    const { observer, visitors } = this.#services;
    const onDone = (): void => visitors.remove(this);
    joinTunnel(visitorSide, agentSide, { line: this.#line, idle: this.#idle, observer, read, onDone });
  }

  /** Who was never answered has nothing left to read. */
  #onHeadLate(): void {
    if (this.#line.hasWritten) this.finish();
    else this.abort();
  }

  #onIdle(): void {
    if (this.#line.exchange !== undefined || this.#awaitsRoom || this.#isOver) return this.abort();
    this.#idle = this.#services.idleWatch.watch(this.#services.idleMs, () => this.abort());
    this.finish();
  }

  /**
   * Ends the connection once everything written has left. What the visitor still sends is thrown away until it ends too, so
   * that no late byte destroys what it has not read yet (RFC 9112 section 9.6). After {@link HttpVisitorServices.idleMs}
   * without progress it is reset, and not before: a slow one may be reading what the kernel holds for it.
   */
  finish(): void {
    this.#isOver = true;
    this.#line.conclude();
    this.#headDeadline?.stop();
    this.#upstream.release();
    this.#connection.resume();
    if (this.#line.flush()) this.#end();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#connection.end();
    this.#services.visitors.onServed(this, this.#arrivingFrom);
  }

  get #arrivingFrom(): string | undefined {
    return this.#hasAsked ? undefined : this.#connection.remoteAddress;
  }

  /** The visitor must not take what it got for a whole response: it sees a reset. */
  abort(): void {
    this.#leave();
    this.#connection.reset();
  }

  #leave(): void {
    this.#isOver = true;
    this.#hasEnded = true;
    this.#line.conclude();
    this.#line.left();
    this.#idle.stop();
    this.#headDeadline?.stop();
    this.#upstream.release();
    this.#services.visitors.remove(this);
  }
}
