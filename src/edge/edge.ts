/**
 * The edge: the public side of tunnels. Takes agents in, makes endpoints for their binds, and joins visitors with the agents
 * that serve them. This folder knows names, sessions and visitors; it knows no agent's inside and no store.
 */
import type { Duplex } from "../net/duplex.ts";
import type { CertificateMaterial } from "../pki/certificate-material.ts";
import { METRICS, TRAFFIC } from "../protocol/relay/worker-calls.ts";
import type { Metric } from "../telemetry/prometheus-text.ts";
import { AddressAdmission } from "./binding/address-admission.ts";
import { ADDRESS_KEY_BYTES, AddressProofs } from "./binding/address-proofs.ts";
import { Binder } from "./binding/binder.ts";
import { certificateWarning } from "./binding/certificate-warning.ts";
import { CloudEndpoints } from "./binding/cloud-endpoints.ts";
import { EndpointPlaces } from "./binding/endpoint-places.ts";
import type { PublicPorts } from "./binding/shown-url.ts";
import { DataPlane, type DataPlaneLimits, type DataPlaneOptions } from "./data-plane.ts";
import type { AccountRules } from "./directory.ts";
import { type EdgeFigures, edgeFigures } from "./operations/edge-figures.ts";
import type { EdgeMeters } from "./operations/edge-meters.ts";
import { type EndpointTraffic, joinedTraffic, trafficOf } from "./operations/endpoint-traffic.ts";
import { isAwaitedPlace } from "./returning/expected-names.ts";
import type { NameMemory } from "./returning/name-memory.ts";
import type { AgentCommands } from "./sessions/agent-commands.ts";
import { AgentLeg, type AgentLegServices } from "./sessions/agent-leg.ts";
import { AgentRegistry } from "./sessions/agent-registry.ts";
import type { ControlledLeg } from "./sessions/control-plane.ts";
import { LegCommands } from "./sessions/leg-commands.ts";
import { LocalControl } from "./sessions/local-control.ts";
import { type OnlineRecords, OnlineReport } from "./sessions/online-report.ts";
import { EndpointFeed } from "./workers/endpoint-feed.ts";
import { WorkerHub, workerOf } from "./workers/worker-hub.ts";
import type { WorkerEnd } from "./workers/worker-peer.ts";

/** An agent waits for the other processes; one that stands still is found later, and one that comes up has much to hear. */
const ANNOUNCED_WITHIN_MS = 3_000;

export interface EdgeLimits extends DataPlaneLimits {
  readonly maxSessions: number;
  readonly maxEndpointsPerAgent: number;
}

export interface EdgeOptions extends DataPlaneOptions {
  readonly limits: EdgeLimits;
  /** See {@link AddressProofs}; the same in every process that is to know their addresses again. Absent: one of this process. */
  readonly addressKey?: Uint8Array | undefined;
  /** Who keeps records of what is online here, under the name of this node; absent: nobody. */
  readonly online?: { readonly records: OnlineRecords; readonly nodeId: string } | undefined;
  /** Absent: nobody waits for agents that were here before the start. It stays the caller's. */
  readonly nameMemory?: NameMemory | undefined;
}

/** Agents of an edge that is replaced are back within a second; those that found nobody for a minute dial every 20 seconds. */
export const RETURN_MS = 10_000;

export class Edge {
  readonly #options: EdgeOptions;
  readonly #plane: DataPlane;
  readonly #places: EndpointPlaces;
  readonly #binder: Binder<ControlledLeg>;
  readonly #cloudEndpoints: CloudEndpoints;
  readonly #registry: AgentRegistry<ControlledLeg>;
  readonly #online: OnlineReport | undefined;
  readonly #control: LocalControl;
  readonly #legServices: AgentLegServices;
  readonly #hub: WorkerHub | undefined;
  readonly #agentCommands: AgentCommands;
  readonly #stopListening: () => void;

