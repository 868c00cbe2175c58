/**
 * Who hears what visitors do, for meters and the access log. Called on the path of every request, in part of every chunk: takes
 * numbers and what is there anyway, and keeps none of it.
 */
import type { Splice } from "../../net/splice.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Exchange } from "./exchange.ts";

export interface TrafficObserver {
  /** Bytes of a visitor that were not forwarded by a {@link Splice}. */
  received(bytes: number): void;
  /** Bytes to a visitor, likewise. */
  sent(bytes: number): void;
  /** What this forwards, from the visitor as its first side, counts too. */
  onJoined(joint: Splice): void;
  onParted(joint: Splice): void;
}

export interface HttpObserver extends TrafficObserver {
  /** A request has come for this endpoint, whoever will answer it. */
  onRequest(endpoint: Endpoint): void;
  /** Once for each request whose head was whole. */
  onExchangeDone(exchange: Exchange, visitorAddress: string): void;
  /** A head that is none was refused with this status. */
  onMalformedHead(status: number, visitorAddress: string): void;
}

/** A visitor's connection that the edge does not read, when it is over. */
export interface RawConnection {
  readonly endpoint: Endpoint;
  readonly visitorAddress: string;
  readonly startedMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** `none`: a rule refused it, or the agent could not take it. */
  readonly end: "closed" | "reset" | "none";
  /** As {@link Exchange.refusedBy}. */
  readonly refusedBy: string | undefined;
  /** As {@link Exchange.unreached}. */
  readonly unreached?: string | undefined;
}

export interface RawObserver extends TrafficObserver {
  onConnectionDone(connection: RawConnection): void;
}
