/** `Opts` of a bind, one record per protocol (protocol.md section 5). */
import {
  basicAuth,
  circuitBreaker,
  headerChanges,
  ipRestriction,
  mutualTlsCas,
  oauth,
  oidc,
  tlsTermination,
  userAgentFilter,
  webhookVerification,
} from "./endpoint-module.ts";
import { field, wireRecord } from "./wire-record.ts";
import { flag, oneOf, optional, presence, text, type ValueOf } from "./wire-value.ts";

/** 0: none; 1 and 2: the PROXY header that the edge writes as the first payload of a proxy stream. */
const proxyProtocol = field("ProxyProto", oneOf([0, 1, 2], 0));

/** What asks for a host. `url` replaces the other three when it is not empty; agents fill `domain`; empty means any. */
const wantedHost = {
  url: field("URL", text),
  domain: field("Domain", text),
  hostname: field("Hostname", text),
  subdomain: field("Subdomain", text),
};

/** JSON or YAML of a policy document; empty for none. */
const trafficPolicy = field("TrafficPolicy", text);

export const httpOptions = wireRecord({
  ...wantedHost,
  /** Legacy `user:password`. */
  userAndPassword: field("Auth", text),
  rewritesHostHeader: field("HostHeaderRewrite", flag),
  localUrlScheme: field("LocalURLScheme", text),
  proxyProtocol,
  compression: field("Compression", presence),
  circuitBreaker: field("CircuitBreaker", optional(circuitBreaker)),
  ipRestriction: field("IPRestriction", optional(ipRestriction)),
  basicAuth: field("BasicAuth", optional(basicAuth)),
  oauth: field("OAuth", optional(oauth)),
  oidc: field("OIDC", optional(oidc)),
  webhookVerification: field("WebhookVerification", optional(webhookVerification)),
  mutualTlsCas: field("MutualTLSCA", optional(mutualTlsCas)),
  requestHeaders: field("RequestHeaders", optional(headerChanges)),
  responseHeaders: field("ResponseHeaders", optional(headerChanges)),
  websocketTcpConverter: field("WebsocketTCPConverter", presence),
  userAgentFilter: field("UserAgentFilter", optional(userAgentFilter)),
  trafficPolicy,
});

export const tcpOptions = wireRecord({
  url: field("URL", text),
  /** Wanted, and in the reply given, `host:port`; empty for any. */
  address: field("Addr", text),
  proxyProtocol,
  ipRestriction: field("IPRestriction", optional(ipRestriction)),
  trafficPolicy,
});

export const tlsOptions = wireRecord({
  ...wantedHost,
  proxyProtocol,
  mutualTlsAtAgent: field("MutualTLSAtAgent", flag),
  mutualTlsAtEdge: field("MutualTLSAtEdge", optional(mutualTlsCas)),
  /** Set: the edge ends TLS. Undefined: the edge passes the visitor's TLS through. */
  termination: field("TLSTermination", optional(tlsTermination)),
  ipRestriction: field("IPRestriction", optional(ipRestriction)),
  trafficPolicy,
});

export type HttpOptions = ValueOf<typeof httpOptions>;
export type TcpOptions = ValueOf<typeof tcpOptions>;
export type TlsOptions = ValueOf<typeof tlsOptions>;

/** The protocol of a bind with its options. */
export type BindOptions =
  | { readonly protocol: "http" | "https"; readonly options: HttpOptions }
  | { readonly protocol: "tcp"; readonly options: TcpOptions }
  | { readonly protocol: "tls"; readonly options: TlsOptions };

export type BindProtocol = BindOptions["protocol"];

/** Options that ask for nothing: any host, no module. For the agent to fill in. */
export const NO_HTTP_OPTIONS: HttpOptions = httpOptions.schema.parse({});
export const NO_TCP_OPTIONS: TcpOptions = tcpOptions.schema.parse({});
export const NO_TLS_OPTIONS: TlsOptions = tlsOptions.schema.parse({});

export function encodeBindOptions(bind: BindOptions): Readonly<Record<string, unknown>> {
  switch (bind.protocol) {
    case "http":
    case "https":
      return httpOptions.toWire(bind.options);
    case "tcp":
      return tcpOptions.toWire(bind.options);
    case "tls":
      return tlsOptions.toWire(bind.options);
  }
}
