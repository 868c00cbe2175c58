/**
 * The edge: the public side of tunnels. Takes agents in, makes endpoints for their binds, and joins visitors with the agents
 * that serve them. This folder knows names, sessions and visitors; it knows no agent's inside and no store.
 */
import type { Clock } from "../base/clock.ts";
import type { Cidr } from "../model/cidr.ts";
import type { PortRange } from "../model/port-range.ts";
import { isOfEdge, type OwnNames } from "../model/reservations.ts";
import type { Duplex } from "../net/duplex.ts";
import type { OnFault } from "../net/faults.ts";
import { IdleWatch } from "../net/idle-watch.ts";
import type { SocketDuplex } from "../net/socket-duplex.ts";
import { type Listening, listenTcp } from "../net/tcp-listen.ts";
import type { CertificateMaterial } from "../pki/certificate-material.ts";
import { connectionFaultsTo } from "../telemetry/fault-facts.ts";
import type { Logger } from "../telemetry/logger.ts";
import { AddressWarnings } from "./address-warnings.ts";
import { AddressAdmission } from "./binding/address-admission.ts";
import { ADDRESS_KEY_BYTES, AddressProofs } from "./binding/address-proofs.ts";
import { Binder } from "./binding/binder.ts";
import { CloudEndpoints } from "./binding/cloud-endpoints.ts";
import type { PublicPorts } from "./binding/shown-url.ts";
import { TcpPlaces } from "./binding/tcp-places.ts";
import type { Directory } from "./directory.ts";
import type { Endpoint } from "./endpoint.ts";
import { AccountPaces } from "./pacing/account-paces.ts";
import { ownNames } from "./own-names.ts";
import type { OwnSite } from "./own-site.ts";
import { OwnSites } from "./own-sites.ts";
import { OpenVisitors, type VisitorProtocol } from "./open-visitors.ts";
import type { AccessLog } from "./operations/access-log.ts";
import type { EdgeFigures } from "./operations/edge-figures.ts";
import type { EndpointTraffic } from "./operations/endpoint-traffic.ts";
import { EndpointVisit } from "./operations/endpoint-visit.ts";
import { EdgeMeters } from "./operations/edge-meters.ts";
import { VisitorWatch } from "./operations/visitor-watch.ts";
import { internalPlace, RoutingTable } from "./routing-table.ts";
import type { AgentCommands } from "./sessions/agent-commands.ts";
import { AgentLeg } from "./sessions/agent-leg.ts";
import { AgentRegistry } from "./sessions/agent-registry.ts";
import type { ControlledLeg } from "./sessions/control-plane.ts";
import { LegCommands } from "./sessions/leg-commands.ts";
import { LocalControl, type LocalControlOptions } from "./sessions/local-control.ts";
import { type OnlineRecords, OnlineReport } from "./sessions/online-report.ts";
import { KEEP_ALIVE_MS, TcpPorts } from "./tcp-ports.ts";
import type { ManagedCertificates } from "./certificates/managed-certificates.ts";
import type { PendingChallenges } from "./certificates/pending-challenges.ts";
import type { NameHolders } from "./certificates/name-holders.ts";
import { TlsCertificates } from "./certificates/tls-certificates.ts";
import { type HttpsVisitor, TlsPort, type TlsPortCallers } from "./tls-port.ts";
import { TrustedFronts } from "./trusted-fronts.ts";
import { VisitorGate } from "./visitor-gate.ts";
import { AccountGuard } from "./visitors/account-guard.ts";
import type { Scheme } from "./visitors/admission.ts";
import { Http2Visitor } from "./visitors/http2-visitor.ts";
import { HttpVisitor, type HttpVisitorServices } from "./visitors/http-visitor.ts";
import type { FindInternal } from "./visitors/policy-passage.ts";
import { serveRawVisitor } from "./visitors/raw-visitor.ts";

/** Port 0 lets the system choose one. */
export interface ListenAddress {
  readonly hostname: string;
  readonly port: number;
}

export interface EdgeLimits {
  readonly maxSessions: number;
  readonly maxEndpointsPerAgent: number;
  readonly maxStreamsPerSession: number;
  /** See {@link VisitorGate}. */
  readonly maxVisitors: number;
  readonly headMs: number;
  readonly handshakeMs: number;
  readonly idleMs: number;
}

