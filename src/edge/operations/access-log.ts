/**
 * One line for each exchange and each connection that is no HTTP: who came, for what, and what became of it. Never content, headers or
 * credentials, and of a target only the path unless the operator wants the query too: queries hold tokens.
 */
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { Exchange } from "../visitors/exchange.ts";
import type { RawConnection } from "../visitors/visitor-observer.ts";

/** Longer paths are cut: what a visitor may ask for is longer than anybody wants to read. In characters. */
const TARGET_LIMIT = 2_048;

export interface AccessLogOptions {
  /** Whatever it prints is escaped, and nobody waits for its file. */
  readonly log: Logger;
  readonly showsQuery: boolean;
  readonly clock: Clock;
}

export class AccessLog {
  readonly #options: AccessLogOptions;

  constructor(options: AccessLogOptions) {
    this.#options = options;
  }

  exchange(exchange: Exchange, proto: string, visitorAddress: string): void {
    const { request, status, bytesIn, bytesOut, outcome, startedMs } = exchange;
    this.#options.log.info("exchange", {
      proto,
      host: request.host.name,
      visitor: visitorAddress,
      method: request.method,
      path: this.#shownTarget(request.target),
      status: status === 0 ? undefined : status,
      ...this.#amounts(bytesIn, bytesOut, startedMs),
      outcome,
      refused_by: exchange.refusedBy,
      unreached: exchange.unreached,
    });
  }

  malformedHead(proto: string, status: number, visitorAddress: string): void {
    this.#options.log.info("exchange", { proto, visitor: visitorAddress, status, outcome: "malformed" });
  }

  connection({
    endpoint,
    visitorAddress,
    bytesIn,
    bytesOut,
    startedMs,
    end,
    refusedBy,
    unreached,
  }: RawConnection): void {
    const { proto, url } = endpoint.facts;
    this.#options.log.info("connection", {
      proto,
      host: url.slice(url.indexOf("//") + 2),
      visitor: visitorAddress,
      ...this.#amounts(bytesIn, bytesOut, startedMs),
      outcome: end === "none" ? "refused" : end,
      refused_by: refusedBy,
      unreached,
    });
  }

  #amounts(bytesIn: number, bytesOut: number, startedMs: number): Readonly<Record<string, number>> {
    const durationMs = Math.max(0, this.#options.clock.nowMs() - startedMs);
    return { bytes_in: bytesIn, bytes_out: bytesOut, ms: Math.round(durationMs * 10) / 10 };
  }

  #shownTarget(target: string): string {
    const shown = this.#options.showsQuery ? target : pathOf(target);
    return shown.length > TARGET_LIMIT ? `${shown.slice(0, TARGET_LIMIT)}…` : shown;
  }
}

/** Of an absolute target also without its authority, in which credentials may stand. */
function pathOf(target: string): string {
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
  const end = path.search(/[?#]/);
  return end < 0 ? path : path.slice(0, end);
}
