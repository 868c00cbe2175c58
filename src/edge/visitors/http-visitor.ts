/**
 * One visitor connection that speaks HTTP/1: reads a request, asks for its endpoint, proxies the exchange, and so on with the
 * next. Routing and authorisation see the same parsed head. Bodies are handed on as they come and never collected.
 */
import { STATUS_CODES } from "node:http";
import type { Clock } from "../../base/clock.ts";
import { PublicError } from "../../base/errors.ts";
import type { Duplex, DuplexHandler } from "../../net/duplex.ts";
import type { IdleWatch, Watched } from "../../net/idle-watch.ts";
import type { PolicyEnd } from "../../policy/policy-verdict.ts";
import type { VisitorPolicy } from "../../policy/visitor-policy.ts";
import type { BadRequest } from "../../protocol/http1/faults.ts";
import type { HeadEdits } from "../../protocol/http1/head-edits.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import { type RequestHandler, RequestReader } from "../../protocol/http1/request-reader.ts";
import { acceptingHead, readHandshake } from "../../protocol/websocket/handshake.ts";
import type { Endpoint } from "../endpoint.ts";
import type { OwnSite } from "../own-site.ts";
import type { OwnSites } from "../own-sites.ts";
import type { OpenVisitor, VisitorKeeper } from "../open-visitors.ts";
import type { AccountGuard, MayStay } from "./account-guard.ts";
import { admit, type FindEndpoint, type Scheme, type VisitorConnection } from "./admission.ts";
import { challengeAnswer } from "./challenge-answer.ts";
import { type ErrorAnswer, errorAnswer, unauthorizedAnswer } from "./error-page.ts";
import { type AcceptedWebSocket, type Exchange, newExchange, type OwnOutcome } from "./exchange.ts";
import { httpsOnlyAnswer } from "./https-only.ts";
import {
  type FindInternal,
  type PassageStep,
  PolicyPassage,
  refusingRule,
  tooLarge,
  unreachedBy,
} from "./policy-passage.ts";
import type { ProxyStream } from "./proxy-stream.ts";
import { SiteCall } from "./site-call.ts";
import { type ExchangeDriver, noStreamError, UpstreamLine } from "./upstream-line.ts";
import { VisitorEntry } from "./visitor-entry.ts";
import { ipOf } from "./visitor-ip.ts";
import { VisitorLine } from "./visitor-line.ts";
import type { HttpObserver } from "./visitor-observer.ts";
import { joinTunnel, type TunnelOptions } from "./visitor-tunnel.ts";
import { WebSocketDuplex } from "./websocket-duplex.ts";
import { lostUpstreamReason, noWebSocket } from "./websocket-refusal.ts";

export interface HttpVisitorServices {
  readonly findEndpoint: FindEndpoint;
  /** Hears once of every request which endpoint gets it. Absent: none is of a pool. */
  readonly onAdmitted?: ((endpoint: Endpoint) => void) | undefined;
  /** Their names are nobody else's. */
  readonly sites?: OwnSites | undefined;
  /** Absent: no account keeps anybody out. */
  readonly guard?: AccountGuard | undefined;
  /** For policies that forward; absent where there are no internal endpoints. */
  readonly findInternal?: FindInternal | undefined;
  /** What an authority that validates this host wants to see there; absent where there is no authority. */
  readonly challengeAnswer?: ((host: string, target: string) => string | undefined) | undefined;
  /** This connection is among them until it has ended. */
  readonly visitors: VisitorKeeper;
  readonly clock: Clock;
  readonly idleWatch: IdleWatch;
  /** A connection over which nothing went in either direction for this long is ended. */
  readonly idleMs: number;
  /** A request head must be whole this long after its first byte. */
  readonly headMs: number;
  /** Absent: nobody counts. */
  readonly observer?: HttpObserver | undefined;
}

export class HttpVisitor implements DuplexHandler, RequestHandler, ExchangeDriver, OpenVisitor {
  readonly #connection: Duplex;
  readonly #services: HttpVisitorServices;
  readonly #kind: VisitorConnection;
  readonly #reader: RequestReader;
  readonly #line: VisitorLine;
  readonly #entry: VisitorEntry;
  #idle: Watched;
  readonly #upstream: UpstreamLine;
  #headDeadline: Watched | undefined;
  /** The exchange is over, and the next one waits until the visitor has taken more of what it was sent. */
  #awaitsRoom = false;
  /** Nothing more is read or answered here: the connection ends, or belongs to somebody else. */
  #isOver = false;
  /** Our direction has ended, or the connection has closed. */
  #hasEnded = false;

  constructor(connection: Duplex, services: HttpVisitorServices, kind: VisitorConnection) {
    this.#connection = connection;
    this.#services = services;
    this.#kind = kind;
    this.#line = new VisitorLine(connection, services);
    this.#entry = new VisitorEntry(connection.remoteAddress, services.guard);
    this.#idle = services.idleWatch.watch(services.idleMs, () => this.#onIdle());
    this.#reader = new RequestReader(this);
    const { clock } = services;
    this.#upstream = new UpstreamLine({ connection, line: this.#line, driver: this, scheme: kind.scheme, clock });
  }

