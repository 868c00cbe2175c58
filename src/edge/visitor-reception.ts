/**
 * Gives each visitor's connection to what serves its protocol, and hears of it for the meters. Knows what they need; knows
 * neither ports nor how anything is served.
 */
import type { Clock } from "../base/clock.ts";
import type { Duplex } from "../net/duplex.ts";
import type { IdleWatch } from "../net/idle-watch.ts";
import type { PendingChallenges } from "./certificates/pending-challenges.ts";
import type { Endpoint } from "./endpoint.ts";
import type { OpenVisitors, VisitorProtocol } from "./open-visitors.ts";
import type { AccessLog } from "./operations/access-log.ts";
import type { EdgeMeters } from "./operations/edge-meters.ts";
import { EndpointVisit } from "./operations/endpoint-visit.ts";
import { VisitorWatch } from "./operations/visitor-watch.ts";
import type { OwnSites } from "./own-sites.ts";
import type { HttpsVisitor } from "./tls-port.ts";
import type { VisitorRoutes } from "./visitor-routes.ts";
import type { AccountGuard } from "./visitors/account-guard.ts";
import type { Scheme } from "./visitors/admission.ts";
import { Http2Visitor } from "./visitors/http2-visitor.ts";
import { HttpVisitor, type HttpVisitorServices } from "./visitors/http-visitor.ts";
import { PolicyBodyRoom } from "./visitors/policy-bodies.ts";
import type { FindInternal } from "./visitors/policy-passage.ts";
import { serveRawVisitor } from "./visitors/raw-visitor.ts";

export interface VisitorReceptionOptions {
  readonly routes: VisitorRoutes;
  readonly sites: OwnSites;
  /** What authorities come to see; absent where there is no authority. */
  readonly challenges: PendingChallenges | undefined;
  readonly visitors: OpenVisitors;
  readonly guard: AccountGuard;
  readonly meters: EdgeMeters;
  readonly accessLog: AccessLog | undefined;
  readonly clock: Clock;
  readonly idleWatch: IdleWatch;
  /** See {@link HttpVisitorServices}. */
  readonly limits: Pick<HttpVisitorServices, "idleMs" | "headMs">;
}

export class VisitorReception {
  readonly #options: VisitorReceptionOptions;
  readonly #watches: Readonly<Record<VisitorProtocol, VisitorWatch>>;
  readonly #findInternal: FindInternal;
  readonly #onSent: (endpoint: Endpoint) => void;
  readonly #onAdmitted: (endpoint: Endpoint) => void;
  readonly #challengeAnswer: HttpVisitorServices["challengeAnswer"];
  readonly #policyBodies = new PolicyBodyRoom();

  constructor(options: VisitorReceptionOptions) {
    const { routes, challenges } = options;
    this.#options = options;
    const watch = (protocol: VisitorProtocol): VisitorWatch => new VisitorWatch(protocol, options);
    this.#watches = { http: watch("http"), https: watch("https"), tls: watch("tls"), tcp: watch("tcp") };
    // Made once: what is made for each visitor stays as long as it does.
    this.#onSent = (endpoint) => routes.sent(endpoint);
    this.#onAdmitted = (endpoint) => routes.served(endpoint);
    this.#findInternal = (accountId, to) => routes.takeInternal(accountId, to);
    this.#challengeAnswer = challenges && ((host, target) => challenges.httpAnswer(host, target));
  }

  /** A visitor whose endpoint is known, and whose bytes are not read here; `initial` was read before. */
  serveRaw(connection: Duplex, endpoint: Endpoint, initial?: Uint8Array): void {
    const { visitors, guard, clock } = this.#options;
    const observer = this.#watches[endpoint.facts.proto];
    observer.onVisitor();
    endpoint.meter.onVisitor();
    const services = { visitors, guard, findInternal: this.#findInternal, onSent: this.#onSent, observer, clock };
    serveRawVisitor(connection, endpoint, services, initial);
  }

  /** A visitor that says in each request where it wants to go. `handshake`: behind TLS. */
  serveHttp(connection: Duplex, scheme: Scheme, initial: Uint8Array, handshake?: HttpsVisitor): void {
    const { routes, sites, visitors, guard, clock, idleWatch, limits } = this.#options;
    const visit = new EndpointVisit(visitors);
    const services: HttpVisitorServices = {
      findEndpoint: (place, host) => visit.cameFor(routes.find(place, host)),
      returning: routes,
      onAdmitted: this.#onAdmitted,
      onSent: this.#onSent,
      sites,
      challengeAnswer: this.#challengeAnswer,
      visitors: visit,
      guard,
      findInternal: this.#findInternal,
      policyBodies: this.#policyBodies,
      clock,
      idleWatch,
      idleMs: limits.idleMs,
      headMs: limits.headMs,
      observer: this.#watches[scheme],
    };
    this.#watches[scheme].onVisitor();
    const Visitor = handshake?.speaksHttp2 === true ? Http2Visitor : HttpVisitor;
    new Visitor(connection, services, { ...handshake, scheme }).start(initial);
  }
}
