import ipaddr from "ipaddr.js";
import { PublicError } from "../../base/errors.ts";
import { RateLimit } from "../../policy/rate-limit.ts";
import { CallRefused } from "../management/failure-answer.ts";

/** Tries from one address in a window: a team behind one router signs in on a Monday morning. */
export const MAX_TRIES_OF_ADDRESS = 30;
/** Tries from everywhere: whoever has many addresses does not get far either. */
export const MAX_TRIES = 600;
export const TRY_WINDOW_MS = 600_000;
/** Whoever has an IPv6 address has all those of its network. */
const IPV6_NETWORK_BITS = 64;

/** Slows down the guessing of API keys. Tries that succeed count as well. */
export class SignInLimit {
  readonly #ofAddress = new RateLimit({ capacity: MAX_TRIES_OF_ADDRESS, windowMs: TRY_WINDOW_MS });
  readonly #ofAll = new RateLimit({ capacity: MAX_TRIES, windowMs: TRY_WINDOW_MS });

  /** Counts a try. @throws CallRefused with how long to wait, when there were too many */
  count(ip: string, nowMs: number): void {
    // The address goes first: what it is refused counts against nobody else.
    const waitSeconds = this.#ofAddress.take(networkOf(ip), nowMs);
    if (waitSeconds !== undefined) throw tooMany("this address", waitSeconds);
    const waitForAllSeconds = this.#ofAll.take("", nowMs);
    if (waitForAllSeconds !== undefined) throw tooMany("all addresses", waitForAllSeconds);
  }
}

function tooMany(from: "this address" | "all addresses", waitSeconds: number): CallRefused {
  return new CallRefused(new PublicError("ERR_GINNEL_SIGN_IN_RATE", { from }), { "Retry-After": String(waitSeconds) });
}

function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return "";
  const address = ipaddr.process(ip);
  if (address.kind() === "ipv4") return address.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/${IPV6_NETWORK_BITS}`).toString();
}
