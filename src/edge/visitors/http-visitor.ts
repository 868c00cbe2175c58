/**
 * One visitor connection that speaks HTTP/1: reads a request, asks for its endpoint, proxies the exchange, and so on with the
 * next. Routing and authorisation see the same parsed head. Bodies are handed on as they come and never collected.
 */
import { STATUS_CODES } from "node:http";
import type { Clock } from "../../base/clock.ts";
import { PublicError } from "../../base/errors.ts";
import type { PolicyEnd } from "../../policy/policy-verdict.ts";
import type { VisitorPolicy } from "../../policy/visitor-policy.ts";
import type { HeadEdits } from "../../protocol/http1/head-edits.ts";
import type { Duplex, DuplexHandler } from "../../net/duplex.ts";
import type { IdleWatch, Watched } from "../../net/idle-watch.ts";
import { splice, type Splice } from "../../net/splice.ts";
import { type BadRequest, refuseResponse } from "../../protocol/http1/faults.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import { type RequestHandler, RequestReader } from "../../protocol/http1/request-reader.ts";
import type { ResponseHead } from "../../protocol/http1/response-head.ts";
import type { Endpoint } from "../endpoint.ts";
import type { OwnSite } from "../own-site.ts";
import type { OwnSites } from "../own-sites.ts";
import type { OpenVisitor, VisitorKeeper } from "../open-visitors.ts";
import type { AccountGuard, GuardVerdict, MayStay } from "./account-guard.ts";
import { admit, type FindEndpoint, type Scheme, type VisitorConnection } from "./admission.ts";
import { challengeAnswer } from "./challenge-answer.ts";
import { type ErrorAnswer, errorAnswer, unauthorizedAnswer } from "./error-page.ts";
import { type Exchange, maySendAgain, mayUpgrade, newExchange, type OwnOutcome } from "./exchange.ts";
import { forwardedRequest, forwardedResponse } from "./forwarded-heads.ts";
import { GatheredWrites } from "./gathered-writes.ts";
import { GzipBody } from "./gzip-body.ts";
import { httpsOnlyAnswer } from "./https-only.ts";
import { KeptStream } from "./kept-stream.ts";
import { ownResponse, type OwnResponseOptions } from "./own-response.ts";
import { type FindInternal, type PassageStep, PolicyPassage, refusingRule, tooLarge } from "./policy-passage.ts";
import type { ResponseListener, StreamFailure } from "./proxy-stream.ts";
import { SiteCall } from "./site-call.ts";
import { failureError } from "./stream-failure.ts";
import { ipOf } from "./visitor-ip.ts";
import type { HttpObserver } from "./visitor-observer.ts";

export interface HttpVisitorServices {
  readonly findEndpoint: FindEndpoint;
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

/** For visitors who wait with a body that a policy wants to see (RFC 9110 section 10.1.1). */
const CONTINUE = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n");

export class HttpVisitor implements DuplexHandler, RequestHandler, ResponseListener, OpenVisitor {
  readonly #connection: Duplex;
  readonly #services: HttpVisitorServices;
  readonly #kind: VisitorConnection;
  readonly #reader: RequestReader;
  readonly #out: GatheredWrites;
  readonly #idle: Watched;
  readonly #kept: KeptStream;
  #headDeadline: Watched | undefined;
  /** The exchange is over, and the next one waits until the visitor has taken more of what it was sent. */
  #awaitsRoom = false;
  #exchange: Exchange | undefined;
  /** The account that counts this connection among its own. */
  #countedFor: string | undefined;
  /** Nothing more is read or answered here: the connection ends, or belongs to somebody else. */
  #isOver = false;
  /** Our direction has ended, or the connection has closed. */
  #hasEnded = false;

