/** Through which proxy, if any, the agent reaches its edge (reference.md 1.4). */
import { UsageError } from "../base/errors.ts";
import { parseProxyUrl } from "./agent-fields.ts";
import type { Environment } from "./environment.ts";

export interface OutboundProxy {
  /** http, https or socks5; may hold credentials. `undefined`: dial directly. */
  readonly url: URL | undefined;
  /** Hosts that are dialed directly all the same, as `NO_PROXY` writes them, lower case. */
  readonly exceptions: readonly string[];
}

/** In the order in which they count; the session is a TLS connection. The lower-case spelling wins, as with curl. */
const PROXY_VARIABLES = ["https_proxy", "http_proxy", "all_proxy"] as const;

/** What the environment says. Throws UsageError naming a variable that holds no proxy URL. */
export function proxyOfEnvironment(environment: Environment): OutboundProxy {
  const both = PROXY_VARIABLES.flatMap((name) => [name, name.toUpperCase()]);
  const variable = both.find((name) => (environment[name] ?? "") !== "");
  const text = variable === undefined ? undefined : environment[variable];
  const exceptions = (environment["no_proxy"] ?? environment["NO_PROXY"] ?? "").toLowerCase().split(/[\s,]+/);
  try {
    return { url: text === undefined ? undefined : parseProxyUrl(text), exceptions: exceptions.filter(Boolean) };
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`environment variable ${variable}: ${error.message}`) : error;
  }
}

/** The proxy for one host, by the usual reading of `NO_PROXY`: `*`, a host, or a domain with everything below it. */
export function proxyFor({ url, exceptions }: OutboundProxy, host: string): URL | undefined {
  const name = host.toLowerCase();
  const isException = exceptions.some((exception) => {
    const domain = exception.replace(/:\d+$/, "").replace(/^\*?\./, "");
    return exception === "*" || name === domain || name === exception || name.endsWith(`.${domain}`);
  });
  return isException ? undefined : url;
}
