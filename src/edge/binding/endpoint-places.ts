/**
 * The places of the endpoints that agents bring: puts them in, keeps the place of an agent that was lost, and frees it. Knows
 * names, ports and whose they are; knows no agent's session, and admits nobody.
 */
import type { Clock } from "../../base/clock.ts";
import { PublicError } from "../../base/errors.ts";
import { formatHostPort } from "../../base/host-port.ts";
import { formatInternalUrl, type InternalUrl } from "../../model/internal-url.ts";
import { Endpoint, type EndpointFacts } from "../endpoint.ts";
import {
  internalPlace,
  isTcpPlace,
  portOfPlace,
  type Routed,
  type RoutingTable,
  type TcpPlace,
} from "../routing-table.ts";
import type { TcpPorts } from "../tcp-ports.ts";
import type { AddressAdmission, AdmittedHost, TcpAddress } from "./address-admission.ts";
import { cannotShare } from "./address-conflict.ts";
import { type Holder, NameHolds } from "./name-holds.ts";
import { type PublicPorts, publicUrlOf } from "./shown-url.ts";
import type { TcpPlaces } from "./tcp-places.ts";

export interface EndpointPlacesOptions {
  /** Which ports are not kept for those who have reserved them. */
  readonly admission: Pick<AddressAdmission, "isForAnyone">;
  readonly routes: RoutingTable<Endpoint>;
  readonly tcpPorts: Pick<TcpPorts, "text">;
  readonly tcpPlaces: TcpPlaces;
  readonly publicPorts: PublicPorts;
  readonly clock: Clock;
}

/** What an agent may have. A TCP port may be any. */
export type AdmittedAddress =
  | { readonly place: "internal"; readonly internal: InternalUrl; readonly reservationId: undefined }
  | ({ readonly place: "http" | "https" | "tls" } & AdmittedHost)
  | ({ readonly place: "tcp" } & TcpAddress);

/** What an endpoint is before it has an address. */
export type Unaddressed = Omit<EndpointFacts, "place" | "host" | "url">;

export class EndpointPlaces {
  readonly #options: EndpointPlacesOptions;
  readonly #holds = new NameHolds();

  constructor(options: EndpointPlacesOptions) {
    this.#options = options;
  }

  /** @throws PublicError when somebody else is there or may come back, or no port is free */
  create(address: AdmittedAddress, common: Unaddressed): Endpoint {
    const endpoint = this.#createAt(address, common);
    this.#holds.release(endpoint);
    return endpoint;
  }

  /** The endpoint that is in the way of such a one; none where any port would do. */
  holderOf(address: AdmittedAddress, wanted: Pick<EndpointFacts, "accountId" | "options">): Endpoint | undefined {
    const routed = this.#routed(address, wanted.accountId);
    const pool = wanted.options.isPooled === true ? wanted.accountId : undefined;
    return routed && this.#options.routes.holderOf({ ...routed, pool });
  }

  /** The endpoint is gone. */
  release(endpoint: Endpoint): void {
    const { routes, tcpPlaces } = this.#options;
    routes.release(endpoint);
    if (isTcpPlace(endpoint.place)) tcpPlaces.closeIfEmpty(endpoint);
  }

  /** The place of an endpoint that has left waits for its agent, unless others of its pool hold it themselves. */
  keep(endpoint: Endpoint): void {
    const { routes, clock } = this.#options;
    if (routes.at(endpoint) === undefined) this.#holds.hold(endpoint, endpoint.facts, clock.nowMs());
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

  /** Endpoints of the account that are online, also those without an agent. Goes through all endpoints. */
  countOf(accountId: string): number {
    return [...this.#options.routes.all()].filter(({ facts }) => facts.accountId === accountId).length;
  }

  #routed(address: AdmittedAddress, accountId: string): Routed | undefined {
    if (address.place === "internal") {
      return { place: internalPlace(accountId, address.internal), host: address.internal.host };
    }
    if (address.place !== "tcp") return address;
    return address.port === undefined ? undefined : this.#options.tcpPlaces.routed(address.port);
  }

  #createAt(address: AdmittedAddress, common: Unaddressed): Endpoint {
    if (address.place === "tcp") return this.#createTcp(common, address);
    if (address.place !== "internal") {
      const url = publicUrlOf(address.place, address.host, this.#options.publicPorts);
      return this.#createNamed({ ...common, ...address, url });
    }
    const { internal } = address;
    const place = internalPlace(common.accountId, internal);
    return this.#createNamed({ ...common, place, host: internal.host, url: formatInternalUrl(internal) });
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
}