  constructor(connection: Duplex, services: HttpVisitorServices, kind: VisitorConnection) {
    this.#connection = connection;
    this.#services = services;
    this.#kind = kind;
    this.#out = new GatheredWrites(connection);
    this.#idle = services.idleWatch.watch(services.idleMs, () => this.#onIdle());
    this.#reader = new RequestReader(this);
    this.#kept = new KeptStream(connection, this, services.clock);
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
    if (this.#exchange === undefined && !this.#isOver) this.#finish();
  }

  cut(): void {
    this.#connection.reset();
  }

  recheck(mayStay: MayStay): void {
    const { endpoint, passage } = this.#exchange ?? {};
    if (endpoint === undefined) return;
    const all = passage?.endpoints ?? [endpoint];
    if (!all.every((one) => mayStay(one, this.#connection.remoteAddress))) this.cut();
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
    else if (this.#awaitsRoom) this.#next();
    else this.#kept.current?.resume();
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
    this.#exchange = exchange;
    this.#countReceived(request.raw.length);
    const proof = this.#services.challengeAnswer?.(request.host.name, request.target);
    if (proof !== undefined) return this.#answer(challengeAnswer(proof), exchange, "challenge");
    const site = this.#services.sites?.find(request.host.name);
    if (site !== undefined && request.method !== "CONNECT") return this.#visit(site, exchange);
    const verdict = admit(request, this.#services.findEndpoint, this.#kind);
    if (verdict instanceof PublicError) return this.#answerError(verdict, exchange);
    exchange.endpoint = verdict;
    this.#services.observer?.onRequest(verdict);
    this.#enter(exchange, verdict);
  }

  onBody(bytes: Uint8Array): void {
    this.#countReceived(bytes.length);
    this.#exchange?.siteCall?.receive(bytes);
    const passage = this.#exchange?.passage;
    if (passage?.isWaiting === true) return this.#gather(bytes, passage);
    const stream = this.#kept.current;
    if (stream?.isUsable === true && !stream.send(bytes)) this.#connection.pause();
  }

  onComplete(): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    exchange.requestDone = true;
    const { passage } = exchange;
    if (passage?.isWaiting === true) this.#follow(passage.bodyCame(), exchange);
    exchange.siteCall?.ask();
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
    const publicError = new PublicError("ERR_GINNEL_BAD_REQUEST", { reason: error.reason });
    const answer = errorAnswer(publicError, exchange?.request.get("accept"), error.status);
    if (exchange === undefined) this.#services.observer?.onMalformedHead(answer.status, this.#connection.remoteAddress);
    else {
      exchange.status = answer.status;
      exchange.outcome = publicError.code;
    }
    this.#addOwn(answer, { toHead: exchange?.request.method === "HEAD", keepsAlive: false });
    this.#finish();
  }

  onResponseHead(head: ResponseHead): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    if (head.upgraded && !mayUpgrade(exchange)) {
      this.#kept.release();
      this.onStreamFailure({ type: "refused", error: refuseResponse("unasked-upgrade") });
      return;
    }
    const edits = this.#editsOf(head, exchange);
    if (edits === "replaced") return;
    exchange.isAnswered = true;
    if (!head.interim) {
      exchange.status = head.status;
      exchange.keepsAlive &&= head.keepAlive && !this.#services.visitors.isDraining;
    }
    this.#add(forwardedResponse(head, { announcesClose: this.#services.visitors.isDraining }, edits));
    if (head.upgraded) this.#becomeTunnel();
  }

  onResponseBody(bytes: Uint8Array): void {
    // What comes behind a head that a policy replaced is nobody's.
    if (this.#exchange === undefined) return;
    const gzip = this.#exchange.passage?.gzip;
    if (gzip === undefined) this.#add(bytes);
    else gzip.receive(bytes);
  }

  onResponseComplete(): void {
    if (this.#exchange === undefined) return;
    const gzip = this.#exchange.passage?.gzip;
    if (gzip !== undefined) this.#add(gzip.end());
    this.#exchange.responseDone = true;
    this.#exchange.outcome = "answered";
    this.#advance();
  }

  onResponsePause(): void {
    this.#idle.touch();
    const gzip = this.#exchange?.responseDone === false ? this.#exchange.passage?.gzip : undefined;
    if (gzip !== undefined) this.#add(gzip.flush());
    if (!this.#out.flush()) this.#kept.current?.pause();
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
    } else if (failure.type !== "refused" && this.#kept.current?.wasUsedBefore === true && maySendAgain(exchange)) {
      this.#kept.release();
      this.#send(exchange, exchange.endpoint);
    } else {
      const error = failureError(failure, exchange.endpoint);
      exchange.passage?.onOutcome(error.status, this.#services.clock.nowMs());
      this.#answerError(error, exchange);
    }
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
      return this.#answerError(new PublicError("ERR_GINNEL_MISDIRECTED", { host: site.host }), exchange);
    }
    const call = new SiteCall({
      sites,
      site,
      request,
      ip: ipOf(this.#connection.remoteAddress),
      onAnswer: (answer) => {
        if (answer instanceof PublicError) this.#answerError(answer, exchange);
        else this.#answer(answer, exchange, "answered");
      },
    });
    exchange.siteCall = call;
    if (call.begin() && request.expectsContinue) {
      this.#add(CONTINUE);
      this.#out.flush();
    }
  }

  /** Who may be here, then what becomes of the request. */
  #enter(exchange: Exchange, endpoint: Endpoint): void {
    const { policy, basicAuth } = endpoint.facts.options;
    const kept = this.#guardVerdict(endpoint);
    if (kept !== undefined) return this.#endBy(kept, exchange);
    const refusal = policy?.onConnect(ipOf(this.#connection.remoteAddress));
    if (refusal !== undefined && refusal.type !== "forward") return this.#endBy(refusal, exchange);
    if (basicAuth?.admits(exchange.request.get("authorization")) === false) {
      exchange.refusedBy = "basic_auth";
      return this.#answer(unauthorizedAnswer(), exchange, "unauthorized");
    }
    if (policy === undefined) this.#send(exchange, endpoint);
    else this.#consult(policy, exchange, endpoint);
  }

  /** A connection counts once for the account whose endpoints it uses. */
  #guardVerdict(endpoint: Endpoint): GuardVerdict {
    const { guard } = this.#services;
    if (guard === undefined) return undefined;
    const { accountId } = endpoint.facts;
    const address = this.#connection.remoteAddress;
    if (this.#countedFor === accountId) return guard.addressVerdict(endpoint, address);
    const verdict = guard.onConnection(endpoint, address);
    if (verdict === undefined) this.#countedFor = accountId;
    return verdict;
  }

  #consult(policy: VisitorPolicy, exchange: Exchange, endpoint: Endpoint): void {
    const { clock, findInternal } = this.#services;
    const visitorIp = ipOf(this.#connection.remoteAddress);
    const facts = { visitorIp, scheme: this.#kind.scheme, nowMs: clock.nowMs() };
    exchange.passage = new PolicyPassage(exchange.request, facts, { endpoint, findInternal });
    this.#follow(exchange.passage.begin(policy), exchange);
  }

  #follow(step: PassageStep, exchange: Exchange): void {
    if (step.type === "wait") {
      if (!exchange.request.expectsContinue) return;
      this.#add(CONTINUE);
      this.#out.flush();
    } else if (step.type === "send") {
      if (step.endpoint !== exchange.endpoint) this.#services.observer?.onRequest(step.endpoint);
      exchange.endpoint = step.endpoint;
      this.#send(exchange, step.endpoint, step.edits);
      this.#sendGathered(exchange);
    } else this.#endBy(step, exchange);
  }

  #gather(bytes: Uint8Array, { gathered }: PolicyPassage): void {
    const exchange = this.#exchange;
    if (exchange === undefined || gathered === undefined || gathered.receive(bytes)) return;
    this.#endBy(tooLarge(gathered.limitBytes), exchange);
  }

  #sendGathered({ passage, responseDone }: Exchange): void {
    const stream = this.#kept.current;
    if (responseDone || stream?.isUsable !== true) return;
    for (const bytes of passage?.gathered?.framed ?? []) {
      if (!stream.send(bytes)) this.#connection.pause();
    }
  }

  /** What the policy changes in the head of a response; "replaced": it gave an answer of its own. */
  #editsOf(head: ResponseHead, exchange: Exchange): HeadEdits | undefined | "replaced" {
    const { passage } = exchange;
    if (passage === undefined || head.interim) return undefined;
    passage.onOutcome(head.status, this.#services.clock.nowMs());
    if (head.upgraded) return undefined;
    const verdict = passage.onResponse(head);
    if (verdict.type !== "pass") {
      // The rest of the upstream's response is still coming.
      exchange.keepsAlive = false;
      this.#endBy(verdict, exchange);
      return "replaced";
    }
    if (verdict.compresses) passage.gzip = new GzipBody(head.framing);
    return verdict.edits;
  }

  #endBy(end: PolicyEnd, exchange: Exchange): undefined {
    exchange.refusedBy = refusingRule(end);
    if (end.type === "answer") {
      const reason = STATUS_CODES[end.answer.status] ?? "";
      return this.#answer({ ...end.answer, reason }, exchange, "policy");
    }
    if (end.type === "close") {
      exchange.outcome = "policy";
      this.#finish();
      return undefined;
    }
    const page = errorAnswer(end.error, exchange.request.get("accept"));
    return this.#answer({ ...page, fields: [...page.fields, ...(end.fields ?? [])] }, exchange, end.error.code);
  }

  /** A pipelined request waits in the reader, so nothing more is wanted; a head that is not whole has a deadline. */
  #afterReading(): void {
    if (this.#isOver) return;
    if (this.#reader.unreadBytes > 0) this.#connection.pause();
    if (this.#exchange !== undefined || this.#awaitsRoom || this.#headDeadline !== undefined) return;
    this.#headDeadline = this.#services.idleWatch.watch(this.#services.headMs, () => this.#onHeadLate());
  }

  #send(exchange: Exchange, endpoint: Endpoint, edits?: HeadEdits): void {
    const { request } = exchange;
    const visitor = { address: this.#connection.remoteAddress, scheme: this.#kind.scheme };
    const head = exchange.passage?.sentHead ?? forwardedRequest(request, visitor, edits);
    if (exchange.passage !== undefined) exchange.passage.sentHead = head;
    const sent = this.#kept.send(request.method, head, endpoint);
    if (sent === "full") this.#connection.pause();
    if (sent !== "none") return;
    const code = endpoint.isOnline ? "ERR_GINNEL_BUSY" : "ERR_NGROK_3210";
    this.#answerError(new PublicError(code, { host: endpoint.host }), exchange);
  }

  /** Goes on to the next request once both directions of the exchange are complete. */
  #advance(): void {
    const exchange = this.#exchange;
    if (exchange === undefined || !exchange.requestDone || !exchange.responseDone) return;
    this.#conclude();
    if (!exchange.keepsAlive || this.#services.visitors.isDraining) return this.#finish();
    // Who sends requests without reading the answers would have them all in memory.
    if (this.#out.flush()) this.#next();
    else this.#awaitsRoom = true;
  }

  #next(): void {
    this.#awaitsRoom = false;
    this.#reader.next();
    if (this.#isOver) return;
    if (this.#reader.unreadBytes === 0) this.#connection.resume();
  }

  #answerError(error: PublicError, exchange: Exchange): undefined {
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
    this.#addOwn(answer, { toHead: request.method === "HEAD", keepsAlive: exchange.keepsAlive });
    exchange.responseDone = true;
    if (exchange.keepsAlive) this.#advance();
    else this.#finish();
    return undefined;
  }

  #addOwn(answer: ErrorAnswer, options: Omit<OwnResponseOptions, "date">): void {
    this.#add(ownResponse(answer, { ...options, date: this.#services.clock.date() }));
  }

  /** For the visitor. */
  #add(bytes: Uint8Array): void {
    this.#out.add(bytes);
    if (this.#exchange !== undefined) this.#exchange.bytesOut += bytes.length;
    this.#services.observer?.sent(bytes.length);
  }

  #countReceived(bytes: number): void {
    if (this.#exchange !== undefined) this.#exchange.bytesIn += bytes;
    this.#services.observer?.received(bytes);
  }

  #becomeTunnel(): void {
    const stream = this.#kept.take();
    if (stream === undefined) return;
    this.#out.flush();
    this.#isOver = true;
    const { stream: agentSide, rest } = stream.surrender();
    const { observer } = this.#services;
    const joint = splice(this.#connection, agentSide, {
      toFirst: Buffer.concat(rest),
      toSecond: Buffer.concat(this.#reader.takeRest()),
      activity: this.#idle,
      onDone: () => {
        this.#idle.stop();
        this.#services.visitors.remove(this);
        observer?.onParted(joint);
        this.#concludeTunnel(joint);
      },
    });
    observer?.onJoined(joint);
  }

  #concludeTunnel({ bytesFromFirst, bytesFromSecond }: Splice): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    exchange.outcome = "upgraded";
    exchange.bytesIn += bytesFromFirst;
    exchange.bytesOut += bytesFromSecond;
    this.#conclude();
  }

  /** The exchange is over, whatever has become of it. */
  #conclude(): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.siteCall?.drop();
    if (exchange !== undefined) this.#services.observer?.onExchangeDone(exchange, this.#connection.remoteAddress);
  }

  /** Who was never answered has nothing left to read. */
  #onHeadLate(): void {
    if (this.#out.hasWritten) this.#finish();
    else this.#abort();
  }

  #onIdle(): void {
    if (this.#exchange === undefined && !this.#awaitsRoom && !this.#isOver) this.#finish();
    else this.#abort();
  }

  /**
   * Ends the connection once everything written has left. What the visitor still sends is thrown away until it ends too, so
   * that no late byte destroys what it has not read yet (RFC 9112 section 9.6). It has as long as any visitor without
   * progress: a slow one may be reading what the kernel holds for it.
   */
  #finish(): void {
    this.#isOver = true;
    this.#conclude();
    this.#headDeadline?.stop();
    this.#kept.release();
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
    this.#conclude();
    this.#idle.stop();
    this.#headDeadline?.stop();
    this.#kept.release();
    this.#services.visitors.remove(this);
  }
}
