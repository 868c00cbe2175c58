/** What an agent asks an edge for, made from what the user defined. Pure. */
import { formatHostPort } from "../base/host-port.ts";
import type { EndpointWish } from "../model/endpoint-wish.ts";
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

/** The first bind of a wish. `partnerUrl`: what the other endpoint of a pair got, whose host this one must have. */
export function bindRequest(tunnel: TunnelDefinition, wish: EndpointWish, partnerUrl: string | undefined): BindRequest {
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
      bindings: [],
      poolingEnabled: tunnel.isPooled,
    },
    ...bindOptions(tunnel, wish, host),
  };
}

/** The same bind once more, after a reconnect: with id, token and options of the first reply (protocol.md section 8). */
export function rebindRequest(request: BindRequest, { bindId, wireOptions, extra: { token } }: BindReply): BindRequest {
  return { ...request, bindId, wireOptions, extra: { ...request.extra, token } };
}

function bindOptions(tunnel: TunnelDefinition, wish: EndpointWish, partner: HostWish | undefined): BindOptions {
  const proxyProtocol = tunnel.proxyProtocol ?? 0;
  if (wish.proto === "tcp") {
    const address = wish.address === undefined ? "" : formatHostPort(wish.address);
    return { protocol: "tcp", options: { ...NO_TCP_OPTIONS, address, proxyProtocol } };
  }
  const host = wantedHost(partner ?? wish.host);
  if (wish.proto === "tls") {
    const options: TlsOptions = {
      ...NO_TLS_OPTIONS,
      ...host,
      proxyProtocol,
      mutualTlsAtAgent: tunnel.proto === "tls" && demandsCertificate(tunnel),
    };
    return { protocol: "tls", options };
  }
  const options: HttpOptions = {
    ...NO_HTTP_OPTIONS,
    ...host,
    proxyProtocol,
    basicAuth: tunnel.proto === "http" ? basicAuth(tunnel) : undefined,
  };
  return { protocol: wish.proto, options };
}

function wantedHost(host: HostWish): { readonly domain?: string; readonly subdomain?: string } {
  switch (host.kind) {
    case "random":
      return {};
    case "subdomain":
      return { subdomain: host.label };
    case "host":
      return { domain: host.host };
    default:
      return host satisfies never;
  }
}

function demandsCertificate({ termination }: TlsTunnel): boolean {
  return termination !== undefined && termination.clientCas.length > 0;
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
