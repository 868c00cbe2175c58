/**
 * Who serves which address: makes endpoints for the binds of agents, hands them over when an agent comes back, and takes them
 * away. Knows names and ports; knows no stream.
 */
import type { Clock } from "../../base/clock.ts";
import { formatHostPort, parseHostPort } from "../../base/host-port.ts";
import { PublicError } from "../../base/errors.ts";
import { randomHex } from "../../base/random.ts";
import { newId } from "../../base/record-id.ts";
import { formatInternalUrl, type InternalUrl } from "../../model/internal-url.ts";
import { tunnelIdOf } from "../../model/records/live-endpoint.ts";
import { answerOptions } from "../../protocol/rpc/answered-options.ts";
import type { BindReply, BindRequest } from "../../protocol/rpc/bind.ts";
import type { AccountRules } from "../directory.ts";
import { Endpoint, type EndpointFacts, type EndpointOptions, type Leg } from "../endpoint.ts";
import {
  internalPlace,
  isTcpPlace,
  portOfPlace,
  type Routed,
  type RoutingTable,
  type TcpPlace,
} from "../routing-table.ts";
import type { TcpPorts } from "../tcp-ports.ts";
import type { AddressAdmission, AdmittedHost, Returning, TcpAddress } from "./address-admission.ts";
import { cannotShare } from "./address-conflict.ts";
import { wantedInternal, wantedPort } from "./address-wish.ts";
import { authoritiesOf } from "./certificate-authorities.ts";
import { endpointOptions } from "./endpoint-options.ts";
import { ipPoliciesOf } from "./ip-policies.ts";
import { type Holder, NameHolds } from "./name-holds.ts";
import { shownUpstream } from "./shown-upstream.ts";
import { checkPublicPort, type PublicPorts, publicUrlOf } from "./shown-url.ts";
import type { TcpPlaces } from "./tcp-places.ts";

/** One agent, over all its legs and reconnects. */
export interface AgentIdentity {
  readonly clientId: string;
  readonly credentialId: string;
  readonly accountId: string;
}

/** A leg that can be asked whether its agent still answers. */
export interface BoundLeg extends Leg {
  /** False once the session has ended, or a newer one of the same agent took its place. */
  readonly isCurrent: boolean;
  /** False when no answer came in time; the session has then been ended. */
  isAlive(): Promise<boolean>;
  /** Tells the agent that a bind is over, and why. */
  dropBind(bindId: string, reason: PublicError): void;
}

export interface BinderOptions {
  readonly admission: AddressAdmission;
  readonly routes: RoutingTable<Endpoint>;
  readonly tcpPorts: Pick<TcpPorts, "text">;
  readonly tcpPlaces: TcpPlaces;
  readonly publicPorts: PublicPorts;
  readonly maxEndpointsPerAgent: number;
  readonly rulesOf: (accountId: string) => AccountRules;
  /** An address is free that was not. */
  readonly onFreed?: () => void;
  readonly clock: Clock;
}

/** A bind that may be made: everything about it was looked up. */
interface AdmittedBind {
  readonly request: BindRequest;
  readonly options: EndpointOptions;
  /** A TCP port may be any. */
  readonly address:
    | { readonly place: "internal"; readonly internal: InternalUrl; readonly reservationId: undefined }
    | ({ readonly place: "http" | "https" | "tls" } & AdmittedHost)
    | ({ readonly place: "tcp" } & TcpAddress);
}

/** What an endpoint is before it has an address. */
type Unaddressed = Omit<EndpointFacts, "place" | "host" | "url">;

const NO_ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map();

export class Binder {
  readonly #options: BinderOptions;
  readonly #holds = new NameHolds();
  /** Endpoints that are online, by agent and bind id. */
  readonly #endpoints = new Map<string, Map<string, Endpoint>>();
  /** The leg that an endpoint was bound over last, to ask whether its agent lives. */
  readonly #boundOver = new WeakMap<Endpoint, BoundLeg>();
  /** Endpoints with a TCP address that nobody has chosen. */
  readonly #random = new WeakSet<Endpoint>();

  constructor(options: BinderOptions) {
    this.#options = options;
  }