export interface EdgeOptions {
  /** Lower case. Random names stand below the first one, which is also the host of TCP addresses. */
  readonly baseDomains: readonly [string, ...string[]];
  /** Each may be left out. */
  readonly listen: {
    readonly http?: ListenAddress | undefined;
    /** Visitors and agents. */
    readonly https?: ListenAddress | undefined;
    /** Agents only, beside the https port. */
    readonly agents?: ListenAddress | undefined;
  };
  /** False where agents come another way only, so that nobody else can pass for one. */
  readonly takesAgentsOnHttps: boolean;
  /** Where they are not those listened on. */
  readonly publicPorts: PublicPorts;
  /** Absent: no TCP endpoints. */
  readonly tcp: { readonly hostname: string; readonly ports: PortRange } | undefined;
  /** See {@link TrustedFronts}; absent: none. */
  readonly trustedProxies?: readonly Cidr[] | undefined;
  readonly region: string;
  readonly version: string;
  readonly limits: EdgeLimits;
  readonly directory: Directory;
  /** See {@link AddressProofs}; the same in every process that is to know their addresses again. Absent: one of this process. */
  readonly addressKey?: Uint8Array | undefined;
  /** Who keeps records of what is online here, under the name of this node; absent: nobody. */
  readonly online?: { readonly records: OnlineRecords; readonly nodeId: string } | undefined;
  /** See {@link TlsCertificates}. */
  readonly certificates: readonly (() => CertificateMaterial)[];
  readonly issue: (names: readonly string[]) => Promise<CertificateMaterial>;
  readonly nameHolders?: NameHolders | undefined;
  /** A public authority, and what it comes to see. They stay the caller's. */
  readonly authority?:
    | { readonly certificates: ManagedCertificates; readonly challenges: PendingChallenges }
    | undefined;
  /** Served by https, before all endpoints. Who answers for names keeps agents from binding theirs. */
  readonly sites?: readonly OwnSite[] | undefined;
  /** Absent: visitors are counted, and not noted. It stays the caller's. */
  readonly accessLog?: AccessLog | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

export class Edge {
  /** Everything counted since the start. */
  readonly meters = new EdgeMeters();
  readonly #options: EdgeOptions;
  readonly #names: OwnNames;
  readonly #routes = new RoutingTable<Endpoint>();
  readonly #sites: OwnSites;
  readonly #visitors = new OpenVisitors();
  readonly #watches: Readonly<Record<VisitorProtocol, VisitorWatch>>;
  readonly #gate: VisitorGate;
  readonly #fronts: TrustedFronts;
  readonly #guard: AccountGuard;
  readonly #paces: AccountPaces;
  readonly #online: LocalControlOptions["online"];
  readonly #idleWatch: IdleWatch;
  readonly #onFault: OnFault;
  readonly #listening: Partial<Record<"http" | "https" | "agents", Listening>>;
  readonly #tcpPlaces: TcpPlaces;
  readonly #binder: Binder<ControlledLeg>;
  readonly #cloudEndpoints: CloudEndpoints;
  readonly #registry: AgentRegistry<ControlledLeg>;
  readonly #control: LocalControl;
  readonly #agentCommands: AgentCommands;
  readonly #certificates: TlsCertificates;
  readonly #tlsPort: TlsPort;
  readonly #agentPort: TlsPort;
  readonly #stopListening: () => void;

