/** What a bind asks of its endpoint besides the address. Refuses by name what this edge cannot do: ignoring it would be worse. */
import { PublicError } from "../../base/errors.ts";
import type { AddressRules } from "../../model/address-rules.ts";
import { BasicAuth } from "../../policy/basic-auth.ts";
import { type EndpointModules, type HeaderWish, policyOf } from "../../policy/endpoint-modules.ts";
import { parseHeaderLine } from "../../policy/header-changes.ts";
import { type FindAuthority, PLAIN_TERMS, type TlsTerms } from "../../policy/tls-terms.ts";
import { trafficPolicySteps } from "../../policy/traffic-policy/traffic-policy.ts";
import type { PolicySteps } from "../../policy/visitor-policy.ts";
import type { BindRequest } from "../../protocol/rpc/bind.ts";
import type { HttpOptions, TlsOptions } from "../../protocol/rpc/bind-options.ts";
import type { EndpointOptions } from "../endpoint.ts";
import { authoritiesIn, EndpointTls } from "../endpoint-tls.ts";

/** Rules of an account's IP policy as they are at any time; undefined when the account has no such policy. */
export type FindIpPolicy = (id: string) => (() => AddressRules) | undefined;

const BINDINGS: ReadonlySet<string> = new Set(["public", "internal"]);

/** What options depend on besides the bind. */
export interface OptionsContext {
  readonly findIpPolicy?: FindIpPolicy;
  readonly findAuthority?: FindAuthority;
  /** No visitor connects to it, so nothing happens to a connection there. */
  readonly isInternal?: boolean;
}

/** @throws PublicError naming the first setting that is not supported or cannot be used. */
export function endpointOptions(request: BindRequest, context: OptionsContext = {}): EndpointOptions {
  for (const [setting, isWanted] of unsupportedSettings(request, context)) {
    if (isWanted) throw new PublicError("ERR_GINNEL_UNSUPPORTED", { setting });
  }
  const { proxyProtocol } = request.options;
  const steps = policySteps(request, context);
  const policy = policyOf({ ...endpointModules(request, context), trafficPolicy: steps });
  const tls = tlsTerms(request, steps?.tls, context);
  return {
    ...(policy && { policy }),
    ...(tls && { terminateTls: new EndpointTls(tls) }),
    ...(proxyProtocol === 0 ? {} : { proxyProtocol }),
    ...(request.extra.poolingEnabled && { isPooled: true }),
    ...(request.protocol === "http" || request.protocol === "https" ? httpEndpointOptions(request.options) : {}),
  };
}

function policySteps({ protocol, options }: BindRequest, context: OptionsContext): PolicySteps | undefined {
  if (options.trafficPolicy === "") return undefined;
  const { findIpPolicy = () => undefined, findAuthority, isInternal = false } = context;
  const endsTls = protocol === "tls" && options.termination !== undefined;
  return trafficPolicySteps(options.trafficPolicy, {
    protocol,
    ipPolicy: findIpPolicy,
    ...(findAuthority && { certificateAuthority: findAuthority }),
    isInternal,
    endsTls,
  });
}

function endpointModules(request: BindRequest, context: OptionsContext): EndpointModules {
  const { protocol, options, extra } = request;
  const { findIpPolicy = () => undefined } = context;
  const { ipRestriction: addresses } = options;
  return {
    addresses: addresses && { allow: addresses.allowedCidrs, deny: addresses.deniedCidrs },
    ipPolicy: extra.ipPolicyRef === "" ? undefined : knownIpPolicy(extra.ipPolicyRef, findIpPolicy),
    ...(protocol === "http" || protocol === "https" ? httpModules(options) : {}),
  };
}

function knownIpPolicy(reference: string, findIpPolicy: FindIpPolicy): () => AddressRules {
  const rules = findIpPolicy(reference);
  if (rules === undefined) throw new PublicError("ERR_NGROK_2216", { reference });
  return rules;
}

function httpModules(options: HttpOptions): EndpointModules {
  const { userAgentFilter: userAgents, webhookVerification: webhook } = options;
  return {
    userAgents: userAgents && { allow: userAgents.allowed, deny: userAgents.denied },
    webhook,
    requestHeaders: headerWish(options.requestHeaders),
    responseHeaders: headerWish(options.responseHeaders),
    breakerThreshold: options.circuitBreaker?.errorThreshold,
    compresses: options.compression,
  };
}

