/**
 * The connections that have not come to the point yet: no TLS handshake, no whole request, no agent that was let in. Knows who of
 * them goes when somebody else needs the place; knows neither connections nor time, only the order in which it hears of them.
 */
import { type InRow, LinkedRow } from "../base/linked-row.ts";
import { networkOf } from "../model/address-network.ts";
import { ipOf } from "./visitors/visitor-ip.ts";

/** By so many has a network more than that of a newcomer when it gives way: the last one that it has goes on. */
const CLEARLY_MORE = 2;

/** Costs the same however many there are, and nothing for those that have come to the point. */
export class Arrivals<T> {
  readonly #arrivals = new Map<T, Arrival<T>>();
  readonly #networks = new Map<string, Network<T>>();
  /** The networks by how many they have; rows without anybody are left out. */
  readonly #bySize = new Map<number, LinkedRow<Network<T>>>();
  /** What the network with the most has. */
  #most = 0;

  get size(): number {
    return this.#arrivals.size;
  }

  /** The newest from now on; `address` as in {@link Duplex.remoteAddress}. */
  add(one: T, address: string): void {
    this.remove(one);
    const name = networkOf(ipOf(address));
    const network = this.#networks.get(name) ?? new Network<T>(name);
    const arrival = new Arrival(one, network);
    this.#arrivals.set(one, arrival);
    network.arrivals.append(arrival);
    this.#resize(network, 1);
  }

  /** It has come to the point, or has gone. May be called for anybody. */
  remove(one: T): void {
    const arrival = this.#arrivals.get(one);
    if (arrival === undefined) return;
    this.#arrivals.delete(one);
    arrival.network.arrivals.remove(arrival);
    this.#resize(arrival.network, -1);
  }

  /**
   * Takes out who gives way to a newcomer from this address: the oldest one of the network that has most. Nobody does while these are
   * fewer than `many`, as then it is others who take the places, unless the network has clearly more than the newcomer's: whoever
   * gave way to each newcomer would never come to the point.
   */
  takeFor(address: string, many: number): T | undefined {
    const own = this.#networks.get(networkOf(ipOf(address)))?.size ?? 0;
    if (this.size < many && this.#most < own + CLEARLY_MORE) return undefined;
    const oldest = this.#bySize.get(this.#most)?.first?.arrivals.first;
    if (oldest !== undefined) this.remove(oldest.one);
    return oldest?.one;
  }

  #resize(network: Network<T>, by: 1 | -1): void {
    const row = this.#bySize.get(network.size);
    row?.remove(network);
    if (row?.first === undefined) this.#bySize.delete(network.size);
    network.size += by;
    // One that was the only one with the most goes to the next lower row.
    if (network.size > this.#most || !this.#bySize.has(this.#most)) this.#most = network.size;
    if (network.size === 0) this.#networks.delete(network.name);
    else this.#enter(network);
  }

  #enter(network: Network<T>): void {
    this.#networks.set(network.name, network);
    const row = this.#bySize.get(network.size);
    if (row !== undefined) return row.append(network);
    const only = new LinkedRow<Network<T>>();
    only.append(network);
    this.#bySize.set(network.size, only);
  }
}

class Arrival<T> implements InRow<Arrival<T>> {
  readonly one: T;
  readonly network: Network<T>;
  before: Arrival<T> | undefined;
  after: Arrival<T> | undefined;

  constructor(one: T, network: Network<T>) {
    this.one = one;
    this.network = network;
  }
}

class Network<T> implements InRow<Network<T>> {
  readonly name: string;
  readonly arrivals = new LinkedRow<Arrival<T>>();
  size = 0;
  before: Network<T> | undefined;
  after: Network<T> | undefined;

  constructor(name: string) {
    this.name = name;
  }
}
