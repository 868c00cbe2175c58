/** Tunnels as a configuration would define them. */
import type { HttpTunnel, TcpTunnel, TlsTunnel } from "../../src/model/tunnel-definition.ts";
import { parseUpstreamAddress } from "../../src/model/upstream-address.ts";

/** The same fields, with the upstream in a user's spelling. */
type Changes<T> = Partial<Omit<T, "upstream" | "proto">> & { readonly upstream?: string | number };

const COMMON = {
  name: "web",
  metadata: "",
  description: "",
  isPooled: false,
  proxyProtocol: undefined,
  unsupported: [],
} as const;

export function httpTunnel({ upstream = 8080, ...changes }: Changes<HttpTunnel> = {}): HttpTunnel {
  return {
    ...COMMON,
    proto: "http",
    schemes: ["https"],
    host: { kind: "random" },
    hostHeader: { kind: "preserve" },
    basicAuth: [],
    inspect: true,
    upstreamProtocol: "http1",
    upstreamTls: { verify: false, cas: undefined },
    ...changes,
    upstream: parseUpstreamAddress(upstream, "http"),
  };
}

export function tcpTunnel({ upstream = 22, ...changes }: Changes<TcpTunnel> = {}): TcpTunnel {
  return {
    ...COMMON,
    proto: "tcp",
    remoteAddress: undefined,
    ...changes,
    upstream: parseUpstreamAddress(upstream, "tcp"),
  };
}

export function tlsTunnel({ upstream = 8443, ...changes }: Changes<TlsTunnel> = {}): TlsTunnel {
  return {
    ...COMMON,
    proto: "tls",
    host: { kind: "random" },
    termination: undefined,
    upstreamTls: { verify: false, cas: undefined },
    ...changes,
    upstream: parseUpstreamAddress(upstream, "tls"),
  };
}