  /** Takes the connection over. `initial` are bytes that were read from it before. */
  start(initial: Uint8Array): void {
    this.#connection.listen(this);
    this.#connection.resume();
    // First what is here: an edge that drains lets go of those that ask for nothing.
    if (initial.length > 0) this.onData(initial);
    if (!this.#hasEnded) this.#services.visitors.add(this);
  }

  get protocol(): Scheme {
    return this.#kind.scheme;
  }

  drain(): void {
    if (this.#line.exchange === undefined && !this.#isOver) this.finish();
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
    const exchange = newExchange(request, this.#services.clock.nowMs());
    this.#line.begin(exchange);
    this.#line.countReceived(request.raw.length);
    const proof = this.#services.challengeAnswer?.(request.host.name, request.target);
    if (proof !== undefined) return this.#answer(challengeAnswer(proof), exchange, "challenge");
    const site = this.#services.sites?.find(request.host.name);
    if (site !== undefined && request.method !== "CONNECT") return this.#visit(site, exchange);
    const verdict = admit(request, this.#services.findEndpoint, this.#kind);
    if (verdict instanceof PublicError) return this.answerError(verdict, exchange);
    exchange.endpoint = verdict;
    this.#services.onAdmitted?.(verdict);
    this.#services.observer?.onRequest(verdict);
    this.#enter(exchange, verdict);
  }

  onBody(bytes: Uint8Array): void {
    this.#line.countReceived(bytes.length);
    const { passage, siteCall } = this.#line.exchange ?? {};
    if (siteCall !== undefined) siteCall.receive(bytes);
    else if (passage?.isWaiting === true) this.#gather(bytes, passage);
    else this.#upstream.sendBody(bytes);
  }

  onComplete(): void {
    const { exchange } = this.#line;
    if (exchange === undefined) return;
    exchange.requestDone = true;
    const { passage } = exchange;
    if (passage?.isWaiting === true) this.#follow(passage.bodyCame(), exchange);
    exchange.siteCall?.ask();
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
    const { exchange } = this.#line;
    if (exchange?.isAnswered === true) return this.abort();
    const publicError = new PublicError("ERR_GINNEL_BAD_REQUEST", { reason: error.reason });
    const answer = errorAnswer(publicError, exchange?.request.get("accept"), error.status);
    if (exchange === undefined) this.#services.observer?.onMalformedHead(answer.status, this.#connection.remoteAddress);
    else {
      exchange.status = answer.status;
      exchange.outcome = publicError.code;
    }
    this.#line.addOwn(answer, { toHead: exchange?.request.method === "HEAD", keepsAlive: false });
    this.finish();
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

  /** For the edge itself. */
  #visit(site: OwnSite, exchange: Exchange): void {
    const { sites } = this.#services;
    if (sites === undefined) return;
    const { request } = exchange;
    const { scheme, serverName } = this.#kind;
    if (scheme === "http") {
      return this.#answer(httpsOnlyAnswer(request, sites.urlOf(site, request.originForm)), exchange, "https_only");
    }
    if (serverName !== undefined && sites.find(serverName) === undefined) {
      return this.answerError(new PublicError("ERR_GINNEL_MISDIRECTED", { host: site.host }), exchange);
    }
    const call = new SiteCall({
      sites,
      site,
      request,
      ip: ipOf(this.#connection.remoteAddress),
      onAnswer: (answer, onGone) => {
        this.#line.whenGone(onGone);
        if (answer instanceof PublicError) this.answerError(answer, exchange);
        else this.#answer(answer, exchange, "answered");
      },
    });
    exchange.siteCall = call;
    if (call.begin()) this.#line.askForBody(exchange);
  }

  /** Who may be here, then what becomes of the request. */
  #enter(exchange: Exchange, endpoint: Endpoint): void {
    const verdict = this.#entry.verdict(endpoint, exchange.request.get("authorization"));
    if (verdict === "unauthorized") {
      exchange.refusedBy = "basic_auth";
      return this.#answer(unauthorizedAnswer(), exchange, "unauthorized");
    }
    if (verdict !== undefined) return this.endBy(verdict, exchange);
    const { policy } = endpoint.facts.options;
    if (policy === undefined) this.#pass(exchange, endpoint);
    else this.#consult(policy, exchange, endpoint);
  }

  #consult(policy: VisitorPolicy, exchange: Exchange, endpoint: Endpoint): void {
    const { clock, findInternal } = this.#services;
    const visitorIp = ipOf(this.#connection.remoteAddress);
    const facts = { visitorIp, scheme: this.#kind.scheme, nowMs: clock.nowMs() };
    exchange.passage = new PolicyPassage(exchange.request, facts, { endpoint, findInternal });
    this.#follow(exchange.passage.begin(policy), exchange);
  }

  #follow(step: PassageStep, exchange: Exchange): void {
    if (step.type === "wait") this.#line.askForBody(exchange);
    else if (step.type === "send") {
      if (step.endpoint !== exchange.endpoint) this.#services.observer?.onRequest(step.endpoint);
      exchange.endpoint = step.endpoint;
      this.#pass(exchange, step.endpoint, step.edits);
      this.#upstream.sendGathered(exchange);
    } else this.endBy(step, exchange);
  }

  #gather(bytes: Uint8Array, { gathered }: PolicyPassage): void {
    const { exchange } = this.#line;
    if (exchange === undefined || gathered === undefined || gathered.receive(bytes)) return;
    this.endBy(tooLarge(gathered.limitBytes), exchange);
  }

  endBy(end: PolicyEnd, exchange: Exchange): undefined {
    exchange.refusedBy = refusingRule(end);
    exchange.unreached = unreachedBy(end);
    if (end.type === "answer") {
      const reason = STATUS_CODES[end.answer.status] ?? "";
      return this.#answer({ ...end.answer, reason }, exchange, "policy");
    }
    if (end.type === "close") {
      exchange.outcome = "policy";
      this.finish();
      return undefined;
    }
    const page = errorAnswer(end.error, exchange.request.get("accept"));
    return this.#answer({ ...page, fields: [...page.fields, ...(end.fields ?? [])] }, exchange, end.error.code);
  }

  /** A pipelined request waits in the reader, so nothing more is wanted; a head that is not whole has a deadline. */
  #afterReading(): void {
    if (this.#isOver) return;
    if (this.#reader.unreadBytes > 0) this.#connection.pause();
    if (this.#line.exchange !== undefined || this.#awaitsRoom || this.#headDeadline !== undefined) return;
    this.#headDeadline = this.#services.idleWatch.watch(this.#services.headMs, () => this.#onHeadLate());
  }

  #pass(exchange: Exchange, endpoint: Endpoint, edits?: HeadEdits): void {
    if (endpoint.facts.options.convertsWebSockets === true) this.#acceptWebSocket(exchange, endpoint);
    else this.#upstream.send(exchange, endpoint, edits);
  }

  /** An endpoint whose upstream gets the bytes that binary messages carry. */
  #acceptWebSocket(exchange: Exchange, endpoint: Endpoint): void {
    const handshake = readHandshake(exchange.request);
    if (handshake.type === "webSocket") exchange.webSocket = { endpoint, key: handshake.key };
    else this.endBy(noWebSocket(handshake), exchange);
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

  answerError(error: PublicError, exchange: Exchange): undefined {
    return this.#answer(errorAnswer(error, exchange.request.get("accept")), exchange, error.code);
  }

  /**
   * Answers in the endpoint's place. With the body of the request still to come the connection cannot be used again, nor
   * after CONNECT, behind which a visitor may have sent what is not HTTP.
   */
  #answer(answer: ErrorAnswer, exchange: Exchange, outcome: OwnOutcome | "answered"): undefined {
    const { request } = exchange;
    const isWhole = (request.framing.type === "none" || exchange.requestDone) && request.method !== "CONNECT";
    exchange.endpoint = undefined;
    exchange.status = answer.status;
    exchange.outcome = outcome;
    exchange.keepsAlive &&= isWhole && !this.#services.visitors.isDraining;
    this.#line.addOwn(answer, { toHead: request.method === "HEAD", keepsAlive: exchange.keepsAlive });
    exchange.responseDone = true;
    if (exchange.keepsAlive) this.advance();
    else this.finish();
    return undefined;
  }

  becomeTunnel(stream: ProxyStream): void {
    this.#line.flush();
    this.#isOver = true;
    const { stream: agentSide, rest } = stream.surrender();
    const toSecond = Buffer.concat(this.#reader.takeRest());
    this.#join(this.#connection, agentSide, { toFirst: Buffer.concat(rest), toSecond });
  }

  #openWebSocket(exchange: Exchange, { endpoint, key }: AcceptedWebSocket): void {
    const { clock } = this.#services;
    this.#upstream.release();
    const proxied = endpoint.openProxy(this.#connection);
    if (proxied === undefined) return this.answerError(noStreamError(endpoint), exchange);
    exchange.isAnswered = true;
    exchange.status = 101;
    exchange.passage?.onOutcome(101, clock.nowMs());
    this.#line.add(acceptingHead(exchange.request, key));
    this.#line.flush();
    this.#isOver = true;
    const reasonOf = (resetCode: number | undefined): string => lostUpstreamReason(resetCode, endpoint);
    const webSocket = new WebSocketDuplex(this.#connection, { clock, activity: this.#idle, reasonOf });
    this.#join(webSocket, proxied.stream);
    for (const bytes of this.#reader.takeRest()) webSocket.onData(bytes);
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
    this.#services.visitors.onServed(this);
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
