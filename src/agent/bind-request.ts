/** What an agent asks an edge for, made from what the user defined. Pure. */
import { formatHostPort } from "../base/host-port.ts";
import type { EndpointWish } from "../model/endpoint-wish.ts";
import type { HeaderLists, TunnelModules } from "../model/tunnel-modules.ts";
import type { HostWish, HttpTunnel, TlsTunnel, TunnelDefinition } from "../model/tunnel-definition.ts";
import { formatUpstreamAddress } from "../model/upstream-address.ts";
import type { BindReply, BindRequest } from "../protocol/rpc/bind.ts";
import {
  type BindOptions,
  type HttpOptions,
  NO_HTTP_OPTIONS,
  NO_TCP_OPTIONS,
  NO_TLS_OPTIONS,
  type TlsOptions,
} from "../protocol/rpc/bind-options.ts";
import type { EdgeTlsTexts } from "./edge-tls-texts.ts";

/** What a bind depends on besides the definition. */
export interface BindCircumstances {
  /** What the other endpoint of a pair got, whose host this one must have. */
  readonly partnerUrl?: string | undefined;
  /** The document; empty for none. */
  readonly trafficPolicy?: string;
  readonly edgeTls?: EdgeTlsTexts;
}

/** The first bind of a wish. */
export function bindRequest(
  tunnel: TunnelDefinition,
  wish: EndpointWish,
  { partnerUrl, trafficPolicy = "", edgeTls = {} }: BindCircumstances = {},
): BindRequest {
  const host: HostWish | undefined =
    partnerUrl === undefined ? undefined : { kind: "host", host: new URL(partnerUrl).hostname };
  return {
    bindId: "",
    forwardsTo: formatUpstreamAddress(tunnel.upstream),
    forwardsProtocol: "",
    wireOptions: undefined,
    extra: {
      name: wish.name,
      description: tunnel.description,
      token: "",
      ipPolicyRef: "",
      metadata: tunnel.metadata,
      // The edge goes by the name.
      bindings: [],
      poolingEnabled: tunnel.isPooled,
    },
    ...withTrafficPolicy(withEdgeTls(bindOptions(tunnel, wish, host), edgeTls), trafficPolicy),
  };
}

/** The same bind once more, after a reconnect: with id, token and options of the first reply (protocol.md section 8). */
export function rebindRequest(request: BindRequest, { bindId, wireOptions, extra: { token } }: BindReply): BindRequest {
  return { ...request, bindId, wireOptions, extra: { ...request.extra, token } };
}

/** What the edge needs to end TLS as the tunnel wants it. */
function withEdgeTls(bind: BindOptions, { clientCas, pair }: EdgeTlsTexts): BindOptions {
  const authorities = clientCas === undefined ? undefined : { certificates: base64(clientCas) };
  if (bind.protocol === "https") return { ...bind, options: { ...bind.options, mutualTlsCas: authorities } };
  if (bind.protocol !== "tls" || pair === undefined) return bind;
  const termination = { certificate: base64(pair.certPem), key: base64(pair.keyPem), sealedKey: "" };
  return { ...bind, options: { ...bind.options, termination, mutualTlsAtEdge: authorities } };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function withTrafficPolicy(bind: BindOptions, trafficPolicy: string): BindOptions {
  // A spread of the union would lose which options belong to which protocol.
  if (bind.protocol === "tcp") return { ...bind, options: { ...bind.options, trafficPolicy } };
  if (bind.protocol === "tls") return { ...bind, options: { ...bind.options, trafficPolicy } };
  return { ...bind, options: { ...bind.options, trafficPolicy } };
}

function bindOptions(tunnel: TunnelDefinition, wish: EndpointWish, partner: HostWish | undefined): BindOptions {
  const proxyProtocol: 0 | 1 | 2 = tunnel.proxyProtocol ?? 0;
  const common = { proxyProtocol, ipRestriction: ipRestriction(tunnel.modules) };
  if (wish.proto === "tcp") {
    const address = wish.address === undefined ? "" : formatHostPort(wish.address);
    return { protocol: "tcp", options: { ...NO_TCP_OPTIONS, ...common, address } };
  }
  const host = wantedHost(partner ?? wish.host, wish.proto);
  if (wish.proto === "tls") {
    const options: TlsOptions = {
      ...NO_TLS_OPTIONS,
      ...common,
      ...host,
      mutualTlsAtAgent: tunnel.proto === "tls" && demandsCertificate(tunnel),
    };
    return { protocol: "tls", options };
  }
  const options: HttpOptions = {
    ...NO_HTTP_OPTIONS,
    ...common,
    ...host,
    ...(tunnel.modules && httpModules(tunnel.modules)),
    basicAuth: tunnel.proto === "http" ? basicAuth(tunnel) : undefined,
  };
  return { protocol: wish.proto, options };
}

/** A port can be told in a URL alone; else agents fill `domain`. */
function wantedHost(host: HostWish, proto: string): Partial<Pick<HttpOptions, "url" | "domain" | "subdomain">> {
  switch (host.kind) {
    case "random":
      return {};
    case "subdomain":
      return { subdomain: host.label };
    case "host":
      return host.port === undefined
        ? { domain: host.host }
        : { url: `${proto}://${formatHostPort({ host: host.host, port: host.port })}` };
    default:
      return host satisfies never;
  }
}

function demandsCertificate({ termination }: TlsTunnel): boolean {
  return termination !== undefined && termination.clientCas.length > 0;
}

function ipRestriction(modules: TunnelModules | undefined): HttpOptions["ipRestriction"] {
  const addresses = modules?.addresses;
  return addresses && { allowedCidrs: addresses.allow, deniedCidrs: addresses.deny };
}

function httpModules({ breakerThreshold, userAgents, webhook, ...modules }: TunnelModules): Partial<HttpOptions> {
  return {
    compression: modules.compresses === true,
    websocketTcpConverter: modules.convertsWebSockets === true,
    circuitBreaker: breakerThreshold === undefined ? undefined : { errorThreshold: breakerThreshold },
    requestHeaders: headerChanges(modules.requestHeaders),
    responseHeaders: headerChanges(modules.responseHeaders),
    userAgentFilter: userAgents && { allowed: userAgents.allow, denied: userAgents.deny },
    webhookVerification: webhook && { ...webhook, sealedSecret: "" },
  };
}

function headerChanges(lists: HeaderLists | undefined): HttpOptions["requestHeaders"] {
  return lists && { added: lists.add, removed: lists.remove, addedParsed: {} };
}

/** The first colon separates (reference.md 7.5). */
function basicAuth({ basicAuth: pairs }: HttpTunnel): HttpOptions["basicAuth"] {
  if (pairs.length === 0) return undefined;
  const credentials = pairs.map((pair) => {
    const colon = pair.indexOf(":");
    const at = colon < 0 ? pair.length : colon;
    return { username: pair.slice(0, at), cleartextPassword: pair.slice(at + 1), hashedPassword: "" };
  });
  return { credentials };
}
