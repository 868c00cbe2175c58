/**
 * The public side of one tunnel: where it is reached, whose it is, and the sessions that serve it. A cloud endpoint has neither
 * tunnel nor session: its policy serves it.
 */
import type { BasicAuth } from "../policy/basic-auth.ts";
import type { VisitorPolicy } from "../policy/visitor-policy.ts";
import type { Duplex } from "../net/duplex.ts";
import { ProxyHeaderEncoder } from "../protocol/rpc/proxy-header.ts";
import { EndpointMeter } from "./operations/endpoint-meter.ts";
import type { EndpointTls } from "./endpoint-tls.ts";
import { proxyProtocolHeader } from "./proxy-protocol-header.ts";
import { RefusableStream, type StreamOver } from "./refusable-stream.ts";
import type { Place, Routed } from "./routing-table.ts";

/** What an endpoint needs of one leg of the agent that serves it. */
export interface Leg {
  /** Of its session, `ts_…`. */
  readonly id: string;
  /** 0 unless the agent holds several sessions at once (protocol.md section 8). */
  readonly number: number;
  /** False as soon as the session ends or says goodbye, even when its end takes a while: it serves nobody any more. */
  readonly isOpen: boolean;
  readonly openStreams: number;
  /** Its session is in another process of the edge: visitors go there only when none of this process can take them. */
  readonly isDistant?: boolean;
  /** Its agent was asked for a word and has not said any since. */
  readonly isSilent: boolean;
  /** Something is sent to the agent now: without a word of it, soon, the leg is silent. */
  expectWord(): void;
  /**
   * Opens a stream to the agent for one visitor connection; `first` leaves in the same frame as the header.
   * `undefined` when the agent can take no more streams, or the leg is not open.
   */
  openProxy(header: ProxyHeaderEncoder, visitorAddress: string, first?: Uint8Array): Duplex | undefined;
}

/** A stream for one visitor connection, and the leg that it runs over now: another one when the first has refused it. */
export type ProxiedVisitor = StreamOver<Leg>;

/** The two ends of a visitor's connection, as a {@link Duplex} tells them. */
export type VisitorConnection = Pick<Duplex, "remoteAddress" | "localAddress">;

export interface EndpointOptions {
  readonly basicAuth?: BasicAuth;
  /** Everything else that may happen to a visitor; absent: nothing does. */
  readonly policy?: VisitorPolicy;
  /** Version of the PROXY protocol header that precedes the visitor's bytes. */
  readonly proxyProtocol?: 1 | 2;
  /** How the edge ends the visitors' TLS. Absent: at `https` as for everybody, at `tls` not at all. */
  readonly terminateTls?: EndpointTls;
  /** Visitors come with WebSockets only, whose binary messages are the bytes that the agent gets. */
  readonly convertsWebSockets?: boolean;
  /** It shares its address with others of its account that do too (reference.md 7.12). */
  readonly isPooled?: boolean;
}

export interface EndpointFacts extends Routed {
  /** `ep_…`; the tunnel's id shares the part after the prefix (reference.md 8.2). */
  readonly id: string;
  /** Chosen by the edge at the first bind and kept over reconnects (protocol.md section 8). */
  readonly bindId: string;
  readonly proto: "http" | "https" | "tcp" | "tls";
  readonly place: Place;
  readonly host: string;
  readonly url: string;
  readonly accountId: string;
  /** No agent serves it, and its policy always ends; what is of an agent is then empty. */
  readonly isCloud?: true;
  /** Of the agent: it and its later runs may take the address over. */
  readonly credentialId: string;
  /** The agent, over all its sessions. */
  readonly clientId: string;
  /** The reservation that its name or TCP address comes from; `undefined` when it needs none. */
  readonly reservationId?: string | undefined;
  /** Text for people: where the agent sends what arrives. */
  readonly forwardsTo: string;
  readonly options: EndpointOptions;
}

export class Endpoint implements Routed {
  readonly facts: EndpointFacts;
  /** Since it came online. */
  readonly meter: EndpointMeter;
  readonly #header: ProxyHeaderEncoder;
  #isAnswered = false;
  #legs: readonly Leg[] = [];

