/** Hears visitors of one protocol for the meters and, where there is one, the access log. */
import type { Clock } from "../../base/clock.ts";
import type { Splice } from "../../net/splice.ts";
import type { Endpoint } from "../endpoint.ts";
import type { VisitorProtocol } from "../open-visitors.ts";
import type { Exchange } from "../visitors/exchange.ts";
import type { HttpObserver, RawConnection, RawObserver } from "../visitors/visitor-observer.ts";
import type { AccessLog } from "./access-log.ts";
import type { EdgeMeters } from "./edge-meters.ts";
import type { ProtocolTraffic } from "./protocol-traffic.ts";

export interface VisitorWatchServices {
  readonly meters: EdgeMeters;
  readonly accessLog: AccessLog | undefined;
  readonly clock: Clock;
}

export class VisitorWatch implements HttpObserver, RawObserver {
  readonly #protocol: VisitorProtocol;
  readonly #services: VisitorWatchServices;
  readonly #traffic: ProtocolTraffic;

  constructor(protocol: VisitorProtocol, services: VisitorWatchServices) {
    this.#protocol = protocol;
    this.#services = services;
    this.#traffic = services.meters.traffic[protocol];
  }

  /** One more connection of this protocol. */
  onVisitor(): void {
    this.#traffic.onVisitor();
  }

  received(bytes: number): void {
    this.#traffic.received(bytes);
  }

  sent(bytes: number): void {
    this.#traffic.sent(bytes);
  }

  onJoined(joint: Splice): void {
    this.#traffic.onJoined(joint);
  }

  onParted(joint: Splice): void {
    this.#traffic.onParted(joint);
  }

  onRequest(endpoint: Endpoint): void {
    endpoint.meter.onRequest();
  }

  onExchangeDone(exchange: Exchange, visitorAddress: string): void {
    const { meters, accessLog, clock } = this.#services;
    meters.onExchangeDone(exchange, clock.nowMs());
    accessLog?.exchange(exchange, this.#protocol, visitorAddress);
  }

  onMalformedHead(status: number, visitorAddress: string): void {
    const { meters, accessLog } = this.#services;
    meters.onMalformedHead();
    accessLog?.malformedHead(this.#protocol, status, visitorAddress);
  }

  onConnectionDone(connection: RawConnection): void {
    connection.endpoint.meter.onVisitorGone();
    const { meters, accessLog } = this.#services;
    meters.onConnectionDone(connection);
    accessLog?.connection(connection);
  }
}
