/** What a bind asks of its endpoint besides the address. Refuses by name what this edge cannot do: ignoring it would be worse. */
import { PublicError } from "../../base/errors.ts";
import { serverTlsContext, type TlsContext } from "../../net/tls-context.ts";
import { BasicAuth } from "../../policy/basic-auth.ts";
import type { BindRequest } from "../../protocol/rpc/bind.ts";
import type { HttpOptions, TlsOptions } from "../../protocol/rpc/bind-options.ts";
import type { EndpointOptions } from "../endpoint.ts";

/** @throws PublicError naming the first setting that is not supported, or for a certificate that cannot be used. */
export function endpointOptions(request: BindRequest): EndpointOptions {
  for (const [setting, isWanted] of unsupportedSettings(request)) {
    if (isWanted) throw new PublicError("ERR_GINNEL_UNSUPPORTED", { setting });
  }
  const { proxyProtocol } = request.options;
  return {
    ...(proxyProtocol === 0 ? {} : { proxyProtocol }),
    ...(request.extra.poolingEnabled && { isPooled: true }),
    ...(request.protocol === "http" || request.protocol === "https" ? httpEndpointOptions(request.options) : {}),
    ...(request.protocol === "tls" ? tlsEndpointOptions(request.options) : {}),
  };
}

function httpEndpointOptions(options: HttpOptions): EndpointOptions {
  const legacy = options.userAndPassword === "" ? [] : [options.userAndPassword];
  const pairs = (options.basicAuth?.credentials ?? []).map((pair) => `${pair.username}:${pair.cleartextPassword}`);
  const all = [...legacy, ...pairs];
  return all.length === 0 ? {} : { basicAuth: new BasicAuth(all) };
}

function tlsEndpointOptions({ termination }: TlsOptions): EndpointOptions {
  if (termination === undefined) return {};
  if (termination.certificate === "" && termination.key === "") return { terminateTls: "edge" };
  return { terminateTls: contextOf(fromBase64(termination.certificate), fromBase64(termination.key)) };
}

/** Made once per endpoint: visitors resume their TLS sessions by it, and a pair that is of no use is refused at once. */
function contextOf(certPem: string, keyPem: string): TlsContext {
  if (certPem === "" || keyPem === "") throw new PublicError("ERR_GINNEL_BAD_CERTIFICATE", {});
  try {
    return serverTlsContext({ certPem, keyPem });
  } catch (cause) {
    throw new PublicError("ERR_GINNEL_BAD_CERTIFICATE", {}, { cause });
  }
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}

function unsupportedSettings(request: BindRequest): (readonly [string, boolean])[] {
  const { extra, forwardsProtocol } = request;
  return [
    ["the upstream protocol http2", forwardsProtocol === "http2"],
    ["an IP policy", extra.ipPolicyRef !== ""],
    ...extra.bindings.map((binding) => [`the binding ${binding}`, binding !== "public"] as const),
    ["a traffic policy", request.options.trafficPolicy !== ""],
    ["an IP restriction", request.options.ipRestriction !== undefined],
    ...protocolSettings(request),
  ];
}

function protocolSettings(request: BindRequest): (readonly [string, boolean])[] {
  switch (request.protocol) {
    case "http":
    case "https":
      return httpSettings(request.options);
    case "tls":
      return [
        ["mutual TLS at the edge", request.options.mutualTlsAtEdge !== undefined],
        ["a sealed TLS key", (request.options.termination?.sealedKey ?? "") !== ""],
      ];
    case "tcp":
      return [];
  }
}

function httpSettings(options: HttpOptions): (readonly [string, boolean])[] {
  const hashed = options.basicAuth?.credentials.some(({ hashedPassword }) => hashedPassword !== "") ?? false;
  return [
    ["a hashed basic auth password", hashed],
    ["compression", options.compression],
    ["the circuit breaker", options.circuitBreaker !== undefined],
    ["OAuth", options.oauth !== undefined],
    ["OpenID Connect", options.oidc !== undefined],
    ["webhook verification", options.webhookVerification !== undefined],
    ["mutual TLS at the edge", options.mutualTlsCas !== undefined],
    ["changing request headers", options.requestHeaders !== undefined],
    ["changing response headers", options.responseHeaders !== undefined],
    ["the WebSocket to TCP converter", options.websocketTcpConverter],
    ["the user agent filter", options.userAgentFilter !== undefined],
  ];
}