  /** `meter`: of the endpoint whose place it takes, to count on. */
  constructor(facts: EndpointFacts, meter: EndpointMeter = new EndpointMeter()) {
    this.facts = facts;
    this.meter = meter;
    this.#header = new ProxyHeaderEncoder({
      bindId: facts.bindId,
      protocol: facts.proto,
      edgeType: "0",
      passesTlsThrough: facts.proto === "tls" && facts.options.terminateTls === undefined,
    });
  }

  get place(): Place {
    return this.facts.place;
  }

  get host(): string {
    return this.facts.host;
  }

  get pool(): string | undefined {
    return this.facts.options.isPooled === true ? this.facts.accountId : undefined;
  }

  /** Its agent was sent the answer to its bind. Before that it may refuse visitors, of whom those go on then who waited for the name. */
  get isAnswered(): boolean {
    return this.facts.isCloud === true || this.#isAnswered;
  }

  markAnswered(): void {
    this.#isAnswered = true;
  }

  /** Some leg serves it; one that is on its way out does not. */
  get isOnline(): boolean {
    return this.facts.isCloud === true || this.#legs.some(({ isOpen }) => isOpen);
  }

  /** Its agent does not answer, as far as is known here: nothing is known of legs in other processes. */
  get isSilent(): boolean {
    const near = this.#legs.filter(({ isOpen, isDistant }) => isOpen && isDistant !== true);
    return near.length > 0 && near.every(({ isSilent }) => isSilent);
  }

  get legs(): readonly Leg[] {
    return this.#legs;
  }

  /** A visitor is given to it that others could have had: they are to get the next ones should its agent not answer. */
  expectWord(): void {
    for (const leg of this.#legs) leg.expectWord();
  }

  /** Serves over this leg from now on; it takes the place of an earlier leg of the same number. */
  join(leg: Leg): void {
    this.#legs = [...this.#legs.filter(({ number }) => number !== leg.number), leg];
  }

  /** Serves over this very leg no longer. A newer leg of the same number stays. */
  leave(leg: Leg): void {
    this.#legs = this.#legs.filter((other) => other !== leg);
  }

  /** Serves over these legs alone from now on. */
  serveOver(legs: readonly Leg[]): void {
    this.#legs = legs;
  }

  /**
   * Over the leg with the fewest streams that has room (protocol.md section 11.6); over a silent one when all others have none. Where a leg
   * of another process turns out to have no room the visitor goes on over the next one.
   */
  openProxy(visitor: VisitorConnection, first?: Uint8Array): ProxiedVisitor | undefined {
    const payload = this.#withProxyProtocol(visitor, first);
    const legs = this.#legs.length === 1 ? this.#legs : this.#legs.toSorted(byPreference);
    const proxied = openOver(legs, (leg) => leg.openProxy(this.#header, visitor.remoteAddress, payload));
    if (proxied === undefined) return undefined;
    this.meter.received(first?.length ?? 0);
    return {
      stream: this.meter.metered(proxied.stream),
      get leg() {
        return proxied.leg;
      },
    };
  }

  #withProxyProtocol(visitor: VisitorConnection, first: Uint8Array | undefined): Uint8Array | undefined {
    const version = this.facts.options.proxyProtocol;
    if (version === undefined) return first;
    const header = proxyProtocolHeader(version, visitor);
    return first === undefined ? header : Buffer.concat([header, first]);
  }
}

/** Over the first of them that has room, and of those in other processes over the first that does not refuse. */
function openOver(legs: readonly Leg[], open: (leg: Leg) => Duplex | undefined): ProxiedVisitor | undefined {
  for (const [index, leg] of legs.entries()) {
    const stream = open(leg);
    if (stream === undefined) continue;
    const others = legs.slice(index + 1);
    if (leg.isDistant !== true || others.length === 0) return { stream, leg };
    return new RefusableStream({ stream, leg }, () => openOver(others, open));
  }
  return undefined;
}

function byPreference(one: Leg, other: Leg): number {
  return (
    Number(one.isSilent) - Number(other.isSilent) ||
    Number(one.isDistant ?? false) - Number(other.isDistant ?? false) ||
    one.openStreams - other.openStreams
  );
}
