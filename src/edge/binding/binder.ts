/**
 * Which endpoints an agent has: makes them for its binds, hands them over when it comes back, and takes them away. Knows agents
 * and their legs; knows no stream, and leaves to others what an agent may have and where that is.
 */
import type { Clock } from "../../base/clock.ts";
import { parseHostPort } from "../../base/host-port.ts";
import { PublicError } from "../../base/errors.ts";
import { randomHex } from "../../base/random.ts";
import { newId } from "../../base/record-id.ts";
import type { InternalUrl } from "../../model/internal-url.ts";
import { tunnelIdOf } from "../../model/records/live-endpoint.ts";
import { answerOptions } from "../../protocol/rpc/answered-options.ts";
import type { BindReply, BindRequest } from "../../protocol/rpc/bind.ts";
import type { AccountRules } from "../directory.ts";
import type { Endpoint, EndpointOptions, Leg } from "../endpoint.ts";
import type { AddressAdmission, Returning } from "./address-admission.ts";
import { wantedInternal, wantedPort } from "./address-wish.ts";
import { boundOptions } from "./bound-options.ts";
import type { EndpointObserver } from "./endpoint-observer.ts";
import type { AdmittedAddress, EndpointPlaces, Unaddressed } from "./endpoint-places.ts";
import { shownUpstream } from "./shown-upstream.ts";
import { checkPublicPort, type PublicPorts } from "./shown-url.ts";

/** One agent, over all its legs and reconnects. */
export interface AgentIdentity {
  readonly clientId: string;
  readonly credentialId: string;
  readonly accountId: string;
}

/** A leg that can be asked whether its agent still answers. */
export interface BoundLeg extends Leg {
  /** False when no answer came in time; the session has then been ended. */
  isAlive(): Promise<boolean>;
  /** Tells the agent that a bind is over, and why. */
  dropBind(bindId: string, reason: PublicError): void;
}

export interface BinderOptions<L extends BoundLeg> {
  readonly admission: AddressAdmission;
  readonly places: EndpointPlaces;
  readonly publicPorts: PublicPorts;
  readonly maxEndpointsPerAgent: number;
  readonly rulesOf: (accountId: string) => AccountRules;
  /** False once the session has ended, or a newer one of the same agent took its place. */
  readonly isCurrent: (leg: L) => boolean;
  /** An address is free that was not. */
  readonly onFreed?: () => void;
  /** Absent: nobody else wants to know what is online. */
  readonly observer?: EndpointObserver | undefined;
  readonly clock: Clock;
}

/** A bind that may be made: everything about it was looked up. */
interface AdmittedBind {
  readonly request: BindRequest;
  readonly options: EndpointOptions;
  readonly address: AdmittedAddress;
}

const NO_ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map();

/** `L`: the legs that binds are made over. */
export class Binder<L extends BoundLeg = BoundLeg> {
  readonly #options: BinderOptions<L>;
  /** Endpoints that are online, by agent and bind id. */
  readonly #endpoints = new Map<string, Map<string, Endpoint>>();
  /** The legs that endpoints were bound over, to ask whether their agent lives. */
  readonly #boundOver = new WeakMap<Endpoint, readonly L[]>();
  /** Endpoints with a TCP address that nobody has chosen. */
  readonly #random = new WeakSet<Endpoint>();

  constructor(options: BinderOptions<L>) {
    this.#options = options;
  }

