/**
 * The modules of an endpoint (reference.md 7.11), as its bind asks for them, turned into the steps of a policy. In this order:
 * addresses, user agent, webhook signature, then the traffic policy, then headers, so that nobody pays for who may not come in.
 */
import { AddressRules } from "../model/address-rules.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { headerChanges, type HeaderChanges } from "./header-changes.ts";
import type { CurrentRules } from "./passed-rules.ts";
import { compiledPattern } from "./pattern/compiled-pattern.ts";
import type { Field } from "./policy-verdict.ts";
import { changeRequestHeaders, filterUserAgents, type RequestStep, verifyWebhooks } from "./request-steps.ts";
import { UserAgentFilter } from "./user-agent-filter.ts";
import { type PolicySteps, restrictConnections, VisitorPolicy } from "./visitor-policy.ts";
import { WebhookVerification } from "./webhook/webhook-verification.ts";

export interface HeaderWish {
  readonly removed: readonly string[];
  readonly added: readonly Field[];
}

/** Absent: not asked for. */
export interface EndpointModules {
  readonly addresses?: { readonly allow: readonly string[]; readonly deny: readonly string[] } | undefined;
  /** Rules of the IP policy that the bind refers to, as they are at any time. */
  readonly ipPolicy?: (() => AddressRules) | undefined;
  readonly userAgents?: { readonly allow: readonly string[]; readonly deny: readonly string[] } | undefined;
  readonly webhook?: { readonly provider: string; readonly secret: string } | undefined;
  readonly requestHeaders?: HeaderWish | undefined;
  readonly responseHeaders?: HeaderWish | undefined;
  /** Ratio of 5xx, 0 to 1. */
  readonly breakerThreshold?: number | undefined;
  readonly compresses?: boolean;
  readonly trafficPolicy?: PolicySteps | undefined;
}

/** Undefined when nothing is asked for. @throws PublicError for the first setting that cannot be used */
export function policyOf(modules: EndpointModules): VisitorPolicy | undefined {
  const { trafficPolicy, breakerThreshold, compresses = false } = modules;
  const connect = [...addressRules(modules).map(restrictConnections), ...(trafficPolicy?.connect ?? [])];
  const request = [...entranceSteps(modules), ...(trafficPolicy?.request ?? [])];
  const requestHeaders = changesOf(modules.requestHeaders);
  if (requestHeaders !== undefined) request.push(changeRequestHeaders(requestHeaders));
  const responseHeaders = changesOf(modules.responseHeaders);
  const response = [
    ...(trafficPolicy?.response ?? []),
    ...(responseHeaders === undefined ? [] : [{ type: "headers" as const, changes: responseHeaders }]),
  ];
  const breaker = breakerThreshold === undefined ? undefined : new CircuitBreaker({ errorThreshold: breakerThreshold });
  const isEmpty = connect.length + request.length + response.length === 0 && breaker === undefined && !compresses;
  return isEmpty ? undefined : new VisitorPolicy({ connect, request, response, breaker, compresses });
}

/** Each list must let a visitor in. */
function addressRules({ addresses, ipPolicy }: EndpointModules): readonly CurrentRules[] {
  const own = addresses && [AddressRules.parse(addresses, "others")];
  const lists: (CurrentRules | undefined)[] = [own && (() => own), ipPolicy && (() => [ipPolicy()])];
  return lists.filter((list) => list !== undefined);
}

function entranceSteps({ userAgents, webhook }: EndpointModules): RequestStep[] {
  const found: RequestStep[] = [];
  if (userAgents !== undefined) {
    const [allow, deny] = [userAgents.allow.map(compiledPattern), userAgents.deny.map(compiledPattern)];
    found.push(filterUserAgents(new UserAgentFilter({ allow, deny })));
  }
  if (webhook !== undefined) found.push(verifyWebhooks(new WebhookVerification(webhook.provider, webhook.secret)));
  return found;
}

function changesOf(wish: HeaderWish | undefined): HeaderChanges | undefined {
  return wish && headerChanges(wish.removed, wish.added);
}
