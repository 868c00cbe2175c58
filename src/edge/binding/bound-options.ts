import type { BindRequest } from "../../protocol/rpc/bind.ts";
import type { AccountRules } from "../directory.ts";
import type { EndpointOptions } from "../endpoint.ts";
import { authoritiesOf, keptAuthoritiesOf } from "./certificate-authorities.ts";
import { endpointOptions } from "./endpoint-options.ts";
import { ipPoliciesOf, keptIpPoliciesOf } from "./ip-policies.ts";

export interface BoundBy {
  readonly rulesOf: (accountId: string) => AccountRules;
  readonly accountId: string;
  readonly isInternal: boolean;
  /** A kept one may name records that were taken away since. Default: brought. */
  readonly policy?: "brought" | "kept";
}

/** What a bind asks of its endpoint, with the policies and authorities of its account. @throws as {@link endpointOptions} */
export function boundOptions(
  request: BindRequest,
  { rulesOf, accountId, isInternal, policy = "brought" }: BoundBy,
): EndpointOptions {
  const directory = { account: rulesOf };
  const [ofIps, ofAuthorities] =
    policy === "kept" ? [keptIpPoliciesOf, keptAuthoritiesOf] : [ipPoliciesOf, authoritiesOf];
  const [findIpPolicy, findAuthority] = [ofIps(directory, accountId), ofAuthorities(directory, accountId)];
  return endpointOptions(request, { findIpPolicy, findAuthority, isInternal });
}
