/** What an account says of the visitors of all its endpoints: where they may come from, and how many come in a second. */
import { PublicError } from "../../base/errors.ts";
import type { Clock } from "../../base/clock.ts";
import type { PolicyEnd } from "../../policy/policy-verdict.ts";
import { RateLimit } from "../../policy/rate-limit.ts";
import type { AddressWarnings } from "../address-warnings.ts";
import type { AccountRules } from "../directory.ts";
import type { Endpoint } from "../endpoint.ts";
import { ipOf } from "./visitor-ip.ts";

/** A limit is a number of connections in this time. */
const WINDOW_MS = 1000;
/** Limits change, and accounts go: beyond this the oldest count is begun anew. */
const MAX_COUNTS = 10_000;

/** `undefined`: the visitor may go on. */
export type GuardVerdict = Extract<PolicyEnd, { type: "refuse" }> | undefined;

/** Whether a visitor from this address (`ip:port`) may stay at an endpoint. */
export type MayStay = (endpoint: Endpoint, visitorAddress: string) => boolean;

export interface AccountGuardOptions {
  readonly rulesOf: (accountId: string) => AccountRules;
  /** Absent: nobody wants to know. */
  readonly warnings?: AddressWarnings;
  readonly clock: Clock;
}

export class AccountGuard {
  readonly #options: AccountGuardOptions;
  /** By account and limit, so that a changed limit counts anew. */
  readonly #counts = new Map<string, RateLimit>();

  constructor(options: AccountGuardOptions) {
    this.#options = options;
  }

  /** Of a connection's first use of an endpoint of the account; counts it unless it is refused for its address. */
  onConnection(endpoint: Endpoint, visitorAddress: string): GuardVerdict {
    const { accountId } = endpoint.facts;
    const verdict = this.addressVerdict(endpoint, visitorAddress) ?? this.#rateVerdict(accountId);
    if (verdict !== undefined) return verdict;
    const { warnings, rulesOf } = this.#options;
    warnings?.check(rulesOf(accountId).warnedVisitorAddresses, {
      accountId,
      type: "endpoints",
      ip: ipOf(visitorAddress),
    });
    return undefined;
  }

  /** Of every further use. */
  addressVerdict({ facts }: Endpoint, visitorAddress: string): GuardVerdict {
    const { visitorAddresses } = this.#options.rulesOf(facts.accountId);
    if (visitorAddresses.isEmpty) return undefined;
    const ip = ipOf(visitorAddress);
    return visitorAddresses.admits(ip)
      ? undefined
      : { type: "refuse", error: new PublicError("ERR_NGROK_3205", { ip }) };
  }

  /** For connections that are open: by the rules of the account, and those of the endpoint. */
  readonly mayStay: MayStay = (endpoint, visitorAddress) => {
    if (this.addressVerdict(endpoint, visitorAddress) !== undefined) return false;
    return endpoint.facts.options.policy?.onConnect(ipOf(visitorAddress))?.type !== "refuse";
  };

  #rateVerdict(accountId: string): GuardVerdict {
    const limit = this.#options.rulesOf(accountId).limits.connectionsPerSecond;
    if (limit === Infinity) return undefined;
    const waitSeconds = this.#countOf(accountId, limit).take("", this.#options.clock.nowMs());
    if (waitSeconds === undefined) return undefined;
    const fields = [["Retry-After", String(waitSeconds)]] as const;
    return { type: "refuse", error: new PublicError("ERR_GINNEL_CONNECTION_RATE", { limit }), fields };
  }

  #countOf(accountId: string, limit: number): RateLimit {
    const key = `${accountId} ${limit}`;
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const count = new RateLimit({ capacity: limit, windowMs: WINDOW_MS });
    this.#counts.set(key, count);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > MAX_COUNTS && oldest !== undefined) this.#counts.delete(oldest);
    return count;
  }
}
