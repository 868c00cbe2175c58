/**
 * The edge: the public side of tunnels. Takes agents in, makes endpoints for their binds, and joins visitors with the agents
 * that serve them. This folder knows names, sessions and visitors; it knows no agent's inside and no store.
 */
import type { Clock } from "../base/clock.ts";
import type { Cidr } from "../model/cidr.ts";
import type { PortRange } from "../model/port-range.ts";
import type { Duplex } from "../net/duplex.ts";
import type { OnFault } from "../net/faults.ts";
import { IdleWatch } from "../net/idle-watch.ts";
import type { SocketDuplex } from "../net/socket-duplex.ts";
import type { Issue } from "../pki/certificate-chooser.ts";
import type { CertificateMaterial } from "../pki/certificate-material.ts";
import { connectionFaultsTo } from "../telemetry/fault-facts.ts";
import type { Logger } from "../telemetry/logger.ts";
import { AddressWarnings } from "./address-warnings.ts";
import { AddressAdmission } from "./binding/address-admission.ts";
import { ADDRESS_KEY_BYTES, AddressProofs } from "./binding/address-proofs.ts";
import { Binder } from "./binding/binder.ts";
import { CloudEndpoints } from "./binding/cloud-endpoints.ts";
import { EndpointPlaces } from "./binding/endpoint-places.ts";
import type { PublicPorts } from "./binding/shown-url.ts";
import { TcpPlaces } from "./binding/tcp-places.ts";
import type { AccountRules, Directory } from "./directory.ts";
import { EdgePorts } from "./edge-ports.ts";
import type { Endpoint } from "./endpoint.ts";
import { ownNames } from "./own-names.ts";
import type { OwnSite } from "./own-site.ts";
import { OwnSites } from "./own-sites.ts";
import { OpenVisitors } from "./open-visitors.ts";
import type { AccessLog } from "./operations/access-log.ts";
import { type EdgeFigures, edgeFigures } from "./operations/edge-figures.ts";
import { type EndpointTraffic, trafficOf } from "./operations/endpoint-traffic.ts";
import { EdgeMeters } from "./operations/edge-meters.ts";
import { RoutingTable } from "./routing-table.ts";
import type { AgentCommands } from "./sessions/agent-commands.ts";
import { AgentReception } from "./sessions/agent-reception.ts";
import type { OnlineRecords } from "./sessions/online-report.ts";
import { TcpPorts } from "./tcp-ports.ts";
import type { ManagedCertificates } from "./certificates/managed-certificates.ts";
import type { PendingChallenges } from "./certificates/pending-challenges.ts";
import type { NameHolders } from "./certificates/name-holders.ts";
import { TlsCertificates } from "./certificates/tls-certificates.ts";
import { TlsPort, type TlsPortCallers } from "./tls-port.ts";
import { TrustedFronts } from "./trusted-fronts.ts";
import { VisitorGate } from "./visitor-gate.ts";
import { VisitorReception } from "./visitor-reception.ts";
import { VisitorRoutes } from "./visitor-routes.ts";
import { AccountGuard } from "./visitors/account-guard.ts";

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
  /** See {@link VisitorGate}. */
  readonly maxConnections: number;
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

export class Edge {
  /** Everything counted since the start. */
  readonly meters = new EdgeMeters();
  readonly #options: EdgeOptions;
  readonly #onFault: OnFault;
  readonly #idleWatch: IdleWatch;
  readonly #routes = new RoutingTable<Endpoint>();
  readonly #visitorRoutes: VisitorRoutes;
  readonly #sites: OwnSites;
  readonly #visitors = new OpenVisitors();
  readonly #gate: VisitorGate;
  readonly #fronts: TrustedFronts;
  readonly #reception: VisitorReception;
  readonly #certificates: TlsCertificates;
  readonly #ports: EdgePorts;
  readonly #tcpPlaces: TcpPlaces;
  readonly #places: EndpointPlaces;
  readonly #binder: Binder;
  readonly #cloudEndpoints: CloudEndpoints;
  readonly #agents: AgentReception;
  readonly #stopListening: () => void;