  /** @throws UsageError when a port cannot be had; then none is kept. */
  constructor(options: EdgeOptions) {
    const { directory, baseDomains, clock, limits, log } = options;
    this.#options = options;
    this.#names = ownNames(baseDomains);
    this.#onFault = connectionFaultsTo(log);
    const watch = (protocol: VisitorProtocol): VisitorWatch =>
      new VisitorWatch(protocol, { meters: this.meters, accessLog: options.accessLog, clock });
    this.#watches = { http: watch("http"), https: watch("https"), tls: watch("tls"), tcp: watch("tcp") };
    this.#gate = new VisitorGate({
      openNow: () => this.#visitors.count + this.#registry.connectionsBeside,
      maxVisitors: limits.maxVisitors,
      log,
    });
    const { online } = options;
    this.#online = online && {
      nodeId: online.nodeId,
      report: new OnlineReport({ records: online.records, clock, log }),
    };
    const warnings = new AddressWarnings(log.with({ obj: "restrictions" }), clock);
    this.#guard = new AccountGuard({ rulesOf: (accountId) => directory.account(accountId), warnings, clock });
    const rateOf = (accountId: string): number => directory.account(accountId).limits.bytesPerSecond;
    this.#paces = new AccountPaces({ rateOf, clock, onFault: this.#onFault });
    this.#idleWatch = new IdleWatch(clock, this.#onFault);
    this.#fronts = new TrustedFronts({
      networks: options.trustedProxies ?? [],
      visitors: this.#visitors,
      idleWatch: this.#idleWatch,
      limitMs: limits.handshakeMs,
      log,
    });
    this.#sites = this.#newSites();
    this.#certificates = this.#newCertificates();
    this.#tlsPort = this.#newTlsPort(this.#certificates, { visitors: true, agents: options.takesAgentsOnHttps });
    this.#agentPort = this.#newTlsPort(this.#certificates, { visitors: false, agents: true });
    this.#listening = this.#open();
    const tcpPorts = new TcpPorts(options.tcp, this.#onFault);
    const addresses = {
      admission: new AddressAdmission({
        baseDomains,
        region: options.region,
        directory,
        tcpPorts,
        proofs: new AddressProofs(options.addressKey ?? crypto.getRandomValues(new Uint8Array(ADDRESS_KEY_BYTES))),
      }),
      routes: this.#routes,
      tcpPlaces: this.#newTcpPlaces(tcpPorts),
      publicPorts: this.publicPorts,
    };
    this.#tcpPlaces = addresses.tcpPlaces;
    this.#binder = new Binder({
      ...addresses,
      tcpPorts,
      maxEndpointsPerAgent: limits.maxEndpointsPerAgent,
      rulesOf: (accountId) => directory.account(accountId),
      isCurrent: (leg) => this.#registry.isCurrent(leg),
      onFreed: () => this.#cloudEndpoints.retry(),
      clock,
    });
    this.#cloudEndpoints = new CloudEndpoints({
      ...addresses,
      directory,
      isKept: (endpoint) => this.#binder.isKept(endpoint),
      clock,
      log: log.with({ obj: "cloud" }),
    });
    this.#registry = new AgentRegistry({
      directory,
      maxSessions: limits.maxSessions,
      isServing: (clientId, leg) => this.#binder.isServing(clientId, leg),
      warnings,
      clock,
    });
    this.#control = new LocalControl({
      registry: this.#registry,
      binder: this.#binder,
      region: options.region,
      online: this.#online,
      clock,
    });
    this.#agentCommands = new LegCommands({
      find: (sessionId) => this.#registry.find(sessionId),
      legsOf: (accountId) => this.#registry.legsOf(accountId),
      liveEndpoint: (leg, bindId) => this.#control.liveEndpoint(leg, bindId),
      nodeId: online?.nodeId,
      log: log.with({ obj: "commands" }),
    });
    this.#stopListening = directory.listen({
      onCredentialGone: () => this.#registry.recheck(),
      onAddressRules: () => {
        this.#registry.recheck();
        this.#visitors.recheck(this.#guard.mayStay);
      },
      onNames: () => this.#recheckNames(),
      onCloudEndpoint: (id, now) => this.#cloudEndpoints.follow(id, now),
    });
  }

  /** The ports listened on. */
  get httpPort(): number | undefined {
    return this.#listening.http?.port;
  }

  get httpsPort(): number | undefined {
    return this.#listening.https?.port;
  }

  get agentPort(): number | undefined {
    return this.#listening.agents?.port;
  }

  /** The ports that visitors use, which URLs show. */
  get publicPorts(): PublicPorts {
    const { http, https } = this.#options.publicPorts;
    return { http: http ?? this.httpPort, https: https ?? this.httpsPort };
  }

  /** What can be asked of the agents that are connected here. */
  get agentCommands(): AgentCommands {
    return this.#agentCommands;
  }

  /** Visitors are taken. */
  get isReady(): boolean {
    return !this.#visitors.isDraining;
  }

  /** As of now. Goes through all endpoints and visitors: for those who ask now and then. */
  get figures(): EdgeFigures {
    const endpoints = new Map<VisitorProtocol, number>();
    for (const { facts } of this.#routes.all()) endpoints.set(facts.proto, (endpoints.get(facts.proto) ?? 0) + 1);
    return {
      isReady: this.isReady,
      agents: this.#registry.agents,
      legs: this.#registry.sessions,
      endpoints,
      visitors: this.#visitors.countByProtocol(),
      visitorsTurnedAway: this.#gate.turnedAway,
    };
  }

  /** What visitors of a name are shown, as of now; the same object as long as it is good. `undefined`: nothing is served there. */
  certificateFor(serverName: string): Promise<CertificateMaterial | undefined> {
    return this.#certificates.certificateFor(serverName);
  }

  /** Whether another account has an endpoint at a name or TCP port, or its agent was there a moment ago and may come back. */
  isTaken(address: { readonly host: string } | { readonly port: number }, accountId: string): boolean {
    return this.#binder.isTaken(address, accountId);
  }

  /** What has passed at the account's endpoints that are online here. Goes through all endpoints. */
  traffic(accountId: string): readonly EndpointTraffic[] {
    return [...this.#routes.all()].flatMap(({ facts, meter }) => {
      if (facts.accountId !== accountId) return [];
      const { requests, visitors, visitorsOpen, bytesIn, bytesOut } = meter;
      return [{ endpointId: facts.id, url: facts.url, requests, visitors, visitorsOpen, bytesIn, bytesOut }];
    });
  }

  /** Takes an agent in; the connection is behind TLS, or inside this process. */
  acceptAgent(connection: Duplex, initial: Uint8Array = new Uint8Array(0)): void {
    const { region, version, limits, log, clock } = this.#options;
    const session = { clock, idleWatch: this.#idleWatch, onFault: this.#onFault };
    const leg = new AgentLeg(connection, initial, {
      control: this.#control,
      region,
      edgeVersion: version,
      maxStreams: limits.maxStreamsPerSession,
      paces: this.#paces,
      onRefused: (code) => this.meters.agentRefusals.add(code),
      session,
      log,
    });
    this.#control.onConnected(leg);
  }

  /**
   * Takes no more visitors, lets those that are here end their exchanges, then says goodbye to the agents, which come back to
   * whoever serves the address next. When the signal is aborted the visitors that are left are cut. May be called twice.
   */
  async stop(deadline: AbortSignal): Promise<void> {
    for (const listening of Object.values(this.#listening)) listening.stopAccepting();
    this.#tcpPlaces.stopAccepting();
    deadline.addEventListener("abort", () => this.#visitors.cut(), { once: true });
    if (deadline.aborted) this.#visitors.cut();
    await this.#visitors.drain();
    await this.#registry.closeAll("the edge stops");
    this.#stopListening();
    this.#cloudEndpoints[Symbol.dispose]();
  }

  #recheckNames(): void {
    for (const { facts } of this.#binder.recheck()) {
      this.#options.log.info("endpoint offline", { url: facts.url, reason: "not allowed any more" });
      this.#online?.report.endpointEnded(facts.id);
    }
    this.#cloudEndpoints.recheck();
  }

  /** Where a policy of the account forwards to. */
  readonly #findInternal: FindInternal = (accountId, to) => {
    const endpoint = this.#routes.find(internalPlace(accountId, to), to.host);
    if (endpoint?.isOnline !== true) return undefined;
    this.#routes.served(endpoint);
    return endpoint;
  };

  readonly #admit = (connection: SocketDuplex, serve: (visitor: Duplex) => void): void => {
    if (this.#gate.admits(connection)) this.#fronts.accept(connection, serve);
  };

  #newTcpPlaces(tcpPorts: TcpPorts): TcpPlaces {
    return new TcpPlaces({
      tcpPorts,
      tcpHost: this.#options.baseDomains[0],
      routes: this.#routes,
      admit: this.#admit,
      onVisitor: (visitor, endpoint) => this.#serveRaw(visitor, endpoint),
    });
  }

  #open(): Partial<Record<"http" | "https" | "agents", Listening>> {
    const accept = {
      http: (connection: Duplex) => this.#serveHttp(connection, "http", new Uint8Array(0)),
      https: (connection: Duplex) => this.#tlsPort.accept(connection),
      agents: (connection: Duplex) => this.#agentPort.accept(connection),
    };
    const options = { onFault: this.#onFault, keepAliveMs: KEEP_ALIVE_MS };
    const opened: Partial<Record<"http" | "https" | "agents", Listening>> = {};
    try {
      for (const name of ["http", "https", "agents"] as const) {
        const address = this.#options.listen[name];
        if (address === undefined) continue;
        opened[name] = listenTcp(address, (connection) => this.#admit(connection, accept[name]), options);
      }
      return opened;
    } catch (error) {
      for (const listening of Object.values(opened)) listening.close();
      throw error;
    }
  }

  #newSites(): OwnSites {
    const { sites = [], clock, log } = this.#options;
    return new OwnSites({ sites, httpsPort: () => this.publicPorts.https, clock, log });
  }

  /** The names of the edge and of its own sites are nobody's, also below a wildcard. */
  #endpointFor(place: "http" | "https" | "tls", host: string): Endpoint | undefined {
    if (this.#sites.find(host) !== undefined || isOfEdge(host, this.#names)) return undefined;
    return this.#routes.find(place, host);
  }

  #newTlsPort(certificates: TlsCertificates, callers: TlsPortCallers): TlsPort {
    const { authority, limits, log, clock } = this.#options;
    return new TlsPort(
      {
        certificates,
        challenges: authority?.challenges,
        chooseTlsEndpoint: (serverName) => {
          const endpoint = this.#endpointFor("tls", serverName);
          // Now, and not behind the handshake: those that come during it have the next turns.
          if (endpoint !== undefined) this.#routes.served(endpoint);
          return endpoint;
        },
        httpsTerms: (serverName) => this.#endpointFor("https", serverName)?.facts.options.terminateTls,
        isRouted: (endpoint) => this.#routes.has(endpoint),
        onRawVisitor: (connection, endpoint, initial) => this.#serveRaw(connection, endpoint, initial),
        onHttpVisitor: (connection, initial, visitor) => this.#serveHttp(connection, "https", initial, visitor),
        onAgent: (connection, initial) => this.acceptAgent(connection, initial),
        visitors: this.#visitors,
        handshakes: this.meters.handshakes,
        clock,
        idleWatch: this.#idleWatch,
        handshakeMs: limits.handshakeMs,
        headMs: limits.headMs,
        log,
      },
      callers,
    );
  }

  #newCertificates(): TlsCertificates {
    const { baseDomains, certificates, nameHolders, authority, issue, clock } = this.#options;
    return new TlsCertificates({
      baseDomains,
      configured: certificates,
      holders: nameHolders,
      managed: authority?.certificates,
      issue,
      served: (name) => {
        const site = this.#sites.find(name);
        if (site !== undefined) return { host: site.host };
        const endpoint = this.#endpointFor("https", name) ?? this.#endpointFor("tls", name);
        return endpoint && { host: endpoint.host, accountId: endpoint.facts.accountId };
      },
      clock,
    });
  }

  #serveRaw(connection: Duplex, endpoint: Endpoint, initial?: Uint8Array): void {
    const observer = this.#watches[endpoint.facts.proto];
    observer.onVisitor();
    endpoint.meter.onVisitor();
    const services = {
      visitors: this.#visitors,
      guard: this.#guard,
      findInternal: this.#findInternal,
      observer,
      clock: this.#options.clock,
    };
    serveRawVisitor(connection, endpoint, services, initial);
  }

  #serveHttp(connection: Duplex, scheme: Scheme, initial: Uint8Array, handshake?: HttpsVisitor): void {
    const { authority, clock, limits } = this.#options;
    const visit = new EndpointVisit(this.#visitors);
    const services: HttpVisitorServices = {
      findEndpoint: (place, host) => visit.cameFor(this.#endpointFor(place, host)),
      onAdmitted: (endpoint) => this.#routes.served(endpoint),
      sites: this.#sites,
      challengeAnswer: authority && ((host, target) => authority.challenges.httpAnswer(host, target)),
      visitors: visit,
      guard: this.#guard,
      findInternal: this.#findInternal,
      clock,
      idleWatch: this.#idleWatch,
      idleMs: limits.idleMs,
      headMs: limits.headMs,
      observer: this.#watches[scheme],
    };
    this.#watches[scheme].onVisitor();
    const Visitor = handshake?.speaksHttp2 === true ? Http2Visitor : HttpVisitor;
    new Visitor(connection, services, { ...handshake, scheme }).start(initial);
  }
}
