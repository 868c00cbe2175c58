/**
 * The endpoints of the edge in a worker's routing table, as the hub announces them. What one is for visitors (its policy, its addresses) is
 * made here from what its agent or its record asked for, with the records as this process knows them.
 */
import { PublicError, UsageError } from "../../base/errors.ts";
import { parseEndpointAddress } from "../../model/endpoint-address.ts";
import type { AnnouncedEndpoint, Announcement } from "../../protocol/relay/worker-calls.ts";
import type { Logger } from "../../telemetry/logger.ts";
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
  readonly log: Logger;
}

export class EndpointMirror {
  readonly #options: EndpointMirrorOptions;
  readonly #known = new Map<string, Endpoint>();

  constructor(options: EndpointMirrorOptions) {
    this.#options = options;
  }

  /** To be called with one announcement after the other. */
  async follow({ gone, online }: Announcement): Promise<void> {
    for (const id of gone) this.#remove(id);
    for (const announced of online) await this.#put(announced);
  }

  /** The hub is gone, and will tell everything anew. */
  clear(): void {
    for (const id of this.#known.keys()) this.#remove(id);
  }

  async #put(announced: AnnouncedEndpoint): Promise<void> {
    const known = this.#known.get(announced.id);
    const legs = announced.legs.flatMap((serving) => this.#options.legOf(serving) ?? []);
    // A cloud endpoint changes, one of an agent gets other sessions.
    if (known !== undefined && announced.cloud === undefined) return known.serveOver(legs);
    try {
      const endpoint = new Endpoint(await this.#factsOf(announced), known?.meter);
      endpoint.serveOver(legs);
      this.#place(endpoint, known);
      this.#known.set(announced.id, endpoint);
    } catch (error) {
      if (!(error instanceof PublicError) && !(error instanceof UsageError)) throw error;
      this.#remove(announced.id);
      this.#options.log.error("endpoint cannot be online in this worker", { url: announced.url, err: error });
    }
  }

  async #factsOf(announced: AnnouncedEndpoint): Promise<Endpoint["facts"]> {
    const { id, bindId, accountId, credentialId, clientId, reservationId, host, url, forwardsTo, cloud } = announced;
    const options = await this.#orBehindTheRecords(() => this.#optionsOf(announced));
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
      options,
    };
  }

  #optionsOf(announced: AnnouncedEndpoint): EndpointOptions {
    const { accountId, bind, cloud } = announced;
    const { directory } = this.#options;
    if (cloud !== undefined) {
      return cloudOptions({ ...cloud, accountId }, parseEndpointAddress(cloud.url), { directory });
    }
    if (bind === undefined) throw new UsageError("an endpoint is announced that nobody asked for");
    const isInternal = isInternalPlace(placeOf(announced));
    return boundOptions(bind, { rulesOf: (id) => directory.account(id), accountId, isInternal });
  }

  /** A policy may name a record that this process has not heard of yet. */
  async #orBehindTheRecords<R>(work: () => R): Promise<R> {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof PublicError)) throw error;
      await this.#options.caughtUp();
      return work();
    }
  }

  #place(endpoint: Endpoint, former: Endpoint | undefined): void {
    const { routes, tcpPlaces } = this.#options;
    if (isTcpPlace(endpoint.place) && routes.at(endpoint) === undefined) {
      tcpPlaces.open(portOfPlace(endpoint.place), endpoint.host);
    }
    const holder = former === undefined ? routes.claim(endpoint) : routes.replace(former, endpoint);
    if (former !== undefined && isTcpPlace(former.place)) tcpPlaces.closeIfEmpty(former);
    if (holder !== undefined) throw new PublicError("ERR_NGROK_334", { url: endpoint.facts.url });
  }

  #remove(id: string): void {
    const endpoint = this.#known.get(id);
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
