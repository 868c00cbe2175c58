/** Restrictions that are not enforced keep nobody out (reference.md 7.10): the log tells who they would have. */
import type { Clock } from "../base/clock.ts";
import type { AddressRules } from "../model/address-rules.ts";
import type { IpRestriction } from "../model/records/ip-restriction.ts";
import { RateLimit } from "../policy/rate-limit.ts";
import { LineBudget } from "../telemetry/line-budget.ts";
import type { Logger } from "../telemetry/logger.ts";

/** One line for an address in this time. */
const SILENT_MS = 600_000;
/** Over all addresses, since strangers have many. */
const LINES = { maxLines: 60, windowMs: 60_000 };

export interface CheckedSource {
  readonly accountId: string;
  /** Of the restriction. */
  readonly type: IpRestriction["type"];
  /** Without port. */
  readonly ip: string;
}

export class AddressWarnings {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #told = new RateLimit({ capacity: 1, windowMs: SILENT_MS });
  readonly #lines = new LineBudget(LINES);

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** `rules` are those that are not enforced. */
  check(rules: AddressRules, { accountId, type, ip }: CheckedSource): void {
    if (rules.isEmpty || rules.admits(ip)) return;
    const nowMs = this.#clock.nowMs();
    if (this.#told.take(`${accountId} ${type} ${ip}`, nowMs) !== undefined) return;
    const leftOut = this.#lines.take(nowMs);
    if (leftOut === undefined) return;
    const facts = { account: accountId, type, ip, left_out: leftOut || undefined };
    this.#log.warn("an IP restriction that is not enforced would keep this address out", facts);
  }
}
