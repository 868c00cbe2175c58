/**
 * What visitors of an edge meet in one process: its ports, the way from a name to an endpoint, certificates, and the serving itself.
 * Agents that come are handed over to those who decide about them, and endpoints come into its routing table from there.
 */
import type { Clock } from "../base/clock.ts";
import { formatHostPort } from "../base/host-port.ts";
import type { Cidr } from "../model/cidr.ts";
import type { PortRange } from "../model/port-range.ts";
import type { Duplex } from "../net/duplex.ts";
import type { OnFault } from "../net/faults.ts";
import { IdleWatch } from "../net/idle-watch.ts";
import type { SocketDuplex } from "../net/socket-duplex.ts";
import type { PortSharing } from "../net/tcp-listen.ts";
import type { Issue } from "../pki/certificate-chooser.ts";
import type { CertificateMaterial } from "../pki/certificate-material.ts";
import { connectionFaultsTo } from "../telemetry/fault-facts.ts";
import type { Logger } from "../telemetry/logger.ts";
import { AddressWarnings } from "./address-warnings.ts";
import type { PublicPorts } from "./binding/shown-url.ts";
import { TcpPlaces } from "./binding/tcp-places.ts";
import type { ManagedCertificates } from "./certificates/managed-certificates.ts";
import type { NameHolders } from "./certificates/name-holders.ts";
import type { PendingChallenges } from "./certificates/pending-challenges.ts";
import { TlsCertificates } from "./certificates/tls-certificates.ts";
import type { Directory } from "./directory.ts";
import { EdgePorts, type ListenAddress } from "./edge-ports.ts";
import type { Endpoint } from "./endpoint.ts";
import { OpenVisitors } from "./open-visitors.ts";
import type { AccessLog } from "./operations/access-log.ts";
import { EdgeMeters } from "./operations/edge-meters.ts";
import { ownNames } from "./own-names.ts";
import type { OwnSite } from "./own-site.ts";
import { OwnSites } from "./own-sites.ts";
import { AccountPaces } from "./pacing/account-paces.ts";
import { WaitingVisitors } from "./returning/waiting-visitors.ts";
import { RoutingTable } from "./routing-table.ts";
import type { AgentLegServices } from "./sessions/agent-leg.ts";
import { TcpPorts } from "./tcp-ports.ts";
import { TlsPort, type TlsPortCallers } from "./tls-port.ts";
import { TrustedFronts } from "./trusted-fronts.ts";
import { VisitorGate } from "./visitor-gate.ts";
import { VisitorReception } from "./visitor-reception.ts";
import { VisitorRoutes } from "./visitor-routes.ts";
import { AccountGuard } from "./visitors/account-guard.ts";
import { ipOf } from "./visitors/visitor-ip.ts";

/** This process among those of the edge. */
export interface EdgeProcess {
  /** 1: the one that decides. */
  readonly number: number;
  readonly count: number;
  /** What makes this edge what it is, as one text: the hub takes in who has the same. */
  readonly configuration?: string;
}

export interface DataPlaneLimits {
  readonly maxStreamsPerSession: number;
  /** See {@link VisitorGate}. */
  readonly maxVisitors: number;
  /** See {@link VisitorGate}. */
  readonly maxConnections: number;
  readonly headMs: number;
  readonly handshakeMs: number;
  readonly idleMs: number;
}

