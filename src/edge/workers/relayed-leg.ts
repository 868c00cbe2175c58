import type { Duplex } from "../../net/duplex.ts";
import { encodeRelayStart } from "../../protocol/relay/relay-start.ts";
import type { ProxyHeaderEncoder } from "../../protocol/rpc/proxy-header.ts";
import type { Leg } from "../endpoint.ts";
import type { WorkerLink } from "./worker-link.ts";

export interface RelayedLegOptions {
  readonly id: string;
  readonly number: number;
  /** To the process that has the session, or knows the way. */
  readonly link: Pick<WorkerLink, "isOpen" | "relay">;
}

/** A leg whose session is in another process: visitors reach it through the link to that process. */
export class RelayedLeg implements Leg {
  readonly id: string;
  readonly number: number;
  readonly isDistant = true;
  /** Who has the session counts its streams, and refuses what is too much. */
  readonly openStreams = 0;
  /** Not known here. */
  readonly isSilent = false;
  readonly #link: RelayedLegOptions["link"];
  readonly #start: Uint8Array;

  constructor({ id, number, link }: RelayedLegOptions) {
    this.id = id;
    this.number = number;
    this.#link = link;
    this.#start = encodeRelayStart(id);
  }

  get isOpen(): boolean {
    return this.#link.isOpen;
  }

  expectWord(): void {}

  openProxy(header: ProxyHeaderEncoder, visitorAddress: string, first?: Uint8Array): Duplex | undefined {
    return this.openRelayed(header.encode(visitorAddress, first));
  }

  /** A stream to the agent that begins with these bytes, the stream type first. */
  openRelayed(first: Uint8Array): Duplex | undefined {
    return this.isOpen ? this.#link.relay(this.#start, first) : undefined;
  }
}
