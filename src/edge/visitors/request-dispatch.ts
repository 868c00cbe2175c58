/**
 * Brings each request of one visitor connection to whom it is for: an authority that validates a name, a site of the edge, or an endpoint
 * whose rules let it in. Routing and authorisation see the same parsed head.
 */
import { PublicError } from "../../base/errors.ts";
import type { Clock } from "../../base/clock.ts";
import type { Duplex } from "../../net/duplex.ts";
import type { VisitorPolicy } from "../../policy/visitor-policy.ts";
import type { HeadEdits } from "../../protocol/http1/head-edits.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import { readHandshake } from "../../protocol/websocket/handshake.ts";
import type { Endpoint } from "../endpoint.ts";
import type { OwnSite } from "../own-site.ts";
import type { OwnSites } from "../own-sites.ts";
import type { ExpectedName } from "../returning/expected-names.ts";
import type { ReturningNames } from "../visitor-routes.ts";
import type { AccountGuard } from "./account-guard.ts";
import { admit, type FindEndpoint, type VisitorConnection } from "./admission.ts";
import { challengeAnswer } from "./challenge-answer.ts";
import { returningAnswer, unauthorizedAnswer } from "./error-page.ts";
import type { Exchange } from "./exchange.ts";
import type { ExchangeDriver } from "./exchange-driver.ts";
import { GatheredBody, type GatheredBodyOptions } from "./gathered-body.ts";
import { httpsOnlyAnswer } from "./https-only.ts";
import type { OwnAnswers } from "./own-answers.ts";
import { policyBodyError, type PolicyBodyRoom } from "./policy-bodies.ts";
import { type FindInternal, type PassageStep, PolicyPassage } from "./policy-passage.ts";
import { SiteCall, siteBodyError } from "./site-call.ts";
import type { UpstreamLine } from "./upstream-line.ts";
import { VisitorEntry } from "./visitor-entry.ts";
import { ipOf } from "./visitor-ip.ts";
import type { VisitorLine } from "./visitor-line.ts";
import type { HttpObserver } from "./visitor-observer.ts";
import { noWebSocket } from "./websocket-refusal.ts";

export interface DispatchServices {
  readonly findEndpoint: FindEndpoint;
  /** Absent: no endpoint is on its way back. */
  readonly returning?: ReturningNames | undefined;
  /** Hears once of every request which endpoint it has come to, whose rules it has not met yet. Absent: none is of a pool. */
  readonly onAdmitted?: ((endpoint: Endpoint) => void) | undefined;
  /** Hears of every request whose agent gets it, when that is so. Absent: none is of a pool. */
  readonly onSent?: ((endpoint: Endpoint) => void) | undefined;
  /** Their names are nobody else's. */
  readonly sites?: OwnSites | undefined;
  /** Absent: no account keeps anybody out. */
  readonly guard?: AccountGuard | undefined;
  /** For policies that forward; absent where there are no internal endpoints. */
  readonly findInternal?: FindInternal | undefined;
  /** For bodies that policies have to see first, of all visitors. */
  readonly policyBodies: PolicyBodyRoom;
  /** What an authority that validates this host wants to see there; absent where there is no authority. */
  readonly challengeAnswer?: ((host: string, target: string) => string | undefined) | undefined;
  readonly clock: Clock;
  /** Absent: nobody counts. */
  readonly observer?: HttpObserver | undefined;
}

/** The visitor's connection, and the two ways on which something comes back to it. */
export interface DispatchLines {
  readonly connection: Pick<Duplex, "remoteAddress">;
  readonly line: VisitorLine;
  readonly upstream: UpstreamLine;
  readonly answers: OwnAnswers;
  readonly driver: Pick<ExchangeDriver, "holdRequest" | "readOn" | "unreadBytes">;
}

export class RequestDispatch {
  readonly #services: DispatchServices;
  readonly #kind: VisitorConnection;
  readonly #visitorAddress: string;
  readonly #line: VisitorLine;
  readonly #upstream: UpstreamLine;
  readonly #answers: OwnAnswers;
  readonly #driver: DispatchLines["driver"];
  readonly #entry: VisitorEntry;