  /** @throws UsageError when a port cannot be had; then none is kept. */
  constructor(options: EdgeOptions) {
    const { directory, baseDomains, online, clock, limits, log } = options;
    this.#options = options;
    const feed = options.process && new EndpointFeed(workerOf, log.with({ obj: "workers" }));
    const announced = feed && (() => feed.settled());
    const agentSide = {
      onAgent: (connection: Duplex, initial: Uint8Array) => this.acceptAgent(connection, initial),
      connectionsBeside: () => this.#registry.connectionsBeside,
      connections: () => this.#registry.connections - (this.#hub?.legs ?? 0),
    };
    const plane = new DataPlane(options, agentSide, announced);
    this.#plane = plane;
    plane.ports.open();
    const { routes, tcpPorts, tcpPlaces, warnings } = plane;
    const rulesOf = (accountId: string): AccountRules => directory.account(accountId);
    const proofs = new AddressProofs(options.addressKey ?? crypto.getRandomValues(new Uint8Array(ADDRESS_KEY_BYTES)));
    const addresses = {
      admission: new AddressAdmission({ baseDomains, region: options.region, directory, tcpPorts, proofs }),
      routes,
      tcpPlaces,
      publicPorts: this.publicPorts,
    };
    this.#places = new EndpointPlaces({ ...addresses, tcpPorts, clock });
    this.#binder = new Binder({
      ...addresses,
      places: this.#places,
      maxEndpointsPerAgent: limits.maxEndpointsPerAgent,
      rulesOf,
      isCurrent: (leg) => this.#registry.isCurrent(leg),
      onFreed: () => this.#cloudEndpoints.retry(),
      observer: feed,
      clock,
    });
    this.#cloudEndpoints = new CloudEndpoints({
      ...addresses,
      directory,
      isKept: (endpoint) => this.#places.isKept(endpoint),
      observer: feed,
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
    this.#online = online && new OnlineReport({ records: online.records, clock, log });
    this.#control = new LocalControl({
      registry: this.#registry,
      binder: this.#binder,
      region: options.region,
      online: this.#online && { report: this.#online, nodeId: online?.nodeId ?? "" },
      isOneOfSeveral: options.process !== undefined,
      warningOf: (endpoint) => certificateWarning(endpoint, plane.certificates),
      announced: feed && (() => feed.settledWithin(ANNOUNCED_WITHIN_MS, clock)),
      onAnswered: (endpoint) => {
        // Where nobody waits here nobody does elsewhere, and there is nothing to tell.
        if (!plane.waiting.isExpecting) return;
        plane.waiting.came(endpoint);
        feed?.onAnswered(endpoint);
      },
      clock,
    });
    this.#legServices = { ...plane.legServices(), control: this.#control };
    this.#hub =
      feed &&
      new WorkerHub({
        control: this.#control,
        feed,
        own: { version: options.version, configuration: options.process?.configuration ?? "" },
        ports: plane.ports,
        expected: () => plane.waiting.expected,
        findLeg: (id) => this.#registry.leg(id),
        session: this.#legServices.session,
        log: log.with({ obj: "workers" }),
      });
    this.#agentCommands = new LegCommands({
      find: (sessionId) => this.#registry.find(sessionId),
      legsOf: (accountId) => this.#registry.legsOf(accountId),
      liveEndpoint: (leg, bindId) => this.#control.liveEndpoint(leg, bindId),
      nodeId: online?.nodeId,
      log: log.with({ obj: "commands" }),
    });
    if (options.nameMemory !== undefined) this.#remember(options.nameMemory);
    this.#stopListening = directory.listen({
      onCredentialGone: () => this.#registry.recheck(),
      onAddressRules: () => {
        this.#registry.recheck();
        plane.recheckVisitors();
      },
      onNames: () => this.#recheckNames(),
      onCloudEndpoint: (id, now) => this.#cloudEndpoints.follow(id, now),
    });
  }

  /** Everything counted since the start. */
  get meters(): EdgeMeters {
    return this.#plane.meters;
  }

  /** The ports listened on. */
  get httpPort(): number | undefined {
    return this.#plane.ports.port("http");
  }

  get httpsPort(): number | undefined {
    return this.#plane.ports.port("https");
  }

  get agentPort(): number | undefined {
    return this.#plane.ports.port("agents");
  }

  /** The ports that visitors use, which URLs show. */
  get publicPorts(): PublicPorts {
    return this.#plane.ports.public;
  }

  /** What can be asked of the agents that are connected here. */
  get agentCommands(): AgentCommands {
    return this.#agentCommands;
  }

  /** Visitors are taken. */
  get isReady(): boolean {
    return this.#plane.isReady;
  }

  /** See {@link edgeFigures}. */
  get figures(): EdgeFigures {
    const { routes, visitors, gate } = this.#plane;
    return edgeFigures({ endpoints: routes.all(), registry: this.#registry, visitors, gate });
  }

  /** What visitors of a name are shown, as of now; the same object as long as it is good. `undefined`: nothing is served there. */
  certificateFor(serverName: string): Promise<CertificateMaterial | undefined> {
    return this.#plane.certificates.certificateFor(serverName);
  }

  /** Whether another account has an endpoint at a name or TCP port, or its agent was there a moment ago and may come back. */
  isTaken(address: { readonly host: string } | { readonly port: number }, accountId: string): boolean {
    return this.#places.isTaken(address, accountId);
  }

  /** What has passed in this process at the account's endpoints that are online. Goes through all endpoints. */
  traffic(accountId: string): readonly EndpointTraffic[] {
    return trafficOf(accountId, this.#plane.routes.all());
  }

  /** As {@link traffic}, in all processes of the edge. */
  async trafficOfAll(accountId: string): Promise<readonly EndpointTraffic[]> {
    const others = (await this.#hub?.askAll(TRAFFIC, { accountId })) ?? new Map();
    return joinedTraffic(
      this.traffic(accountId),
      [...others.values()].map(({ endpoints }) => endpoints),
    );
  }

  /** What the workers count, each for itself, by number. */
  async workerMetrics(): Promise<ReadonlyMap<number, readonly Metric[]>> {
    const replies = (await this.#hub?.askAll(METRICS, {})) ?? new Map();
    return new Map([...replies].map(([worker, { metrics }]) => [worker, metrics as unknown as readonly Metric[]])); // of our own kind
  }

  /** Takes an agent in; the connection is behind TLS, or inside this process. */
  acceptAgent(connection: Duplex, initial: Uint8Array = new Uint8Array(0)): void {
    this.#control.onConnected(new AgentLeg(connection, initial, this.#legServices));
  }

  /** Takes a further process of this edge in, of which there are several. Resolves when the link to it is over. */
  async acceptWorker(connection: Duplex): Promise<WorkerEnd> {
    if (this.#hub === undefined) throw new Error("this edge has one process");
    return await this.#hub.accept(connection);
  }

  /**
   * Takes no more visitors, lets those that are here end their exchanges, then says goodbye to the agents, which come back to
   * whoever serves the address next. When the signal is aborted the visitors that are left are cut. May be called twice. All this in all
   * processes of the edge: an agent in one has visitors of the others.
   */
  async stop(deadline: AbortSignal): Promise<void> {
    // Names are sealed before their agents are sent away; and not first, since who comes until the ports are closed would be reset.
    const drained = [this.#plane.drain(deadline), this.#hub?.drain(deadline)];
    await Promise.all([...drained, this.#options.nameMemory?.seal()]);
    await this.#registry.closeAll("the edge stops");
    this.#hub?.close("the edge stops");
    this.#stopListening();
    this.#cloudEndpoints[Symbol.dispose]();
  }

  /** Visitors of names that were online wait for them, and what is online or waited for is kept for the next start. */
  #remember(memory: NameMemory): void {
    const { routes, waiting } = this.#plane;
    waiting.expect(memory.recent, RETURN_MS);
    memory.keep(function* () {
      for (const { place, host, facts } of routes.all()) {
        if (facts.isCloud !== true && isAwaitedPlace(place)) yield { place, host };
      }
      yield* waiting.expected.names;
    });
    routes.listen({ onTaken: () => memory.changed(), onLeft: () => memory.changed() });
  }

  #recheckNames(): void {
    for (const { facts } of this.#binder.recheck()) {
      this.#options.log.info("endpoint offline", { url: facts.url, reason: "not allowed any more" });
      this.#online?.endpointEnded(facts.id);
    }
    this.#cloudEndpoints.recheck();
  }
}
