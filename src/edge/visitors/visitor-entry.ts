import type { PolicyEnd } from "../../policy/policy-verdict.ts";
import type { Endpoint } from "../endpoint.ts";
import type { AccountGuard, GuardVerdict } from "./account-guard.ts";
import { ipOf } from "./visitor-ip.ts";

/** Whether a visitor's connection may come in to an endpoint: by the rules of the account, then by those of the endpoint. */
export class VisitorEntry {
  readonly #visitorAddress: string;
  readonly #guard: AccountGuard | undefined;
  /** The account that counts this connection among its own. */
  #countedFor: string | undefined;

  /** Without a guard no account keeps anybody out. */
  constructor(visitorAddress: string, guard: AccountGuard | undefined) {
    this.#visitorAddress = visitorAddress;
    this.#guard = guard;
  }

  /** To be asked with every request. `unauthorized`: the endpoint has a password, and this was none. */
  verdict(endpoint: Endpoint, authorization: string | undefined): PolicyEnd | "unauthorized" | undefined {
    const { policy, basicAuth } = endpoint.facts.options;
    const kept = this.#guardVerdict(endpoint);
    if (kept !== undefined) return kept;
    const refusal = policy?.onConnect(ipOf(this.#visitorAddress));
    if (refusal !== undefined && refusal.type !== "forward") return refusal;
    return basicAuth?.admits(authorization) === false ? "unauthorized" : undefined;
  }

  /** A connection counts once for the account whose endpoints it uses. */
  #guardVerdict(endpoint: Endpoint): GuardVerdict {
    if (this.#guard === undefined) return undefined;
    const { accountId } = endpoint.facts;
    if (this.#countedFor === accountId) return this.#guard.addressVerdict(endpoint, this.#visitorAddress);
    const verdict = this.#guard.onConnection(endpoint, this.#visitorAddress);
    if (verdict === undefined) this.#countedFor = accountId;
    return verdict;
  }
}
