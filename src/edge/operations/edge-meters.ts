/**
 * What the edge counts, from its start on. Names of endpoints, visitors and agents are no part of it: strangers choose them, and
 * each would be a series of its own.
 */
import { DurationHistogram } from "../../telemetry/duration-histogram.ts";
import { Tally } from "../../telemetry/tally.ts";
import type { VisitorProtocol } from "../open-visitors.ts";
import type { Exchange } from "../visitors/exchange.ts";
import type { RawConnection } from "../visitors/visitor-observer.ts";
import { ProtocolTraffic } from "./protocol-traffic.ts";
import { TlsHandshakes } from "./tls-handshakes.ts";

/** Classes 1 to 5 of status codes; 0 for exchanges that were cut before any. */
const CLASSES = 6;

export class EdgeMeters {
  readonly traffic: Readonly<Record<VisitorProtocol, ProtocolTraffic>> = {
    http: new ProtocolTraffic(),
    https: new ProtocolTraffic(),
    tls: new ProtocolTraffic(),
    tcp: new ProtocolTraffic(),
  };
  /** Of exchanges, from the whole head of the request to the last byte of the response. Without upgraded ones and cut ones. */
  readonly durations = new DurationHistogram();
  readonly handshakes = new TlsHandshakes();
  /** Answers of the edge's own, by code. */
  readonly ownAnswers = new Tally();
  /** Visitors that a rule of an endpoint turned away, by rule. */
  readonly policyRefusals = new Tally();
  /** Connections of trusted proxies that were reset for their PROXY header, by what is wrong with it. */
  readonly proxyHeaderRefusals = new Tally();
  /** Sessions and binds of agents that were refused, by code. */
  readonly agentRefusals = new Tally();
  readonly #exchanges = new Float64Array(CLASSES);
  #malformedHeads = 0;

  /** Exchanges that ended with a status of this class (2: 200 to 299), or (0) without any. */
  exchanges(statusClass: number): number {
    return this.#exchanges[statusClass] ?? 0;
  }

  /** Requests whose head was none. */
  get malformedHeads(): number {
    return this.#malformedHeads;
  }

  onExchangeDone({ status, outcome, startedMs, refusedBy }: Exchange, nowMs: number): void {
    const statusClass = Math.min(CLASSES - 1, Math.floor(status / 100));
    this.#exchanges[statusClass] = (this.#exchanges[statusClass] ?? 0) + 1;
    if (refusedBy !== undefined) this.policyRefusals.add(refusedBy);
    if (outcome === "cut" || outcome === "upgraded") return;
    this.durations.add(nowMs - startedMs);
    if (outcome !== "answered") this.ownAnswers.add(outcome);
  }

  onConnectionDone({ refusedBy }: Pick<RawConnection, "refusedBy">): void {
    if (refusedBy !== undefined) this.policyRefusals.add(refusedBy);
  }

  onMalformedHead(): void {
    this.#malformedHeads += 1;
  }
}