  /** @throws UsageError when a port cannot be had; then none is kept. */
  constructor(options: EdgeOptions) {
    const { directory, baseDomains, authority, clock, limits, log } = options;
    this.#options = options;
    this.#onFault = connectionFaultsTo(log);
    this.#idleWatch = new IdleWatch(clock, this.#onFault);
    this.#sites = new OwnSites({
      sites: options.sites ?? [],
      httpsPort: () => this.publicPorts.https,
      clock,
      log,
    });
    this.#visitorRoutes = new VisitorRoutes({
      names: ownNames(baseDomains),
      sites: this.#sites,
      routes: this.#routes,
    });
    this.#gate = new VisitorGate({
      openNow: () => this.#visitors.count + this.#agents.registry.connectionsBeside,
      maxVisitors: limits.maxVisitors,
      connectionsNow: () => this.#visitors.count + this.#agents.registry.connections,
      maxConnections: limits.maxConnections,
      log,
    });
    this.#fronts = new TrustedFronts({
      networks: options.trustedProxies ?? [],
      visitors: this.#visitors,
      idleWatch: this.#idleWatch,
      limitMs: limits.handshakeMs,
      refusals: this.meters.proxyHeaderRefusals,
      log,
    });
    const warnings = new AddressWarnings(log.with({ obj: "restrictions" }), clock);
    const rulesOf = (accountId: string): AccountRules => directory.account(accountId);
    const guard = new AccountGuard({ rulesOf, warnings, clock });
    this.#reception = new VisitorReception({
      routes: this.#visitorRoutes,
      sites: this.#sites,
      challenges: authority?.challenges,
      visitors: this.#visitors,
      guard,
      meters: this.meters,
      accessLog: options.accessLog,
      clock,
      idleWatch: this.#idleWatch,
      limits,
    });
    this.#certificates = this.#newCertificates();
    this.#ports = this.#openPorts();
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
    this.#places = new EndpointPlaces({ ...addresses, tcpPorts, clock });
    this.#binder = new Binder({
      ...addresses,
      places: this.#places,
      maxEndpointsPerAgent: limits.maxEndpointsPerAgent,
      rulesOf,
      onFreed: () => this.#cloudEndpoints.retry(),
      clock,
    });
    this.#cloudEndpoints = new CloudEndpoints({
      ...addresses,
      directory,
      isKept: (endpoint) => this.#places.isKept(endpoint),
      clock,
      log: log.with({ obj: "cloud" }),
    });
    this.#agents = new AgentReception({
      directory,
      binder: this.#binder,
      region: options.region,
      version: options.version,
      limits,
      online: options.online,
      warnings,
      onRefused: (code) => this.meters.agentRefusals.add(code),
      clock,
      idleWatch: this.#idleWatch,
      onFault: this.#onFault,
      log,
    });
    this.#stopListening = directory.listen({
      onCredentialGone: () => this.#agents.registry.recheck(),
      onAddressRules: () => {
        this.#agents.registry.recheck();
        this.#visitors.recheck(guard.mayStay);
      },
      onNames: () => {
        this.#agents.recheckNames();
        this.#cloudEndpoints.recheck();
      },
      onCloudEndpoint: (id, now) => this.#cloudEndpoints.follow(id, now),
    });
  }

  /** The ports listened on. */
  get httpPort(): number | undefined {
    return this.#ports.port("http");
  }

  get httpsPort(): number | undefined {
    return this.#ports.port("https");
  }

  get agentPort(): number | undefined {
    return this.#ports.port("agents");
  }

  /** The ports that visitors use, which URLs show. */
  get publicPorts(): PublicPorts {
    return this.#ports.public;
  }

  /** What can be asked of the agents that are connected here. */
  get agentCommands(): AgentCommands {
    return this.#agents.commands;
  }

  /** Visitors are taken. */
  get isReady(): boolean {
    return !this.#visitors.isDraining;
  }

  /** See {@link edgeFigures}. */
  get figures(): EdgeFigures {
    return edgeFigures({
      endpoints: this.#routes.all(),
      registry: this.#agents.registry,
      visitors: this.#visitors,
      gate: this.#gate,
    });
  }

  /** What visitors of a name are shown, as of now; the same object as long as it is good. `undefined`: nothing is served there. */
  certificateFor(serverName: string): Promise<CertificateMaterial | undefined> {
    return this.#certificates.certificateFor(serverName);
  }

  /** Whether another account has an endpoint at a name or TCP port, or its agent was there a moment ago and may come back. */
  isTaken(address: { readonly host: string } | { readonly port: number }, accountId: string): boolean {
    return this.#places.isTaken(address, accountId);
  }

  /** What has passed at the account's endpoints that are online here. Goes through all endpoints. */
  traffic(accountId: string): readonly EndpointTraffic[] {
    return trafficOf(accountId, this.#routes.all());
  }

  /** Takes an agent in; the connection is behind TLS, or inside this process. */
  acceptAgent(connection: Duplex, initial: Uint8Array = new Uint8Array(0)): void {
    this.#agents.accept(connection, initial);
  }

  /**
   * Takes no more visitors, lets those that are here end their exchanges, then says goodbye to the agents, which come back to
   * whoever serves the address next. When the signal is aborted the visitors that are left are cut. May be called twice.
   */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#ports.stopAccepting();
    this.#tcpPlaces.stopAccepting();
    deadline.addEventListener("abort", () => this.#visitors.cut(), { once: true });
    if (deadline.aborted) this.#visitors.cut();
    await this.#visitors.drain();
    await this.#agents.registry.closeAll("the edge stops");
    this.#stopListening();
    this.#cloudEndpoints[Symbol.dispose]();
  }

  readonly #admit = (connection: SocketDuplex, serve: (visitor: Duplex) => void): void => {
    if (this.#gate.admits(connection)) this.#fronts.accept(connection, serve);
  };

  #newTcpPlaces(tcpPorts: TcpPorts): TcpPlaces {
    return new TcpPlaces({
      tcpPorts,
      tcpHost: this.#options.baseDomains[0],
      routes: this.#routes,
      admit: this.#admit,
      onVisitor: (visitor, endpoint) => {
        this.#visitorRoutes.served(endpoint);
        this.#reception.serveRaw(visitor, endpoint);
      },
    });
  }

  #openPorts(): EdgePorts {
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
        certificates: this.#certificates,
        challenges: authority?.challenges,
        // Now, and not behind the handshake: those that come during it have the next turns.
        chooseTlsEndpoint: (serverName) => routes.take("tls", serverName),
        httpsTerms: (serverName) => routes.find("https", serverName)?.facts.options.terminateTls,
        isRouted: (endpoint) => routes.has(endpoint),
        onRawVisitor: (connection, endpoint, initial) => reception.serveRaw(connection, endpoint, initial),
        onHttpVisitor: (connection, initial, visitor) => reception.serveHttp(connection, "https", initial, visitor),
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
        const endpoint = this.#visitorRoutes.find("https", name) ?? this.#visitorRoutes.find("tls", name);
        return endpoint && { host: endpoint.host, accountId: endpoint.facts.accountId };
      },
      clock,
    });
  }
}