  /** @throws PublicError with the code that the agent shows to its user. */
  async bind(agent: AgentIdentity, leg: BoundLeg, request: BindRequest): Promise<BindReply> {
    const isKnown = this.#ofAgent(agent).has(request.bindId);
    const admitted = isKnown ? undefined : await this.#admit(agent, request);
    // Nothing waits from here on, so what is decided now holds when it is done.
    if (!leg.isCurrent) throw new PublicError("ERR_GINNEL_SESSION_REPLACED", {});
    // Another leg, or another call, may have made the same bind in the meantime.
    const known = this.#ofAgent(agent).get(request.bindId);
    const endpoint = known ?? (admitted && this.#create(agent, admitted));
    if (endpoint === undefined) throw new Error("a bind that was known has gone");
    endpoint.join(leg);
    this.#boundOver.set(endpoint, leg);
    const { bindId, url, proto, id } = endpoint.facts;
    return {
      bindId,
      url,
      protocol: proto,
      wireOptions: answerOptions(proto, request.wireOptions ?? {}, url),
      extra: {
        token: this.#addressProof(endpoint) ?? (request.extra.token || bindId),
        tunnelId: tunnelIdOf(id),
      },
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

  /** What an agent has online under this id. */
  find(agent: AgentIdentity, bindId: string): Endpoint | undefined {
    return this.#ofAgent(agent).get(bindId);
  }

  /** Ends the binds that would not be allowed any more, after a change of the records, and answers what was ended. */
  recheck(): readonly Endpoint[] {
    const all = [...this.#endpoints.values()].flatMap((endpoints) => endpoints.values().toArray());
    return all.filter((endpoint) => {
      const refusal = this.#options.admission.refusalNow(endpoint.facts);
      if (refusal === undefined) return false;
      this.#boundOver.get(endpoint)?.dropBind(endpoint.facts.bindId, refusal);
      this.#remove(endpoint);
      return true;
    });
  }

  /** The session of this leg is over. What no other leg serves goes offline; its address waits for an agent that may return. */
  legEnded({ clientId }: Pick<AgentIdentity, "clientId">, leg: Leg): void {
    const { admission, routes, clock } = this.#options;
    for (const endpoint of this.#endpoints.get(clientId)?.values() ?? []) {
      endpoint.leave(leg);
      if (endpoint.isOnline) continue;
      this.#remove(endpoint);
      // Others of its pool hold the name themselves.
      if (routes.at(endpoint) !== undefined) continue;
      // An agent whose token was taken away does not come back.
      if (admission.refusalNow(endpoint.facts) !== undefined) continue;
      this.#holds.hold(endpoint, endpoint.facts, clock.nowMs());
    }
  }

  /** Whether the address of an endpoint that no agent brought waits for an agent of another account. */
  isKept(endpoint: Endpoint): boolean {
    return this.#holds.isHeldFromAccount(endpoint, endpoint.facts.accountId, this.#options.clock.nowMs());
  }

  /** Whether another account has an endpoint at a name or TCP port, or its agent was there a moment ago and may come back. */
  isTaken(address: { readonly host: string } | { readonly port: number }, accountId: string): boolean {
    const { routes, tcpPlaces, clock } = this.#options;
    const routed: Routed = "port" in address ? tcpPlaces.routed(address.port) : { place: "https", host: address.host };
    const there = "port" in address ? [routes.at(routed)] : [...routes.onHost(address.host)];
    return (
      there.some((endpoint) => endpoint !== undefined && endpoint.facts.accountId !== accountId) ||
      this.#holds.isHeldFromAccount(routed, accountId, clock.nowMs())
    );
  }

  /** Whether some endpoint of the agent is still served over this leg. */
  isServing(clientId: string, leg: Leg): boolean {
    return [...(this.#endpoints.get(clientId)?.values() ?? [])].some(({ legs }) => legs.includes(leg));
  }

  #ofAgent({ clientId }: AgentIdentity): ReadonlyMap<string, Endpoint> {
    return this.#endpoints.get(clientId) ?? NO_ENDPOINTS;
  }

  /** Everything about a bind that may take time. */
  async #admit(agent: AgentIdentity, request: BindRequest): Promise<AdmittedBind> {
    const { admission, routes, rulesOf, tcpPlaces } = this.#options;
    const internal = wantedInternal(request);
    const findIpPolicy = ipPoliciesOf({ account: rulesOf }, agent.accountId);
    const findAuthority = authoritiesOf({ account: rulesOf }, agent.accountId);
    const options = endpointOptions(request, { findIpPolicy, findAuthority, isInternal: internal !== undefined });
    const pool = options.isPooled === true ? agent.accountId : undefined;
    if (internal !== undefined) {
      admission.internal(agent, internal);
      const place = internalPlace(agent.accountId, internal);
      await this.#endIfDead(agent, routes.holderOf({ place, host: internal.host, pool }));
      return { request, options, address: { place: "internal", internal, reservationId: undefined } };
    }
    if (request.protocol === "tcp") {
      const address = admission.tcpAddress(agent, request.options, returningOf(request));
      if (address.port !== undefined)
        await this.#endIfDead(agent, routes.holderOf({ ...tcpPlaces.routed(address.port), pool }));
      return { request, options, address: { place: "tcp", ...address } };
    }
    const address = { place: request.protocol, ...admission.host(agent, request.options) };
    // An agent that returns repeats the URL that it was given, and the port of visitors may be another one since.
    if (request.extra.token === "") {
      const port = wantedPort(request.options.url);
      checkPublicPort(address.place, { host: address.host, port }, this.#options.publicPorts);
    }
    await this.#endIfDead(agent, routes.holderOf({ ...address, pool }));
    return { request, options, address };
  }

  /** An agent that vanished without a word must not keep its names from the next one of the same account. */
  async #endIfDead(agent: AgentIdentity, holder: Endpoint | undefined): Promise<void> {
    const leg = holder && this.#boundOver.get(holder);
    if (holder?.facts.accountId !== agent.accountId || leg === undefined) return;
    if (!(await leg.isAlive())) this.legEnded(holder.facts, leg);
  }

  #create(agent: AgentIdentity, { request, options, address }: AdmittedBind): Endpoint {
    const { clock } = this.#options;
    this.#refuseTooMany(agent);
    this.#admitAgain(agent, request, address);
    const common: Unaddressed = {
      ...agent,
      id: newId("ep", clock.date()),
      bindId: request.bindId || randomHex(16),
      proto: request.protocol,
      forwardsTo: shownUpstream(request.forwardsTo),
      reservationId: address.reservationId,
      options,
    };
    const endpoint = this.#createAt(address, common);
    const ofAgent = this.#endpoints.get(agent.clientId) ?? new Map<string, Endpoint>();
    this.#endpoints.set(agent.clientId, ofAgent.set(endpoint.facts.bindId, endpoint));
    this.#holds.release(endpoint);
    if (address.place === "tcp" && address.isRandom) this.#random.add(endpoint);
    return endpoint;
  }

  #addressProof(endpoint: Endpoint): string | undefined {
    const { accountId, bindId, url } = endpoint.facts;
    const address = this.#random.has(endpoint) ? parseHostPort(url.slice("tcp://".length)) : undefined;
    return address && this.#options.admission.proofOf(accountId, bindId, address);
  }

  /** What was looked up may have changed while the holder of the name was asked whether it lives. */
  #admitAgain(agent: AgentIdentity, request: BindRequest, address: AdmittedBind["address"]): void {
    const { admission } = this.#options;
    if (address.place === "internal") return admission.internal(agent, address.internal);
    if (address.place !== "tcp") return void admission.name(agent, address.host);
    const { host, port } = address;
    if (port !== undefined) admission.address(agent, { host, port }, returningOf(request));
  }

  #createAt(address: AdmittedBind["address"], common: Unaddressed): Endpoint {
    if (address.place === "tcp") return this.#createTcp(common, address);
    if (address.place !== "internal") {
      const url = publicUrlOf(address.place, address.host, this.#options.publicPorts);
      return this.#createNamed({ ...common, ...address, url });
    }
    const { internal } = address;
    const place = internalPlace(common.accountId, internal);
    return this.#createNamed({ ...common, place, host: internal.host, url: formatInternalUrl(internal) });
  }

  #refuseTooMany(agent: AgentIdentity): void {
    const { maxEndpointsPerAgent: limit, rulesOf, routes } = this.#options;
    if (this.#ofAgent(agent).size >= limit)
      throw new PublicError("ERR_GINNEL_TOO_MANY_ENDPOINTS", { who: "agent", limit });
    const accountLimit = rulesOf(agent.accountId).limits.endpoints;
    // Only those with a limit are counted.
    if (accountLimit === Infinity) return;
    const online = [...routes.all()].filter(({ facts }) => facts.accountId === agent.accountId).length;
    if (online >= accountLimit) {
      throw new PublicError("ERR_GINNEL_TOO_MANY_ENDPOINTS", { who: "account", limit: accountLimit });
    }
  }

  #createNamed(facts: EndpointFacts): Endpoint {
    const endpoint = new Endpoint(facts);
    const { host, accountId, url } = facts;
    const { routes, clock } = this.#options;
    const isFree =
      !this.#holds.isHeldFromOthers(endpoint, facts, clock.nowMs()) &&
      // The http and https sides of one host belong to one account.
      [...routes.onHost(host)].every((other) => other.facts.accountId === accountId);
    if (!isFree) throw new PublicError("ERR_NGROK_334", { url });
    const holder = routes.claim(endpoint);
    if (holder !== undefined) throw cannotShare(endpoint, holder);
    return endpoint;
  }