export interface DataPlaneOptions {
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
  readonly tcp:
    | {
        readonly hostname: string;
        readonly ports: PortRange;
        /** With other processes of the edge. */
        readonly sharing?: PortSharing | undefined;
      }
    | undefined;
  /** See {@link TrustedFronts}; absent: none. */
  readonly trustedProxies?: readonly Cidr[] | undefined;
  /** Absent: it is the only one. */
  readonly process?: EdgeProcess | undefined;
  readonly region: string;
  readonly version: string;
  readonly limits: DataPlaneLimits;
  readonly directory: Directory;
  /** See {@link TlsCertificates}. */
  readonly certificates: readonly (() => CertificateMaterial)[];
  readonly issue: Issue | undefined;
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

export interface AgentSide {
  /** An agent came; the connection is behind TLS, and `initial` was read from it before. */
  onAgent(connection: Duplex, initial: Uint8Array): void;
  /** Connections of agents in this process that are no session that counts: not yet, or, where that is known, no longer. */
  connectionsBeside(): number;
  /** All connections of agents in this process. */
  connections(): number;
}

export class DataPlane {
  /** Everything counted since the start. */
  readonly meters = new EdgeMeters();
  readonly routes = new RoutingTable<Endpoint>();
  /** Those of names that are on their way back. */
  readonly waiting: WaitingVisitors;
  readonly visitors = new OpenVisitors();
  readonly gate: VisitorGate;
  readonly guard: AccountGuard;
  readonly warnings: AddressWarnings;
  readonly certificates: TlsCertificates;
  readonly ports: EdgePorts;
  readonly tcpPorts: TcpPorts;
  readonly tcpPlaces: TcpPlaces;
  readonly #options: DataPlaneOptions;
  readonly #agents: AgentSide;
  readonly #onFault: OnFault;
  readonly #idleWatch: IdleWatch;
  readonly #sites: OwnSites;
  readonly #visitorRoutes: VisitorRoutes;
  readonly #fronts: TrustedFronts;
  readonly #reception: VisitorReception;

