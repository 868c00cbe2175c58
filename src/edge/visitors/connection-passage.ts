/** How a connection goes through the policy of its endpoint, and through those of the internal endpoints that it is forwarded to. */
import { PassedRules } from "../../policy/passed-rules.ts";
import type { ConnectVerdict, PolicyEnd } from "../../policy/policy-verdict.ts";
import type { Endpoint } from "../endpoint.ts";
import { type FindInternal, forwardedTooOften, MAX_FORWARDS, notOnline } from "./policy-passage.ts";

export interface ConnectionPassageOptions {
  readonly visitorIp: string;
  /** Absent where there are no internal endpoints. */
  readonly findInternal: FindInternal | undefined;
}

export type PassedConnection =
  | {
      readonly type: "in";
      /** Those that it went through, the one that gets it first. */
      readonly endpoints: readonly [Endpoint, ...Endpoint[]];
      /** On the way. */
      readonly rules: PassedRules;
    }
  /** Some policy keeps it out. */
  | { readonly type: "out"; readonly end: PolicyEnd };

export function passConnection(visited: Endpoint, options: ConnectionPassageOptions): PassedConnection {
  const { visitorIp, findInternal } = options;
  const rules = new PassedRules();
  const enter = (endpoint: Endpoint, passed: readonly Endpoint[]) =>
    follow(endpoint, endpoint.facts.options.policy?.onConnect(visitorIp, rules), passed);
  const follow = (at: Endpoint, verdict: ConnectVerdict, passed: readonly Endpoint[]): PassedConnection => {
    if (verdict === undefined) return { type: "in", endpoints: [at, ...passed], rules };
    if (verdict.type !== "forward") return { type: "out", end: verdict };
    if (passed.length >= MAX_FORWARDS) return { type: "out", end: forwardedTooOften(verdict.to) };
    const next = findInternal?.(at.facts.accountId, verdict.to);
    if (next !== undefined) return enter(next, [at, ...passed]);
    return verdict.mayGoOn ? follow(at, verdict.goOn(), passed) : { type: "out", end: notOnline(verdict.to) };
  };
  return enter(visited, []);
}