  #createTcp(common: Unaddressed, address: TcpAddress): Endpoint {
    const { tcpPlaces, routes } = this.#options;
    const port = address.port === undefined ? undefined : this.#joinedPort(common, address.port);
    const place = port ?? this.#openPort(common, address);
    const url = `tcp://${formatHostPort({ host: address.host, port: portOfPlace(place) })}`;
    const endpoint = new Endpoint({ ...common, ...tcpPlaces.routed(portOfPlace(place)), url });
    routes.claim(endpoint);
    return endpoint;
  }

  /** The place of the pool that is there already; it is listened on. */
  #joinedPort(common: Unaddressed, port: number): TcpPlace | undefined {
    const { tcpPlaces, routes } = this.#options;
    const routed = tcpPlaces.routed(port);
    const member = routes.at(routed);
    if (member === undefined) return undefined;
    const wanted = new Endpoint({ ...common, ...routed, url: member.facts.url });
    const holder = routes.holderOf(wanted);
    if (holder !== undefined) throw cannotShare(wanted, holder);
    return routed.place;
  }

  /** The place of a port that is listened on from now on. */
  #openPort(by: Holder, { host, port: wanted }: TcpAddress): TcpPlace {
    const { admission, tcpPlaces, tcpPorts, routes, clock } = this.#options;
    const nowMs = clock.nowMs();
    const isFree = (port: number): boolean => routes.holderOf(tcpPlaces.routed(port)) === undefined;
    const isForAnyone = (port: number): boolean => isFree(port) && admission.isForAnyone(port);
    const isFreeForUs = (port: number): boolean =>
      isFree(port) && !this.#holds.isHeldFromOthers(tcpPlaces.routed(port), by, nowMs);
    if (wanted !== undefined) {
      if (isFreeForUs(wanted)) return tcpPlaces.open(wanted, host);
      throw new PublicError("ERR_NGROK_334", { url: `tcp://${formatHostPort({ host, port: wanted })}` });
    }
    const place =
      tcpPlaces.openAny((port) => isForAnyone(port) && !this.#holds.isHeld(tcpPlaces.routed(port), nowMs)) ??
      // A small range must not be full of ports that wait for agents which are gone for good.
      tcpPlaces.openAny((port) => isForAnyone(port) && isFreeForUs(port));
    if (place === undefined) throw new PublicError("ERR_GINNEL_NO_PORT", { range: tcpPorts.text });
    return place;
  }

  #remove(endpoint: Endpoint): void {
    const { clientId, bindId } = endpoint.facts;
    const { routes, tcpPlaces, onFreed } = this.#options;
    routes.release(endpoint);
    if (isTcpPlace(endpoint.place)) tcpPlaces.closeIfEmpty(endpoint);
    const ofAgent = this.#endpoints.get(clientId);
    ofAgent?.delete(bindId);
    if (ofAgent?.size === 0) this.#endpoints.delete(clientId);
    onFreed?.();
  }
}

function returningOf({ bindId, extra: { token } }: BindRequest): Returning {
  return { bindId, token };
}
