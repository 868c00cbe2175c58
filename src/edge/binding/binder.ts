/**
 * Who serves which public address: makes endpoints for the binds of agents, hands them over when an agent comes back, and
 * takes them away. The routing table changes here only. Knows names and ports; knows no stream.
 */
import type { Clock } from "../../base/clock.ts";
import { formatHostPort } from "../../base/host-port.ts";
import { PublicError } from "../../base/errors.ts";
import { newId, randomHex } from "../../base/random.ts";
import type { Duplex } from "../../net/duplex.ts";
import type { Listening } from "../../net/tcp-listen.ts";
import { answerOptions } from "../../protocol/rpc/answered-options.ts";
import type { BindReply, BindRequest } from "../../protocol/rpc/bind.ts";
import { Endpoint, type EndpointFacts, type Leg } from "../endpoint.ts";
import type { RoutingTable } from "../routing-table.ts";
import type { TcpPorts } from "../tcp-ports.ts";
import type { AddressAdmission } from "./address-admission.ts";
import { endpointOptions } from "./endpoint-options.ts";
import { NameHolds } from "./name-holds.ts";

/** One agent, over all its legs and reconnects. */
export interface AgentIdentity {
  readonly clientId: string;
  readonly accountId: string;
}

/** A leg that can be asked whether its agent still answers. */
export interface BoundLeg extends Leg {
  /** False when no answer came in time; the session has then been ended. */
  isAlive(): Promise<boolean>;
}

export interface BinderOptions {
  readonly admission: AddressAdmission;
  readonly routes: RoutingTable<Endpoint>;
  readonly tcpPorts: TcpPorts;
  /** The host name of TCP addresses. */
  readonly tcpHost: string;
  /** Ports that visitors use; a URL shows one that is not its scheme's own. */
  readonly publicPorts: { readonly http: number; readonly https: number };
  readonly maxEndpointsPerAgent: number;
  readonly onTcpVisitor: (connection: Duplex, endpoint: Endpoint) => void;
  readonly clock: Clock;
}

/** What an endpoint is before it has an address. */
type Unaddressed = Omit<EndpointFacts, "place" | "host" | "url">;

export class Binder {
  readonly #options: BinderOptions;
  readonly #holds = new NameHolds();
  /** Ports of TCP endpoints that are online. */
  readonly #listeners = new Map<Endpoint, Listening>();
  /** Endpoints that are online, by agent and bind id. */
  readonly #endpoints = new Map<string, Map<string, Endpoint>>();
  /** The leg that an endpoint was bound over last, to ask whether its agent lives. */
  readonly #boundOver = new WeakMap<Endpoint, BoundLeg>();

  constructor(options: BinderOptions) {
    this.#options = options;
  }

  /** @throws PublicError with the code that the agent shows to its user. */
  async bind(agent: AgentIdentity, leg: BoundLeg, request: BindRequest): Promise<BindReply> {
    const endpoint = this.#ofAgent(agent).get(request.bindId) ?? (await this.#create(agent, request));
    endpoint.join(leg);
    this.#boundOver.set(endpoint, leg);
    const { bindId, url, proto, id } = endpoint.facts;
    return {
      bindId,
      url,
      protocol: proto,
      wireOptions: answerOptions(request.protocol, request.wireOptions ?? {}, url),
      extra: { token: request.extra.token || bindId, tunnelId: id.replace("ep_", "tn_") },
    };
  }

  /**
   * Ends a bind on all legs of its agent, and answers what was ended. An unknown id is no error: agents unbind twice
   * (protocol.md section 5).
   */
  unbind(agent: AgentIdentity, bindId: string): Endpoint | undefined {
    const endpoint = this.#ofAgent(agent).get(bindId);
    if (endpoint !== undefined) this.#remove(endpoint);
    return endpoint;
  }

  /** The session of this leg is over. What no other leg serves goes offline; its address waits for the agent. */
  legEnded(agent: AgentIdentity, leg: Leg): void {
    for (const endpoint of this.#ofAgent(agent).values()) {
      endpoint.leave(leg);
      if (endpoint.isOnline) continue;
      this.#remove(endpoint);
      this.#holds.hold(endpoint, agent.clientId, this.#options.clock.nowMs());
    }
  }

