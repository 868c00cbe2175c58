/**
 * The load balancers that are believed: their connections begin with a PROXY protocol header, which says whose connection it
 * really is. For everybody else a header is bytes like any others. Knows networks and headers; it serves nobody.
 */
import { ProtocolError } from "../base/errors.ts";
import { formatHostPort } from "../base/host-port.ts";
import { addressOctets, type Cidr, isWithin } from "../model/cidr.ts";
import type { Duplex } from "../net/duplex.ts";
import type { IdleWatch } from "../net/idle-watch.ts";
import type { SocketDuplex, SocketEnds } from "../net/socket-duplex.ts";
import { addressText, type ProxiedConnection, type SocketAddress } from "../protocol/proxyproto/proxied-connection.ts";
import { type ProxyHeader, ProxyHeaderReader } from "../protocol/proxyproto/proxy-header-reader.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Tally } from "../telemetry/tally.ts";
import type { OpenVisitors } from "./open-visitors.ts";
import { readStart } from "./start-of-connection.ts";
import { ipOf } from "./visitors/visitor-ip.ts";

export interface TrustedFrontsOptions {
  readonly networks: readonly Cidr[];
  /** Connections are among them until their header is here. */
  readonly visitors: OpenVisitors;
  readonly idleWatch: IdleWatch;
  /** For the whole header. */
  readonly limitMs: number;
  /** Connections that were reset for their header, by what is wrong: `malformed`, or not whole in time (`late`). */
  readonly refusals: Pick<Tally, "add">;
  readonly log: Logger;
}

export class TrustedFronts {
  readonly #options: TrustedFrontsOptions;

  constructor(options: TrustedFrontsOptions) {
    this.#options = options;
  }

  /**
   * Takes a connection that was just accepted, and hands it on once it is known whose it is: one of a front behind its header,
   * with the ends that the header names. A front that sends none in time, or something else, is reset.
   */
  accept(connection: SocketDuplex, serve: (visitor: Duplex) => void): void {
    if (!this.#isFront(connection)) return serve(connection);
    const { visitors, idleWatch, limitMs, refusals, log } = this.#options;
    const front = connection.remoteAddress;
    const refuse = (word: "malformed" | "late", reason: string): void => {
      refusals.add(word);
      log.debug("a trusted proxy sent no PROXY header", { proxy: front, reason });
      connection.reset();
    };
    const reader = new ProxyHeaderReader();
    let header: ProxyHeader | undefined;
    readStart(connection, {
      visitors,
      idleWatch,
      limitMs,
      onLate: () => refuse("late", "nothing whole came in time"),
      isWhole: (bytes) => {
        const read = receive(reader, bytes);
        if (read instanceof ProtocolError) refuse("malformed", read.message);
        else if (read !== "more") header = read;
        return header !== undefined;
      },
      onStart: () => {
        if (header === undefined) return;
        const ends = endsOf(header.connection);
        if (ends !== undefined) connection.standFor(ends);
        connection.release(header.rest);
        connection.resume();
        serve(connection);
      },
    });
  }

  #isFront(connection: Duplex): boolean {
    const { networks } = this.#options;
    const octets = networks.length === 0 ? undefined : addressOctets(ipOf(connection.remoteAddress));
    return octets !== undefined && networks.some((network) => isWithin(network, octets));
  }
}

function receive(reader: ProxyHeaderReader, bytes: Uint8Array): "more" | ProxyHeader | ProtocolError {
  try {
    return reader.receive(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
}

/** `undefined`: the front speaks for itself, or of a kind of connection that no visitor of ours has. */
function endsOf(proxied: ProxiedConnection): SocketEnds | undefined {
  if (proxied.type !== "ip" || proxied.transport !== "stream") return undefined;
  return { remote: endText(proxied.source), local: endText(proxied.destination) };
}

/** A front that listens on both families may write IPv4 as mapped IPv6, which rules would not know as the same visitor. */
function endText({ address, port }: SocketAddress): string {
  const octets = addressOctets(address);
  return formatHostPort({ host: octets === undefined ? address : addressText(octets), port });
}
