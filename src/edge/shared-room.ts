import { networkOf } from "../model/address-network.ts";

export interface SharedRoomLimits {
  readonly totalBytes: number;
  /** Of one address, with IPv6 of its /64. */
  readonly addressBytes: number;
}

/** Memory that strangers fill, all of them together and none of them alone. */
export class SharedRoom {
  readonly #limits: SharedRoomLimits;
  readonly #byNetwork = new Map<string, number>();
  #bytes = 0;

  constructor(limits: SharedRoomLimits) {
    this.#limits = limits;
  }

  /** Room for as many bytes more; false when there is none. Whoever got room gives it back. */
  take(ip: string, bytes: number): boolean {
    const network = networkOf(ip);
    const own = this.#byNetwork.get(network) ?? 0;
    const { totalBytes, addressBytes } = this.#limits;
    if (this.#bytes + bytes > totalBytes || own + bytes > addressBytes) return false;
    this.#bytes += bytes;
    this.#byNetwork.set(network, own + bytes);
    return true;
  }

  give(ip: string, bytes: number): void {
    const network = networkOf(ip);
    const own = (this.#byNetwork.get(network) ?? 0) - bytes;
    this.#bytes -= bytes;
    if (own > 0) this.#byNetwork.set(network, own);
    else this.#byNetwork.delete(network);
  }
}
