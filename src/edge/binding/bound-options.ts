import type { BindRequest } from "../../protocol/rpc/bind.ts";
import type { AccountRules } from "../directory.ts";
import type { EndpointOptions } from "../endpoint.ts";
import { authoritiesOf } from "./certificate-authorities.ts";
import { endpointOptions } from "./endpoint-options.ts";
import { ipPoliciesOf } from "./ip-policies.ts";

export interface BoundBy {
  readonly rulesOf: (accountId: string) => AccountRules;
  readonly accountId: string;
  readonly isInternal: boolean;
}

/** What a bind asks of its endpoint, with the policies and authorities of its account. @throws as {@link endpointOptions} */
export function boundOptions(request: BindRequest, { rulesOf, accountId, isInternal }: BoundBy): EndpointOptions {
  const directory = { account: rulesOf };
  const findIpPolicy = ipPoliciesOf(directory, accountId);
  const findAuthority = authoritiesOf(directory, accountId);
  return endpointOptions(request, { findIpPolicy, findAuthority, isInternal });
}
