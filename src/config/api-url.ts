/** Where the management API is, as a user writes it. */
import { isIP } from "node:net";
import { UsageError } from "../base/errors.ts";
import { bracketHost, type HostPort } from "../base/host-port.ts";
import { isLoopbackTarget } from "../protocol/outbound-proxy/no-proxy.ts";

/** The API is served at the root of its host (clients.md K-160). */
export interface ApiUrl extends HostPort {
  /** Without it keys travel in clear, which is for this machine alone. */
  readonly isSecure: boolean;
}

const PORTS = { https: 443, http: 80 } as const;
const FORM = "expected https://HOST or https://HOST:PORT";

/** Reads `api_url`. Throws UsageError, which shows nothing of what was written: a password may be part of it. */
export function parseApiUrl(text: string): ApiUrl {
  const url = URL.parse(text);
  const scheme = url?.protocol.replace(":", "");
  if (url === null || (scheme !== "https" && scheme !== "http")) throw new UsageError(FORM);
  const isBare = url.username === "" && url.password === "" && url.pathname === "/" && url.search + url.hash === "";
  if (!isBare || url.hostname === "") throw new UsageError(`${FORM}, and nothing else`);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const address = { host, port: url.port === "" ? PORTS[scheme] : Number(url.port), isSecure: scheme === "https" };
  if (!address.isSecure && !isLoopbackTarget(address)) {
    throw new UsageError(`${FORM}; with http a key would travel in clear, so that is for this machine alone`);
  }
  return address;
}

export function formatApiUrl({ host, port, isSecure }: ApiUrl): string {
  const scheme = isSecure ? "https" : "http";
  return `${scheme}://${bracketHost(host)}${port === PORTS[scheme] ? "" : `:${port}`}`;
}

/**
 * An edge that is known by a name serves its API at `api.` below its base domain, on the same port; agents may know it as `connect.`
 * there. Of an address nobody can tell.
 */
export function apiUrlOfEdge({ host, port }: HostPort): ApiUrl | undefined {
  if (isIP(host) !== 0) return undefined;
  return { host: `api.${host.replace(/^connect\./i, "")}`, port, isSecure: true };
}