  /** @throws PublicError with the code that the agent shows to its user. */
  async bind(agent: AgentIdentity, leg: L, request: BindRequest): Promise<BindReply> {
    const isKnown = this.#ofAgent(agent).has(request.bindId);
    const admitted = isKnown ? undefined : await this.#admit(agent, request);
    // Nothing waits from here on, so what is decided now holds when it is done.
    if (!this.#options.isCurrent(leg)) throw new PublicError("ERR_GINNEL_SESSION_REPLACED", {});
    // Another leg, or another call, may have made the same bind in the meantime.
    const known = this.#ofAgent(agent).get(request.bindId);
    const endpoint = known ?? (admitted && this.#create(agent, admitted));
    if (endpoint === undefined) throw new Error("a bind that was known has gone");
    endpoint.join(leg);
    this.#boundOver.set(endpoint, [...this.#legsOf(endpoint).filter((other) => other.number !== leg.number), leg]);
    if (known === undefined) this.#options.observer?.onOnline(endpoint, { bind: request });
    else this.#options.observer?.onLegs(endpoint);
    const { bindId, url, proto, id } = endpoint.facts;
    return {
      bindId,
      url,
      protocol: proto,
      wireOptions: answerOptions(proto, request.wireOptions ?? {}, url),
      extra: {
        token: this.#addressProof(endpoint) ?? (request.extra.token || bindId),
        tunnelId: tunnelIdOf(id),
        ginnel: undefined,
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
      for (const leg of this.#legsOf(endpoint)) leg.dropBind(endpoint.facts.bindId, refusal);
      this.#remove(endpoint);
      return true;
    });
  }

  /** The session of this leg is over. What no other leg serves goes offline; its address waits for an agent that may return. */
  legEnded({ clientId }: Pick<AgentIdentity, "clientId">, leg: Leg): void {
    const { admission, places, observer } = this.#options;
    for (const endpoint of this.#endpoints.get(clientId)?.values() ?? []) {
      if (!endpoint.legs.includes(leg)) continue;
      endpoint.leave(leg);
      if (endpoint.isOnline) {
        observer?.onLegs(endpoint);
        continue;
      }
      this.#remove(endpoint);
      // An agent whose token was taken away does not come back.
      if (admission.refusalNow(endpoint.facts) === undefined) places.keep(endpoint);
    }
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
    const { places, rulesOf } = this.#options;
    const internal = wantedInternal(request);
    const options = boundOptions(request, { rulesOf, accountId: agent.accountId, isInternal: internal !== undefined });
    const address = this.#admittedAddress(agent, request, internal);
    await this.#endIfDead(agent, places.holderOf(address, { accountId: agent.accountId, options }));
    return { request, options, address };
  }

  #admittedAddress(agent: AgentIdentity, request: BindRequest, internal: InternalUrl | undefined): AdmittedAddress {
    const { admission, publicPorts } = this.#options;
    if (internal !== undefined) {
      admission.internal(agent, internal);
      return { place: "internal", internal, reservationId: undefined };
    }
    if (request.protocol === "tcp") {
      return { place: "tcp", ...admission.tcpAddress(agent, request.options, returningOf(request)) };
    }
    const address = { place: request.protocol, ...admission.host(agent, request.options) };
    // An agent that returns repeats the URL that it was given, and the port of visitors may be another one since.
    if (request.extra.token === "") {
      const port = wantedPort(request.options.url);
      checkPublicPort(address.place, { host: address.host, port }, publicPorts);
    }
    return address;
  }

  /** An agent that vanished without a word must not keep its names from the next one of the same account. */
  async #endIfDead(agent: AgentIdentity, holder: Endpoint | undefined): Promise<void> {
    if (holder?.facts.accountId !== agent.accountId) return;
    const endIfDead = async (leg: L): Promise<void> => {
      if (!(await leg.isAlive())) this.legEnded(holder.facts, leg);
    };
    await Promise.all(this.#legsOf(holder).map(endIfDead));
  }

  #legsOf(endpoint: Endpoint): readonly L[] {
    return (this.#boundOver.get(endpoint) ?? []).filter((leg) => endpoint.legs.includes(leg));
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
    const endpoint = this.#options.places.create(address, common);
    const ofAgent = this.#endpoints.get(agent.clientId) ?? new Map<string, Endpoint>();
    this.#endpoints.set(agent.clientId, ofAgent.set(endpoint.facts.bindId, endpoint));
    if (address.place === "tcp" && address.isRandom) this.#random.add(endpoint);
    return endpoint;
  }

  #addressProof(endpoint: Endpoint): string | undefined {
    const { accountId, bindId, url } = endpoint.facts;
    const address = this.#random.has(endpoint) ? parseHostPort(url.slice("tcp://".length)) : undefined;
    return address && this.#options.admission.proofOf(accountId, bindId, address);
  }

  /** What was looked up may have changed while the holder of the name was asked whether it lives. */
  #admitAgain(agent: AgentIdentity, request: BindRequest, address: AdmittedAddress): void {
    const { admission } = this.#options;
    if (address.place === "internal") return admission.internal(agent, address.internal);
    if (address.place !== "tcp") return void admission.name(agent, address.host);
    const { host, port } = address;
    if (port !== undefined) admission.address(agent, { host, port }, returningOf(request));
  }

  #refuseTooMany(agent: AgentIdentity): void {
    const { maxEndpointsPerAgent: limit, rulesOf, places } = this.#options;
    if (this.#ofAgent(agent).size >= limit)
      throw new PublicError("ERR_GINNEL_TOO_MANY_ENDPOINTS", { who: "agent", limit });
    const accountLimit = rulesOf(agent.accountId).limits.endpoints;
    // Only those with a limit are counted.
    if (accountLimit === Infinity) return;
    if (places.countOf(agent.accountId) >= accountLimit) {
      throw new PublicError("ERR_GINNEL_TOO_MANY_ENDPOINTS", { who: "account", limit: accountLimit });
    }
  }

  #remove(endpoint: Endpoint): void {
    const { clientId, bindId } = endpoint.facts;
    const { places, onFreed, observer } = this.#options;
    places.release(endpoint);
    observer?.onOffline(endpoint);
    const ofAgent = this.#endpoints.get(clientId);
    ofAgent?.delete(bindId);
    if (ofAgent?.size === 0) this.#endpoints.delete(clientId);
    onFreed?.();
  }
}

function returningOf({ bindId, extra: { token } }: BindRequest): Returning {
  return { bindId, token };
}
