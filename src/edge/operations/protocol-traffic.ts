import type { Splice } from "../../net/splice.ts";
import type { TrafficObserver } from "../visitors/visitor-observer.ts";

/** What passed for visitors of one protocol. On the path of every chunk: sums, and nothing made. */
export class ProtocolTraffic implements TrafficObserver {
  #visitors = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  /** Of the open ones bytes are asked for when somebody wants to know. */
  readonly #joints = new Set<Splice>();

  /** Connections so far. */
  get visitors(): number {
    return this.#visitors;
  }

  /** From visitors. */
  get bytesIn(): number {
    let sum = this.#bytesIn;
    for (const { bytesFromFirst } of this.#joints) sum += bytesFromFirst;
    return sum;
  }

  /** To visitors. */
  get bytesOut(): number {
    let sum = this.#bytesOut;
    for (const { bytesFromSecond } of this.#joints) sum += bytesFromSecond;
    return sum;
  }

  /** One more connection. */
  onVisitor(): void {
    this.#visitors += 1;
  }

  received(bytes: number): void {
    this.#bytesIn += bytes;
  }

  sent(bytes: number): void {
    this.#bytesOut += bytes;
  }

  onJoined(joint: Splice): void {
    this.#joints.add(joint);
  }

  onParted(joint: Splice): void {
    if (!this.#joints.delete(joint)) return;
    this.#bytesIn += joint.bytesFromFirst;
    this.#bytesOut += joint.bytesFromSecond;
  }
}
