/** Slows down the guessing of API keys, at every entrance of the edge together. */
import ipaddr from "ipaddr.js";
import { PublicError } from "../../base/errors.ts";
import { hashToken } from "../../model/access-token.ts";
import { RateLimit } from "../../policy/rate-limit.ts";
import { CallRefused } from "./failure-answer.ts";

/** Keys that were wrong, from one address in a window: a team behind one router mistypes on a Monday morning. */
export const MAX_FAILURES_OF_ADDRESS = 30;
export const FAILURE_WINDOW_MS = 600_000;
/** Pairs of an address and a key that was right. The one that was used longest ago is forgotten first. */
const MAX_KNOWN = 10_000;
/** Whoever has an IPv6 address has all those of its network. */
const IPV6_NETWORK_BITS = 64;
const NOT_PROVED = 401;

export interface Claim {
  /** Where it comes from, without port. */
  readonly ip: string;
  readonly key: string;
}

/**
 * An address with too many failures is refused before its key is looked at, so that no answer tells whether a guess was right. Keys
 * that were right from there before go on: their holders share the address with somebody who guesses. There is no limit over all
 * addresses, with which strangers could keep everybody out.
 */
export class FailedCallers {
  readonly #failures = new RateLimit({ capacity: MAX_FAILURES_OF_ADDRESS, windowMs: FAILURE_WINDOW_MS });
  readonly #known = new Set<string>();

  /**
   * What `prove` makes of the claim. It rejects with a PublicError of status 401 where the key is wrong.
   * @throws CallRefused 429 with how long to wait, in place of the 401 too
   */
  async check<R>({ ip, key }: Claim, nowMs: () => number, prove: () => Promise<R>): Promise<R> {
    const network = networkOf(ip);
    const pair = `${network} ${hashToken(key)}`;
    if (!this.#known.has(pair)) refuse(this.#failures.waitSeconds(network, nowMs()));
    try {
      const proved = await prove();
      this.#remember(pair);
      return proved;
    } catch (error) {
      if (!(error instanceof PublicError) || error.status !== NOT_PROVED) throw error;
      this.#known.delete(pair);
      // Others may have failed while this one was looked at.
      refuse(this.#failures.take(network, nowMs()));
      throw error;
    }
  }

  #remember(pair: string): void {
    this.#known.delete(pair);
    this.#known.add(pair);
    const [oldest] = this.#known;
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }
}

function refuse(waitSeconds: number | undefined): void {
  if (waitSeconds === undefined) return;
  const fields = { "Retry-After": String(waitSeconds) };
  throw new CallRefused(new PublicError("ERR_GINNEL_FAILED_CALLERS", { limit: MAX_FAILURES_OF_ADDRESS }), fields);
}

function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return "";
  const address = ipaddr.process(ip);
  if (address.kind() === "ipv4") return address.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/${IPV6_NETWORK_BITS}`).toString();
}
