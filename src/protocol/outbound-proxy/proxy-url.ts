import { UsageError } from "../../base/errors.ts";
import { formatHostPort } from "../../base/host-port.ts";

/** A proxy on the agent's way to the edge. */
export interface OutboundProxy {
  /** What is spoken to it: HTTP CONNECT, the same inside TLS, or SOCKS version 5. */
  readonly scheme: "http" | "https" | "socks5";
  /** A host name or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly credentials?: ProxyCredentials;
}

export interface ProxyCredentials {
  readonly user: string;
  /** Never logged, never part of an error. */
  readonly password: string;
}

const DEFAULT_PORT = { http: 80, https: 443, socks5: 1080 } as const;
const SCHEMES: Readonly<Record<string, OutboundProxy["scheme"]>> = {
  "http:": "http",
  "https:": "https",
  "socks5:": "socks5",
  // the proxy resolves names either way, as in the published agent
  "socks5h:": "socks5",
};

/**
 * Reads the URL of a proxy: `http`, `https` or `socks5`, with or without `user:password@`. An address without a scheme is an
 * HTTP proxy, as for curl and Go.
 * @throws UsageError that never shows the URL's credentials; the caller knows where the user wrote it.
 */
export function parseProxyUrl(text: string): OutboundProxy {
  const trimmed = text.trim();
  const url = URL.parse(trimmed.includes("://") ? trimmed : `http://${trimmed}`);
  if (url === null) throw unusable("it is not a URL");
  const scheme = SCHEMES[url.protocol];
  if (scheme === undefined) throw unusable(`the scheme ${JSON.stringify(url.protocol.slice(0, -1))} is not known`);
  if (url.hostname === "") throw unusable("it names no host");
  if (!/^\/?$/.test(url.pathname) || url.search !== "" || url.hash !== "") {
    throw unusable("something follows the port");
  }
  const credentials = credentialsOf(url, scheme);
  return {
    scheme,
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? DEFAULT_PORT[scheme] : Number(url.port),
    ...(credentials && { credentials }),
  };
}

/** The proxy as people may see it: `http://proxy.example:3128`, without credentials. */
export function proxyLabel(proxy: OutboundProxy): string {
  return `${proxy.scheme}://${formatHostPort(proxy)}`;
}

function credentialsOf(url: URL, scheme: OutboundProxy["scheme"]): ProxyCredentials | undefined {
  if (url.username === "" && url.password === "") return undefined;
  const user = decoded(url.username);
  const password = decoded(url.password);
  if (scheme !== "socks5" && user.includes(":")) throw unusable("the user name holds a colon");
  // RFC 1929 section 2: each has one byte for its length
  if (scheme === "socks5" && [user, password].some((word) => Buffer.byteLength(word) > 255)) {
    throw unusable("the user name or the password is longer than 255 bytes");
  }
  if (scheme === "socks5" && user === "") throw unusable("the user name is empty");
  return { user, password };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw unusable("a percent sign in the credentials is not followed by two hexadecimal digits", cause);
  }
}

function unusable(reason: string, cause?: unknown): UsageError {
  const example = "http://host:3128 or socks5://user:password@host:1080";
  return new UsageError(`expected a proxy URL such as ${example}; ${reason}`, { cause });
}
