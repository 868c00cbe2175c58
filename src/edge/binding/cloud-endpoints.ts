/**
 * The cloud endpoints that are online: follows their records, gives each a place in the routing table, and takes it away. One that
 * cannot be there (its address is taken or not allowed any more, its policy cannot be read) is left out alone, with a warning, and
 * comes as soon as it can. Knows records and places; knows no visitor.
 */
import type { Clock } from "../../base/clock.ts";
import { PublicError, UsageError } from "../../base/errors.ts";
import type { CloudEndpoint } from "../../model/records/cloud-endpoint.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { Directory } from "../directory.ts";
import type { Endpoint } from "../endpoint.ts";
import { isTcpPlace, portOfPlace, type RoutingTable } from "../routing-table.ts";
import { cannotShare } from "./address-conflict.ts";
import { admitCloudAddress, cloudEndpointOf, type CloudEndpointServices } from "./cloud-endpoint.ts";
import { NAME_HOLD_MS } from "./name-holds.ts";
import type { EndpointObserver } from "./endpoint-observer.ts";
import type { TcpPlaces } from "./tcp-places.ts";

export interface CloudEndpointsOptions extends CloudEndpointServices {
  readonly directory: Pick<Directory, "account" | "cloudEndpoints">;
  readonly routes: RoutingTable<Endpoint>;
  readonly tcpPlaces: TcpPlaces;
  /** Its address waits for an agent of another account, for {@link NAME_HOLD_MS} at most. */
  readonly isKept: (endpoint: Endpoint) => boolean;
  /** Absent: nobody else wants to know what is online. */
  readonly observer?: EndpointObserver | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Known {
  readonly record: CloudEndpoint;
  /** In its place; `undefined` while it cannot be there. */
  readonly endpoint: Endpoint | undefined;
  /** Why not: told once. */
  readonly problem?: string;
}

export class CloudEndpoints implements Disposable {
  readonly #options: CloudEndpointsOptions;
  readonly #known = new Map<string, Known>();
  /** Ids of those that cannot be in their places. */
  readonly #waiting = new Set<string>();
  /** Cancels the look for addresses that nobody keeps any more. */
  #cancelLook: (() => void) | undefined;

  /** Brings those that there are online. */
  constructor(options: CloudEndpointsOptions) {
    this.#options = options;
    for (const record of options.directory.cloudEndpoints()) this.follow(record.id, record);
  }

  /** Looks at nothing any more by itself. */
  [Symbol.dispose](): void {
    this.#cancelLook?.();
  }

  /** The record is now this; `undefined`: it is not to be online any more. */
  follow(id: string, record: CloudEndpoint | undefined): void {
    const former = this.#known.get(id);
    if (record === undefined) {
      this.#known.delete(id);
      this.#waiting.delete(id);
      if (former?.endpoint !== undefined) this.#takeAway(former.endpoint);
    } else if (former?.endpoint === undefined || !isServedAlike(former.record, record)) this.#place(record, former);
    else this.#known.set(id, { ...former, record });
  }

  /** Who may have which address has changed. */
  recheck(): void {
    for (const known of this.#known.values()) {
      if (known.endpoint === undefined) this.#place(known.record, known);
      else this.#orOffline(known.record, known, () => admitCloudAddress(known.record, this.#options));
    }
  }

  /** Some address is free that was not. */
  retry(): void {
    for (const id of this.#waiting) {
      const known = this.#known.get(id);
      if (known !== undefined) this.#place(known.record, known);
    }
  }

  /** What visitors find changes in one step, from the former endpoint to the new one. */
  #place(record: CloudEndpoint, former: Known | undefined): void {
    this.#orOffline(record, former, () => {
      const endpoint = cloudEndpointOf(record, this.#options, former?.endpoint);
      this.#join(endpoint, former?.endpoint);
      this.#known.set(record.id, { record, endpoint });
      this.#waiting.delete(record.id);
      this.#options.observer?.onOnline(endpoint, { cloud: record });
      if (former?.endpoint?.facts.url !== endpoint.facts.url) {
        this.#options.log.info("cloud endpoint online", { url: endpoint.facts.url });
      }
    });
  }

  #orOffline(record: CloudEndpoint, former: Known | undefined, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof PublicError) && !(error instanceof UsageError)) throw error;
      if (former?.endpoint !== undefined) this.#takeAway(former.endpoint);
      this.#known.set(record.id, { record, endpoint: undefined, problem: error.message });
      this.#waiting.add(record.id);
      if (former?.problem !== error.message) {
        this.#options.log.warn("cloud endpoint cannot be online", { url: record.url, id: record.id, err: error });
      }
    }
  }

  /** @throws PublicError when somebody else is there; the former one may have gone then */
  #join(endpoint: Endpoint, former: Endpoint | undefined): void {
    const { routes, tcpPlaces } = this.#options;
    const comes = former?.place !== endpoint.place || former.host !== endpoint.host;
    if (comes && this.#options.isKept(endpoint)) {
      this.#lookAgain();
      throw new PublicError("ERR_NGROK_334", { url: endpoint.facts.url });
    }
    if (isTcpPlace(endpoint.place) && routes.at(endpoint) === undefined) {
      tcpPlaces.open(portOfPlace(endpoint.place), endpoint.host);
    }
    // As for binds: the http and https sides of one host belong to one account.
    const stranger = routes.onHost(endpoint.host).find(({ facts }) => facts.accountId !== endpoint.facts.accountId);
    const holder = stranger ?? (former === undefined ? routes.claim(endpoint) : routes.replace(former, endpoint));
    if (former !== undefined && isTcpPlace(former.place)) tcpPlaces.closeIfEmpty(former);
    if (holder !== undefined) throw cannotShare(endpoint, holder);
  }

  #lookAgain(): void {
    this.#cancelLook ??= this.#options.clock.after(NAME_HOLD_MS, () => {
      this.#cancelLook = undefined;
      this.retry();
    });
  }

  #takeAway(endpoint: Endpoint): void {
    const { routes, tcpPlaces, observer, log } = this.#options;
    // Also when it has lost its place before.
    observer?.onOffline(endpoint);
    if (!routes.release(endpoint)) return;
    if (isTcpPlace(endpoint.place)) tcpPlaces.closeIfEmpty(endpoint);
    log.info("cloud endpoint offline", { url: endpoint.facts.url });
  }
}

/** Texts for people make no difference to visitors, and what a policy has counted stays. */
function isServedAlike(one: CloudEndpoint, other: CloudEndpoint): boolean {
  return one.url === other.url && one.trafficPolicy === other.trafficPolicy && one.isPooled === other.isPooled;
}
