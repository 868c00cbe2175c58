/** How a connection goes through the policy of its endpoint, and through those of the internal endpoints that it is forwarded to. */
import type { ConnectVerdict } from "../../policy/policy-verdict.ts";
import type { Endpoint } from "../endpoint.ts";
import { type FindInternal, MAX_FORWARDS } from "./policy-passage.ts";

export interface ConnectionPassageOptions {
  readonly visitorIp: string;
  /** Absent where there are no internal endpoints. */
  readonly findInternal: FindInternal | undefined;
}

/** The endpoints that it went through, the one that gets it first; `undefined` when some policy keeps it out. */
export function passConnection(
  visited: Endpoint,
  options: ConnectionPassageOptions,
): readonly [Endpoint, ...Endpoint[]] | undefined {
  const { visitorIp, findInternal } = options;
  const enter = (endpoint: Endpoint, passed: readonly Endpoint[]) =>
    follow(endpoint, endpoint.facts.options.policy?.onConnect(visitorIp), passed);
  const follow = (
    at: Endpoint,
    verdict: ConnectVerdict,
    passed: readonly Endpoint[],
  ): readonly [Endpoint, ...Endpoint[]] | undefined => {
    if (verdict === undefined) return [at, ...passed];
    if (verdict.type !== "forward" || passed.length >= MAX_FORWARDS) return undefined;
    const next = findInternal?.(at.facts.accountId, verdict.to);
    if (next !== undefined) return enter(next, [at, ...passed]);
    return verdict.mayGoOn ? follow(at, verdict.goOn(), passed) : undefined;
  };
  return enter(visited, []);
}