  constructor(
    { connection, line, upstream, answers, driver }: DispatchLines,
    services: DispatchServices,
    kind: VisitorConnection,
  ) {
    this.#services = services;
    this.#kind = kind;
    this.#visitorAddress = connection.remoteAddress;
    this.#line = line;
    this.#upstream = upstream;
    this.#answers = answers;
    this.#driver = driver;
    this.#entry = new VisitorEntry(connection.remoteAddress, services.guard);
  }

  /** The head of the request is whole. */
  begin(exchange: Exchange): void {
    const { request } = exchange;
    const proof = this.#services.challengeAnswer?.(request.host.name, request.target);
    if (proof !== undefined) return this.#answers.give(challengeAnswer(proof), exchange, "challenge");
    const site = this.#services.sites?.find(request.host.name);
    if (site !== undefined && request.method !== "CONNECT") return this.#visit(site, exchange);
    if (request.method === "CONNECT" || !this.#waits(exchange)) this.#admit(exchange);
  }

  /** False: there is nothing to wait for. Otherwise it has been answered, or goes on later. */
  #waits(exchange: Exchange): boolean {
    const name = this.#services.returning?.expected(this.#kind.scheme, exchange.request.host.name);
    if (name === undefined) return false;
    this.#waitFor(name, exchange, () => {
      if (!this.#waits(exchange)) this.#admit(exchange);
    });
    return true;
  }

  #waitFor(name: ExpectedName, exchange: Exchange, goOn: () => void): void {
    const { request } = exchange;
    const onOver = (): void =>
      this.#driver.readOn(() => {
        exchange.leaveWait = undefined;
        goOn();
        return exchange.leaveWait === undefined;
      });
    const bytes = request.raw.length + this.#driver.unreadBytes + this.#bodyAheadBytes(request);
    const visitor = { ip: ipOf(this.#visitorAddress), bytes, onOver };
    const wait = this.#services.returning?.wait(name, visitor) ?? "full";
    if (wait === "full") return this.#answers.give(returningAnswer(request), exchange, "ERR_GINNEL_RETURNING");
    exchange.leaveWait = wait;
    this.#driver.holdRequest();
  }

  /** What may yet come of the body while nobody reads it. */
  #bodyAheadBytes({ framing }: RequestHead): number {
    const { bodyAheadBytes = 0 } = this.#kind;
    if (framing.type === "none") return 0;
    return framing.type === "length" ? Math.min(framing.bytes, bodyAheadBytes) : bodyAheadBytes;
  }

  #admit(exchange: Exchange): void {
    const verdict = admit(exchange.request, this.#services.findEndpoint, this.#kind);
    if (verdict instanceof PublicError) return this.#answers.giveError(verdict, exchange);
    exchange.endpoint = verdict;
    this.#services.onAdmitted?.(verdict);
    this.#services.observer?.onRequest(verdict);
    this.#enter(exchange, verdict);
  }

  /** A piece of a body, as on the wire. */
  receive(bytes: Uint8Array): void {
    const { exchange } = this.#line;
    if (exchange?.body !== undefined) exchange.body.receive(bytes);
    // A site that answers for the head alone wants none of it, and nobody else may have it.
    else if (exchange?.siteCall === undefined) this.#upstream.sendBody(bytes);
  }

  /** The request is whole. */
  complete(exchange: Exchange): void {
    const { body, siteCall, passage } = exchange;
    body?.complete();
    if (siteCall !== undefined) siteCall.ask(body);
    else if (body !== undefined && passage !== undefined) this.#follow(passage.bodyCame(body), exchange);
  }

  /** For the edge itself. */
  #visit(site: OwnSite, exchange: Exchange): void {
    const { sites } = this.#services;
    if (sites === undefined) return;
    const { request } = exchange;
    const { scheme, serverName } = this.#kind;
    if (scheme === "http") {
      const answer = httpsOnlyAnswer(request, sites.urlOf(site, request.originForm));
      return this.#answers.give(answer, exchange, "https_only");
    }
    if (serverName !== undefined && sites.find(serverName) === undefined) {
      return this.#answers.giveError(new PublicError("ERR_GINNEL_MISDIRECTED", { host: site.host }), exchange);
    }
    const call = this.#call(sites, site, exchange);
    exchange.siteCall = call;
    const { bodyLimitBytes: limitBytes } = call;
    if (limitBytes === 0) return call.ask();
    const onFault: GatheredBodyOptions["onFault"] = (fault) => this.#answers.giveError(siteBodyError(fault), exchange);
    if (request.framing.type !== "none") this.#gather(exchange, { limitBytes, room: sites.gathered, onFault });
  }

  #call(sites: OwnSites, site: OwnSite, exchange: Exchange): SiteCall {
    return new SiteCall({
      sites,
      site,
      request: exchange.request,
      ip: ipOf(this.#visitorAddress),
      onAnswer: (answer, onGone) => {
        this.#line.whenGone(onGone);
        if (answer instanceof PublicError) this.#answers.giveError(answer, exchange);
        else this.#answers.give(answer, exchange, "answered");
      },
    });
  }

  /** Who may be here, then what becomes of the request. */
  #enter(exchange: Exchange, endpoint: Endpoint): void {
    const verdict = this.#entry.verdict(endpoint, exchange.request.get("authorization"));
    if (verdict === "unauthorized") {
      exchange.refusedBy = "basic_auth";
      return this.#answers.give(unauthorizedAnswer(), exchange, "unauthorized");
    }
    if (verdict !== undefined) return this.#answers.giveEnd(verdict, exchange);
    const { policy } = endpoint.facts.options;
    if (policy === undefined) this.#pass(exchange, endpoint);
    else this.#consult(policy, exchange, endpoint);
  }

  #consult(policy: VisitorPolicy, exchange: Exchange, endpoint: Endpoint): void {
    const { clock, findInternal, returning } = this.#services;
    const visitorIp = ipOf(this.#visitorAddress);
    const facts = { visitorIp, scheme: this.#kind.scheme, nowMs: clock.nowMs(), date: clock.date() };
    exchange.passage = new PolicyPassage(exchange.request, facts, { endpoint, findInternal, returning });
    this.#follow(exchange.passage.begin(policy), exchange);
  }

  #follow(step: PassageStep, exchange: Exchange): void {
    if (step.type === "wait") this.#await(step, exchange);
    else if (step.type === "returning") {
      this.#waitFor(step.name, exchange, () => {
        if (exchange.passage !== undefined) this.#follow(exchange.passage.nameCame(), exchange);
      });
    } else if (step.type === "send") {
      if (step.endpoint !== exchange.endpoint) this.#services.observer?.onRequest(step.endpoint);
      exchange.endpoint = step.endpoint;
      this.#pass(exchange, step.endpoint, step.edits);
      this.#upstream.sendGathered(exchange);
    } else this.#answers.giveEnd(step, exchange);
  }

  #await({ limitBytes, accountId }: PassageStep & { type: "wait" }, exchange: Exchange): void {
    const onFault: GatheredBodyOptions["onFault"] = (fault) =>
      this.#answers.giveError(policyBodyError(fault), exchange);
    this.#gather(exchange, { limitBytes, room: this.#services.policyBodies.of(accountId), onFault });
  }

  #gather(exchange: Exchange, options: Pick<GatheredBodyOptions, "limitBytes" | "room" | "onFault">): void {
    const { framing } = exchange.request;
    const visitorIp = ipOf(this.#visitorAddress);
    exchange.body = new GatheredBody({ ...options, framing, visitorIp, clock: this.#services.clock });
    if (exchange.body.begin()) this.#line.askForBody(exchange);
  }

  #pass(exchange: Exchange, endpoint: Endpoint, edits?: HeadEdits): void {
    if (endpoint.facts.options.convertsWebSockets === true) this.#acceptWebSocket(exchange, endpoint);
    else this.#upstream.send(exchange, endpoint, edits);
  }

  /** An endpoint whose upstream gets the bytes that binary messages carry. */
  #acceptWebSocket(exchange: Exchange, endpoint: Endpoint): void {
    const handshake = readHandshake(exchange.request);
    if (handshake.type === "webSocket") exchange.webSocket = { endpoint, key: handshake.key };
    else this.#answers.giveEnd(noWebSocket(handshake), exchange);
  }
}
