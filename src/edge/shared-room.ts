import { networkOf } from "../model/address-network.ts";
import { Shares } from "./shares.ts";

export interface SharedRoomLimits {
  readonly totalBytes: number;
  /** Of one address, with IPv6 of its /64. */
  readonly addressBytes: number;
}

/** Memory that strangers fill. */
export interface Room {
  /** Room for as many bytes more, for this address; false when there is none. Whoever got room gives it back. */
  take(ip: string, bytes: number): boolean;
  give(ip: string, bytes: number): void;
}

/** Filled by all of them together, and by none of them alone. */
export class SharedRoom implements Room {
  readonly #totalBytes: number;
  readonly #networks: Shares;
  #bytes = 0;

  constructor({ totalBytes, addressBytes }: SharedRoomLimits) {
    this.#totalBytes = totalBytes;
    this.#networks = new Shares(addressBytes);
  }

  take(ip: string, bytes: number): boolean {
    if (this.#bytes + bytes > this.#totalBytes || !this.#networks.take(networkOf(ip), bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  give(ip: string, bytes: number): void {
    this.#bytes -= bytes;
    this.#networks.give(networkOf(ip), bytes);
  }
}