/** Agents may send what is added as lines, as a map, or the same both ways. */
function headerWish(changes: HttpOptions["requestHeaders"]): HeaderWish | undefined {
  if (changes === undefined) return undefined;
  const { added, addedParsed, removed } = changes;
  return { removed, added: added.length > 0 ? added.map(parseHeaderLine) : Object.entries(addedParsed) };
}

function httpEndpointOptions(options: HttpOptions): EndpointOptions {
  const legacy = options.userAndPassword === "" ? [] : [options.userAndPassword];
  const pairs = (options.basicAuth?.credentials ?? []).map((pair) => `${pair.username}:${pair.cleartextPassword}`);
  const all = [...legacy, ...pairs];
  return {
    ...(all.length > 0 && { basicAuth: new BasicAuth(all) }),
    ...(options.websocketTcpConverter && { convertsWebSockets: true }),
  };
}

/** From the bind itself or from its traffic policy; `undefined`: as the edge ends TLS for everybody, or not at all. */
function tlsTerms(
  request: BindRequest,
  ofPolicy: TlsTerms | undefined,
  { isInternal = false }: OptionsContext,
): TlsTerms | undefined {
  const own = ownTlsTerms(request);
  // What is forwarded within the edge has gone through no handshake that could be looked at.
  if (isInternal && own?.clients !== undefined)
    throw new PublicError("ERR_GINNEL_MUTUAL_TLS", { protocol: "internal" });
  if (own === undefined || ofPolicy === undefined) return own ?? ofPolicy;
  const reason = "the endpoint has TLS settings besides its policy";
  throw new PublicError("ERR_NGROK_2203", { action: "terminate-tls", reason });
}

function ownTlsTerms({ protocol, options }: BindRequest): TlsTerms | undefined {
  switch (protocol) {
    case "http":
      if (options.mutualTlsCas !== undefined) throw new PublicError("ERR_GINNEL_MUTUAL_TLS", { protocol });
      return undefined;
    case "https":
      return options.mutualTlsCas && { ...PLAIN_TERMS, clients: clientTerms(options.mutualTlsCas.certificates) };
    case "tls":
      return ownTermination(options);
    case "tcp":
      return undefined;
    default:
      return protocol satisfies never;
  }
}

function ownTermination({ termination, mutualTlsAtEdge }: TlsOptions): TlsTerms | undefined {
  const clients = mutualTlsAtEdge && clientTerms(mutualTlsAtEdge.certificates);
  if (termination === undefined) {
    if (clients === undefined) return undefined;
    throw new PublicError("ERR_GINNEL_MUTUAL_TLS", { protocol: "passed-through tls" });
  }
  const [certPem, keyPem] = [fromBase64(termination.certificate), fromBase64(termination.key)];
  if (certPem === "" && keyPem === "") return { ...PLAIN_TERMS, clients };
  if (certPem === "" || keyPem === "") throw new PublicError("ERR_GINNEL_BAD_CERTIFICATE", {});
  return { ...PLAIN_TERMS, identity: { certPem, keyPem }, clients };
}

function clientTerms(certificates: string): NonNullable<TlsTerms["clients"]> {
  const authorities = authoritiesIn(certificates);
  return { strategy: "require-and-verify", authorities: () => authorities };
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}

function unsupportedSettings(request: BindRequest, { isInternal }: OptionsContext): (readonly [string, boolean])[] {
  const { extra, forwardsProtocol } = request;
  const endsTls = request.protocol === "tls" && request.options.termination !== undefined;
  return [
    ["the upstream protocol http2", forwardsProtocol === "http2"],
    ...extra.bindings.map((binding) => [`the binding ${binding}`, !BINDINGS.has(binding)] as const),
    ["more than one binding", extra.bindings.length > 1],
    ["TLS of an internal endpoint that ends at the edge", isInternal === true && endsTls],
    ...protocolSettings(request),
  ];
}

function protocolSettings(request: BindRequest): (readonly [string, boolean])[] {
  switch (request.protocol) {
    case "http":
    case "https":
      return httpSettings(request.options);
    case "tls":
      return [["a sealed TLS key", (request.options.termination?.sealedKey ?? "") !== ""]];
    case "tcp":
      return [];
  }
}

function httpSettings(options: HttpOptions): (readonly [string, boolean])[] {
  const hashed = options.basicAuth?.credentials.some(({ hashedPassword }) => hashedPassword !== "") ?? false;
  return [
    ["a hashed basic auth password", hashed],
    ["OAuth", options.oauth !== undefined],
    ["OpenID Connect", options.oidc !== undefined],
    ["a sealed webhook secret", (options.webhookVerification?.sealedSecret ?? "") !== ""],
  ];
}
