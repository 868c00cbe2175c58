import { ConnectionMeter } from "./connection-meter.ts";
import { ExchangeMeter } from "./exchange-meter.ts";

/** What passed through one tunnel, or through all of an agent's. */
export class TrafficMeters {
  readonly conns: ConnectionMeter;
  /** Only told of what is inspected: without it nobody reads HTTP. */
  readonly http: ExchangeMeter;
  readonly #total: TrafficMeters | undefined;
  #bytesIn = 0;
  #bytesOut = 0;

  /** `total` is told everything that these meters are told; `random` answers in [0, 1). */
  constructor(nowMs: number, total?: TrafficMeters, random?: () => number) {
    this.conns = new ConnectionMeter({ nowMs, total: total?.conns, random });
    this.http = new ExchangeMeter({ nowMs, total: total?.http, random });
    this.#total = total;
  }

  /** From visitors. */
  get bytesIn(): number {
    return this.#bytesIn;
  }

  /** To visitors. */
  get bytesOut(): number {
    return this.#bytesOut;
  }

  /** Bytes from a visitor. On the path of every byte. */
  received(bytes: number): void {
    this.#bytesIn += bytes;
    this.#total?.received(bytes);
  }

  /** Bytes to a visitor. On the path of every byte. */
  sent(bytes: number): void {
    this.#bytesOut += bytes;
    this.#total?.sent(bytes);
  }
}
