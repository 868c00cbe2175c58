/** What an HTTP visitor gets over its connection, counted for its exchange and for the meters. */
import type { Clock } from "../../base/clock.ts";
import type { Duplex } from "../../net/duplex.ts";
import type { Exchange } from "./exchange.ts";
import { GatheredWrites } from "./gathered-writes.ts";
import type { OwnAnswer } from "./own-answer.ts";
import { ownResponse, type OwnResponseOptions } from "./own-response.ts";
import type { HttpObserver } from "./visitor-observer.ts";

/** For visitors who wait with a body that the edge itself wants to see (RFC 9110 section 10.1.1). */
const CONTINUE = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n");

export interface VisitorLineServices {
  readonly clock: Clock;
  /** Absent: nobody counts. */
  readonly observer?: HttpObserver | undefined;
}

export class VisitorLine {
  readonly #connection: Duplex;
  readonly #services: VisitorLineServices;
  readonly #out: GatheredWrites;
  #exchange: Exchange | undefined;
  readonly #onGone: (() => void)[] = [];

  /** The connection stays the caller's, who tells of its {@link drained}. */
  constructor(connection: Duplex, services: VisitorLineServices) {
    this.#connection = connection;
    this.#services = services;
    this.#out = new GatheredWrites(connection);
  }

  /** The one under way. */
  get exchange(): Exchange | undefined {
    return this.#exchange;
  }

  /** Whether anything was written yet. */
  get hasWritten(): boolean {
    return this.#out.hasWritten;
  }

  begin(exchange: Exchange): void {
    this.#exchange = exchange;
  }

  /** The exchange is over, whatever has become of it. */
  conclude(): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    this.#exchange = undefined;
    exchange.leaveWait?.();
    exchange.siteCall?.drop();
    exchange.body?.drop();
    this.#services.observer?.onExchangeDone(exchange, this.#connection.remoteAddress);
  }

  countReceived(bytes: number): void {
    if (this.#exchange !== undefined) this.#exchange.bytesIn += bytes;
    this.#services.observer?.received(bytes);
  }

  /** No exchange came of it; it is answered with this status. */
  countMalformedHead(status: number): void {
    this.#services.observer?.onMalformedHead(status, this.#connection.remoteAddress);
  }

  /** Leaves with the next {@link flush}. */
  add(bytes: Uint8Array): void {
    this.#out.add(bytes);
    if (this.#exchange !== undefined) this.#exchange.bytesOut += bytes.length;
    this.#services.observer?.sent(bytes.length);
  }

  addOwn(answer: OwnAnswer, options: Omit<OwnResponseOptions, "date">): void {
    this.add(ownResponse(answer, { ...options, date: this.#services.clock.date() }));
  }

  /** The body is wanted, and its sender may be waiting for that word. */
  askForBody({ request }: Exchange): void {
    if (!request.expectsContinue) return;
    this.add(CONTINUE);
    this.flush();
  }

  /** Called once what is there and what is added next, up to a {@link flush}, has left, or the visitor has. */
  whenGone(done: () => void): void {
    this.#onGone.push(done);
  }

  /** False: stop until the connection drains. */
  flush(): boolean {
    const hasRoom = this.#out.flush();
    if (hasRoom) this.left();
    return hasRoom;
  }

  drained(): void {
    this.#out.drained();
    this.left();
  }

  /** Nothing of what was written waits any more: it has been taken, or the connection is lost. */
  left(): void {
    if (this.#onGone.length === 0) return;
    for (const done of this.#onGone.splice(0)) done();
  }
}