  /** Whether some endpoint of the agent is still served over this leg. */
  isServing(clientId: string, leg: Leg): boolean {
    return [...(this.#endpoints.get(clientId)?.values() ?? [])].some(({ legs }) => legs.includes(leg));
  }

  /** TCP endpoints take no more visitors. */
  stopAccepting(): void {
    for (const listening of this.#listeners.values()) listening.stopAccepting();
  }

  #ofAgent({ clientId }: AgentIdentity): Map<string, Endpoint> {
    return this.#endpoints.get(clientId) ?? new Map<string, Endpoint>();
  }

  async #create(agent: AgentIdentity, request: BindRequest): Promise<Endpoint> {
    const { maxEndpointsPerAgent: limit, admission, clock } = this.#options;
    if (this.#ofAgent(agent).size >= limit) throw new PublicError("ERR_GINNEL_TOO_MANY_ENDPOINTS", { limit });
    const common: Unaddressed = {
      id: newId("ep", clock.date()),
      bindId: request.bindId || randomHex(16),
      proto: request.protocol,
      accountId: agent.accountId,
      clientId: agent.clientId,
      forwardsTo: request.forwardsTo,
      options: endpointOptions(request),
    };
    const endpoint =
      request.protocol === "tcp"
        ? await this.#createTcp(common, await admission.port(agent.accountId, request.options))
        : await this.#createNamed(common, request.protocol, await admission.host(agent.accountId, request.options));
    this.#endpoints.set(agent.clientId, this.#ofAgent(agent).set(endpoint.facts.bindId, endpoint));
    this.#holds.release(endpoint);
    return endpoint;
  }

  async #createNamed(common: Unaddressed, place: "http" | "https" | "tls", host: string): Promise<Endpoint> {
    const endpoint = new Endpoint({ ...common, place, host, url: this.#urlOf(place, host) });
    if (this.#tryClaim(endpoint)) return endpoint;
    await this.#endIfDead(this.#options.routes.holderOf(endpoint), common.accountId);
    if (this.#tryClaim(endpoint)) return endpoint;
    throw new PublicError("ERR_NGROK_334", { url: endpoint.facts.url });
  }

  #urlOf(place: "http" | "https" | "tls", host: string): string {
    const { http, https } = this.#options.publicPorts;
    const [port, usual] = place === "http" ? [http, 80] : [https, 443];
    return `${place}://${host}${port === usual ? "" : `:${port}`}`;
  }

  /** Nothing waits between the look and the claim, so no other bind can come in between. */
  #tryClaim(endpoint: Endpoint): boolean {
    const { host, clientId, accountId } = endpoint.facts;
    const { routes, clock } = this.#options;
    if (this.#holds.isHeldFromOthers(endpoint, clientId, clock.nowMs())) return false;
    // The http and https sides of one host belong to one account.
    if ([...routes.onHost(host)].some((other) => other.facts.accountId !== accountId)) return false;
    return routes.claim(endpoint) === undefined;
  }

  /** An agent that vanished without a word must not keep its names from the next one of the same account. */
  async #endIfDead(holder: Endpoint | undefined, accountId: string): Promise<void> {
    if (holder?.facts.accountId === accountId) await this.#boundOver.get(holder)?.isAlive();
  }

  async #createTcp(common: Unaddressed, wanted: number | undefined): Promise<Endpoint> {
    const { tcpHost, tcpPorts, routes, onTcpVisitor } = this.#options;
    // The port is known only after it was opened, so visitors find the endpoint through this.
    const opened: { endpoint?: Endpoint } = {};
    const onVisitor = (connection: Duplex): void => {
      if (opened.endpoint === undefined) connection.reset();
      else onTcpVisitor(connection, opened.endpoint);
    };
    const mayUse = (port: number): boolean => !this.#isPortHeld(port, common.clientId);
    const listening =
      wanted === undefined
        ? tcpPorts.openAny(mayUse, onVisitor)
        : await this.#openWanted(wanted, mayUse, onVisitor, common.accountId);
    if (listening === undefined) {
      throw wanted === undefined
        ? new PublicError("ERR_GINNEL_NO_PORT", { range: tcpPorts.text })
        : new PublicError("ERR_NGROK_334", { url: `tcp://${formatHostPort({ host: tcpHost, port: wanted })}` });
    }
    const { port } = listening;
    const url = `tcp://${formatHostPort({ host: tcpHost, port })}`;
    const endpoint = new Endpoint({ ...common, place: `tcp:${port}`, host: tcpHost, url });
    opened.endpoint = endpoint;
    routes.claim(endpoint);
    this.#listeners.set(endpoint, listening);
    return endpoint;
  }

  async #openWanted(
    port: number,
    mayUse: (port: number) => boolean,
    onVisitor: (connection: Duplex) => void,
    accountId: string,
  ): Promise<Listening | undefined> {
    const { routes, tcpHost, tcpPorts } = this.#options;
    await this.#endIfDead(routes.holderOf({ place: `tcp:${port}`, host: tcpHost }), accountId);
    return mayUse(port) ? tcpPorts.open(port, onVisitor) : undefined;
  }

  #isPortHeld(port: number, clientId: string): boolean {
    const { tcpHost, clock } = this.#options;
    return this.#holds.isHeldFromOthers({ place: `tcp:${port}`, host: tcpHost }, clientId, clock.nowMs());
  }

  #remove(endpoint: Endpoint): void {
    const { clientId, bindId } = endpoint.facts;
    this.#options.routes.release(endpoint);
    this.#listeners.get(endpoint)?.stopAccepting();
    this.#listeners.delete(endpoint);
    const ofAgent = this.#endpoints.get(clientId);
    ofAgent?.delete(bindId);
    if (ofAgent?.size === 0) this.#endpoints.delete(clientId);
  }
}