  /** `announced`: see {@link TcpPlacesOptions.announced}. */
  constructor(options: DataPlaneOptions, agents: AgentSide, announced?: () => Promise<void>) {
    const { directory, baseDomains, authority, sites = [], clock, limits, log } = options;
    this.#options = options;
    this.#agents = agents;
    this.#onFault = connectionFaultsTo(log);
    this.#idleWatch = new IdleWatch(clock, this.#onFault);
    this.#sites = new OwnSites({ sites, httpsPort: () => this.ports.public.https, clock, log });
    const waiting = new WaitingVisitors({ clock, onFault: this.#onFault, log });
    this.waiting = waiting;
    // Another one comes when its agent knows of it.
    this.routes.listen({ onTaken: (endpoint) => (endpoint.isAnswered ? waiting.came(endpoint) : undefined) });
    this.#visitorRoutes = new VisitorRoutes({
      names: ownNames(baseDomains),
      sites: this.#sites,
      routes: this.routes,
      waiting,
    });
    this.gate = new VisitorGate({
      openNow: () => this.visitors.count + agents.connectionsBeside(),
      maxVisitors: limits.maxVisitors,
      connectionsNow: () => this.visitors.count + agents.connections(),
      maxConnections: limits.maxConnections,
      arrivals: this.visitors.arrivals,
      log,
    });
    this.#fronts = new TrustedFronts({
      networks: options.trustedProxies ?? [],
      visitors: this.visitors,
      idleWatch: this.#idleWatch,
      limitMs: limits.handshakeMs,
      refusals: this.meters.proxyHeaderRefusals,
      log,
    });
    this.warnings = new AddressWarnings(log.with({ obj: "restrictions" }), clock);
    this.guard = new AccountGuard({
      rulesOf: (accountId) => directory.account(accountId),
      warnings: this.warnings,
      clock,
    });
    this.#reception = new VisitorReception({
      routes: this.#visitorRoutes,
      sites: this.#sites,
      challenges: authority?.challenges,
      visitors: this.visitors,
      guard: this.guard,
      meters: this.meters,
      accessLog: options.accessLog,
      clock,
      idleWatch: this.#idleWatch,
      limits,
    });
    this.certificates = this.#newCertificates();
    this.tcpPorts = new TcpPorts(options.tcp, this.#onFault);
    this.tcpPlaces = this.#newTcpPlaces(announced);
    this.ports = this.#newPorts();
  }

  /** Visitors are taken. */
  get isReady(): boolean {
    return !this.visitors.isDraining;
  }

  /** What the sessions of agents in this process share, but for who decides about them. */
  legServices(): Omit<AgentLegServices, "control"> {
    const { directory, baseDomains, process, region, version, limits, log, clock } = this.#options;
    const rateOf = (accountId: string): number => directory.account(accountId).limits.bytesPerSecond;
    return {
      region,
      edgeVersion: version,
      process: process && {
        ...process,
        address: () => {
          const port = this.ports.public.https ?? this.ports.port("agents");
          return port === undefined ? undefined : formatHostPort({ host: baseDomains[0], port });
        },
      },
      maxStreams: limits.maxStreamsPerSession,
      arrivals: this.visitors.arrivals,
      paces: new AccountPaces({ rateOf, clock, onFault: this.#onFault }),
      onRefused: (code) => this.meters.agentRefusals.add(code),
      session: { clock, idleWatch: this.#idleWatch, onFault: this.#onFault },
      log,
    };
  }

  /** Rules about visitors have changed: who may not stay goes. */
  recheckVisitors(): void {
    this.visitors.recheck(this.guard.mayStay);
  }

  /**
   * Takes no more visitors, and resolves when those that are here have ended their exchanges. When the signal is aborted those that are
   * left are cut. May be called twice.
   */
  async drain(deadline: AbortSignal): Promise<void> {
    this.ports.stopAccepting();
    this.tcpPlaces.stopAccepting();
    deadline.addEventListener("abort", () => this.visitors.cut(), { once: true });
    if (deadline.aborted) this.visitors.cut();
    const drained = this.visitors.drain();
    this.waiting.close();
    await drained;
  }

  readonly #admit = (connection: SocketDuplex, serve: (visitor: Duplex) => void): void => {
    if (this.gate.admits(connection)) this.#fronts.accept(connection, serve);
  };

  #newTcpPlaces(announced: (() => Promise<void>) | undefined): TcpPlaces {
    return new TcpPlaces({
      announced,
      tcpPorts: this.tcpPorts,
      tcpHost: this.#options.baseDomains[0],
      routes: this.routes,
      admit: this.#admit,
      onVisitor: (visitor, endpoint) => {
        this.#visitorRoutes.served(endpoint);
        this.#reception.serveRaw(visitor, endpoint);
      },
    });
  }

  #newPorts(): EdgePorts {
    const { listen, publicPorts, takesAgentsOnHttps } = this.#options;
    const https = this.#newTlsPort({ visitors: true, agents: takesAgentsOnHttps });
    const agents = this.#newTlsPort({ visitors: false, agents: true });
    const accept = {
      http: (connection: Duplex) => this.#reception.serveHttp(connection, "http", new Uint8Array(0)),
      https: (connection: Duplex) => https.accept(connection),
      agents: (connection: Duplex) => agents.accept(connection),
    };
    return new EdgePorts({ listen, publicPorts, accept, admit: this.#admit, onFault: this.#onFault });
  }

  #newTlsPort(callers: TlsPortCallers): TlsPort {
    const { authority, limits, log, clock } = this.#options;
    const [routes, reception] = [this.#visitorRoutes, this.#reception];
    return new TlsPort(
      {
        certificates: this.certificates,
        challenges: authority?.challenges,
        waitForTls: (connection, serverName, bytes, signal) =>
          routes.waitForTls(serverName, { ip: ipOf(connection.remoteAddress), bytes }, signal),
        // Now, and not behind the handshake: those that come during it have the next turns.
        chooseTlsEndpoint: (serverName) => routes.take("tls", serverName),
        httpsTerms: (serverName) => routes.find("https", serverName)?.facts.options.terminateTls,
        isRouted: (endpoint) => routes.has(endpoint),
        onRawVisitor: (connection, endpoint, initial) => reception.serveRaw(connection, endpoint, initial),
        onHttpVisitor: (connection, initial, visitor) => reception.serveHttp(connection, "https", initial, visitor),
        onAgent: (connection, initial) => this.#agents.onAgent(connection, initial),
        visitors: this.visitors,
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
        const endpoint = this.#visitorRoutes.find("https", name) ?? this.#visitorRoutes.find("tls", name);
        return endpoint && { host: endpoint.host, accountId: endpoint.facts.accountId };
      },
      clock,
    });
  }
}
