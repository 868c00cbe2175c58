/**
 * The endpoints of the edge in a worker's routing table, as the hub announces them. What one is for visitors (its policy, its addresses) is
 * made here from what its agent or its record asked for, with the records as this process knows them.
 */
import { PublicError, UsageError } from "../../base/errors.ts";
import { parseEndpointAddress } from "../../model/endpoint-address.ts";
import type { AnnouncedEndpoint, Announcement } from "../../protocol/relay/worker-calls.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { cannotShare } from "../binding/address-conflict.ts";
import { boundOptions } from "../binding/bound-options.ts";
import { cloudOptions } from "../binding/cloud-endpoint.ts";
import type { TcpPlaces } from "../binding/tcp-places.ts";
import type { Directory } from "../directory.ts";
import { Endpoint, type EndpointOptions, type Leg } from "../endpoint.ts";
import { isInternalPlace, isTcpPlace, type Place, portOfPlace, type RoutingTable } from "../routing-table.ts";

export interface EndpointMirrorOptions {
  readonly routes: RoutingTable<Endpoint>;
  readonly tcpPlaces: TcpPlaces;
  readonly directory: Pick<Directory, "account">;
  /** A session here or elsewhere; `undefined` when it has gone. */
  readonly legOf: (serving: AnnouncedEndpoint["legs"][number]) => Leg | undefined;
  /** Resolves when the directory knows all that the hub knew when this was called. */
  readonly caughtUp: () => Promise<void>;
  /** Hears once of each endpoint in its place that its agent knows of it, later than it was placed. */
  readonly onAnswered: (endpoint: Endpoint) => void;
  readonly log: Logger;
}

/** Not in its place yet. */
interface Waiting {
  readonly endpoint: Endpoint;
  /** Why it could not be there: told once. */
  readonly problem?: string;
}

export class EndpointMirror {
  readonly #options: EndpointMirrorOptions;
  /** In their places, by id. */
  readonly #known = new Map<string, Endpoint>();
  /** By id. While one waits, what was there before it is gone. */
  readonly #waiting = new Map<string, Waiting>();

  constructor(options: EndpointMirrorOptions) {
    this.#options = options;
  }

  /** To be called with one announcement after the other. */
  async follow({ gone, online, served }: Announcement): Promise<void> {
    for (const id of gone) this.#remove(id);
    for (const announced of online) await this.#hear(announced);
    for (const now of served) this.#serve(now);
    this.#placeAll();
  }

  async #hear(announced: AnnouncedEndpoint): Promise<void> {
    const { id, url, legs, isAnswered } = announced;
    try {
      const endpoint = new Endpoint(await this.#factsOf(announced), this.#there(id)?.meter);
      endpoint.serveOver(this.#openOf(legs));
      if (isAnswered) endpoint.markAnswered();
      this.#waiting.set(id, { endpoint });
    } catch (error) {
      if (!(error instanceof PublicError) && !(error instanceof UsageError)) throw error;
      this.#remove(id);
      this.#options.log.error("endpoint cannot be online in this worker", { url, err: error });
    }
  }

  #serve({ id, legs, isAnswered }: Announcement["served"][number]): void {
    const endpoint = this.#there(id);
    endpoint?.serveOver(this.#openOf(legs));
    if (endpoint === undefined || endpoint.isAnswered || !isAnswered) return;
    endpoint.markAnswered();
    if (this.#known.get(id) === endpoint) this.#options.onAnswered(endpoint);
  }

  #there(id: string): Endpoint | undefined {
    return this.#waiting.get(id)?.endpoint ?? this.#known.get(id);
  }

  #openOf(legs: AnnouncedEndpoint["legs"]): readonly Leg[] {
    return legs.flatMap((serving) => this.#options.legOf(serving) ?? []);
  }

  async #factsOf(announced: AnnouncedEndpoint): Promise<Endpoint["facts"]> {
    const { id, bindId, accountId, credentialId, clientId, reservationId, host, url, forwardsTo, cloud } = announced;
    return {
      ...(cloud && { isCloud: true }),
      id,
      bindId,
      accountId,
      credentialId,
      clientId,
      reservationId,
      place: placeOf(announced),
      host,
      url,
      proto: announced.protocol,
      forwardsTo,
      options: await this.#currentOptionsOf(announced),
    };
  }

  /** A policy may name a record that this process has not heard of yet; one that was deleted meanwhile is as in the hub. */
  async #currentOptionsOf(announced: AnnouncedEndpoint): Promise<EndpointOptions> {
    try {
      return this.#optionsOf(announced, "brought");
    } catch (error) {
      if (!(error instanceof PublicError)) throw error;
      await this.#options.caughtUp();
      return this.#optionsOf(announced, "kept");
    }
  }

  #optionsOf(announced: AnnouncedEndpoint, policy: "brought" | "kept"): EndpointOptions {
    const { accountId, bind, cloud } = announced;
    const { directory } = this.#options;
    if (cloud !== undefined) {
      return cloudOptions({ ...cloud, accountId }, parseEndpointAddress(cloud.url), { directory });
    }
    if (bind === undefined) throw new UsageError("an endpoint is announced that nobody asked for");
    const isInternal = isInternalPlace(placeOf(announced));
    return boundOptions(bind, { rulesOf: (id) => directory.account(id), accountId, isInternal, policy });
  }

  /** Those that change places leave first: of several at once each finds its new place free. */
  #placeAll(): void {
    const { routes, tcpPlaces, log } = this.#options;
    const left: Endpoint[] = [];
    for (const [id, { endpoint }] of this.#waiting) {
      const former = this.#known.get(id);
      if (former === undefined || (former.place === endpoint.place && former.host === endpoint.host)) continue;
      routes.release(former);
      this.#known.delete(id);
      left.push(former);
    }
    for (const [id, { endpoint, problem }] of this.#waiting) {
      try {
        this.#place(endpoint, this.#known.get(id));
        this.#known.set(id, endpoint);
        this.#waiting.delete(id);
      } catch (error) {
        if (!(error instanceof PublicError)) throw error;
        this.#known.delete(id);
        this.#waiting.set(id, { endpoint, problem: error.message });
        if (problem !== error.message) {
          log.error("endpoint cannot be online in this worker", { url: endpoint.facts.url, err: error });
        }
      }
    }
    for (const former of left) tcpPlaces.closeIfEmpty(former);
  }

  /** `former`: in the same place. @throws PublicError when the place is taken; the former one has gone then */
  #place(endpoint: Endpoint, former: Endpoint | undefined): void {
    const { routes, tcpPlaces } = this.#options;
    if (isTcpPlace(endpoint.place) && routes.at(endpoint) === undefined) {
      tcpPlaces.open(portOfPlace(endpoint.place), endpoint.host);
    }
    const holder = former === undefined ? routes.claim(endpoint) : routes.replace(former, endpoint);
    if (holder !== undefined) throw cannotShare(endpoint, holder);
  }

  #remove(id: string): void {
    const endpoint = this.#known.get(id);
    this.#waiting.delete(id);
    if (endpoint === undefined) return;
    const { routes, tcpPlaces } = this.#options;
    this.#known.delete(id);
    routes.release(endpoint);
    if (isTcpPlace(endpoint.place)) tcpPlaces.closeIfEmpty(endpoint);
  }
}

function placeOf({ place }: AnnouncedEndpoint): Place {
  return place as Place; // from the hub's own table
}
