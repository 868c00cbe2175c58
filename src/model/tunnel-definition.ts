/**
 * A tunnel as its user defined it, once parsed: what it carries, where it leads, which public names it wants, and how visitors
 * are treated. Comes from a configuration file, the command line or the agent's API; knows none of their spellings.
 */
import { UsageError } from "../base/errors.ts";
import type { HostPort } from "../base/host-port.ts";
import type { TunnelModules } from "./tunnel-modules.ts";
import type { UpstreamAddress } from "./upstream-address.ts";

/** Name of the tunnel that the commands `http`, `tcp` and `tls` start, when none is given. */
export const COMMAND_LINE_TUNNEL = "command_line";

export type TunnelDefinition = HttpTunnel | TcpTunnel | TlsTunnel;

interface TunnelCommon {
  readonly name: string;
  readonly upstream: UpstreamAddress;
  /** Free text for the management API, at most {@link MAX_METADATA_BYTES} bytes; empty when absent. */
  readonly metadata: string;
  /** At most {@link MAX_DESCRIPTION_BYTES} bytes; empty when absent. */
  readonly description: string;
  /** Shares its public address with other endpoints of the account that do too (reference.md 7.12). */
  readonly isPooled: boolean;
  /** Version of the PROXY protocol header that the upstream wants before each connection. */
  readonly proxyProtocol: ProxyProtocolVersion | undefined;
  /** What the edge shall do with visitors; absent: let them through. */
  readonly modules?: TunnelModules;
  /**
   * Settings, in the user's spelling, that ask for something which is not built yet. A tunnel with any of them must not start
   * (see {@link refuseUnsupported}): ignoring one could open what the user meant to close.
   */
  readonly unsupported: readonly string[];
  /** The edge asked for it; the user who runs the agent did not. */
  readonly isRemote?: boolean;
}

export const MAX_METADATA_BYTES = 4096;
export const MAX_DESCRIPTION_BYTES = 255;

export type ProxyProtocolVersion = 1 | 2;

export interface HttpTunnel extends TunnelCommon {
  readonly proto: "http";
  /** Which public endpoints: one or both, never empty, never twice the same. */
  readonly schemes: readonly HttpScheme[];
  readonly host: HostWish;
  readonly hostHeader: HostHeaderRule;
  /** `user:password` pairs of which a visitor must present one; empty: open to all. At most {@link MAX_BASIC_AUTH_PAIRS}. */
  readonly basicAuth: readonly string[];
  readonly inspect: boolean;
  /** The version of HTTP that the upstream is spoken to in. */
  readonly upstreamProtocol: UpstreamProtocol;
  readonly upstreamTls: UpstreamTlsRule;
  /** Authorities of which visitors must present a certificate to the edge; absent: none is asked for. Of https endpoints alone. */
  readonly clientCas?: readonly PemSource[];
}

/** `http2`: with prior knowledge in the clear, by ALPN behind TLS. */
export type UpstreamProtocol = "http1" | "http2";

export const MAX_BASIC_AUTH_PAIRS = 10;

export type HttpScheme = "http" | "https";

export interface TcpTunnel extends TunnelCommon {
  readonly proto: "tcp";
  /** The public address wanted; a random port when absent. */
  readonly remoteAddress: HostPort | undefined;
}

export interface TlsTunnel extends TunnelCommon {
  readonly proto: "tls";
  readonly host: HostWish;
  /** Present: the agent ends the visitor's TLS. */
  readonly termination: AgentTermination | undefined;
  /** Present, instead: the edge does. With neither bytes reach the upstream as the visitor encrypted them. */
  readonly edgeTermination?: EdgeTermination;
  readonly upstreamTls: UpstreamTlsRule;
}

/**
 * The host name wanted. `label` and `host` are valid names in lower case; `host` may be a wildcard. A public
 * name is had at the `port` of the edge alone, an internal one at any; absent: that of the edge, or of the scheme.
 */
export type HostWish =
  | { readonly kind: "random" }
  /** `label.E` for a base domain E of the edge's choice; may hold periods, and a leading `*`. */
  | { readonly kind: "subdomain"; readonly label: string }
  | { readonly kind: "host"; readonly host: string; readonly port?: number };

/** What becomes of the Host header (reference.md 7.4). */
export type HostHeaderRule =
  | { readonly kind: "preserve" }
  /** To the host of the upstream address. */
  | { readonly kind: "rewrite" }
  | { readonly kind: "value"; readonly value: string };

/** PEM text in the definition itself, or a file of it; the path is as written, relative to the working directory. */
export type PemSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "text"; readonly text: string };

export interface AgentTermination {
  readonly certificate: PemSource;
  readonly key: PemSource;
  /** Authorities of which visitors must present a certificate; empty: none is asked for. */
  readonly clientCas: readonly PemSource[];
}

export interface EdgeTermination {
  /** Absent: the edge's own for the name. The edge gets the key. */
  readonly pair: Pick<AgentTermination, "certificate" | "key"> | undefined;
  readonly clientCas: readonly PemSource[];
}

/** Whether the certificate of a TLS upstream is checked, and against which authorities (absent: the system's). */
export interface UpstreamTlsRule {
  readonly verify: boolean;
  readonly cas: PemSource | undefined;
}

/** Throws UsageError when the tunnel asks for something that is not built yet, naming each setting. */
export function refuseUnsupported(tunnel: TunnelDefinition): void {
  if (tunnel.unsupported.length === 0) return;
  const names = tunnel.unsupported.join(", ");
  const remedy =
    tunnel.unsupported.length === 1 ? "is not yet supported; remove it" : "are not yet supported; remove them";
  throw new UsageError(`tunnel "${tunnel.name}" cannot start: ${names} ${remedy} to start without`);
}
