import { UsageError } from "../../base/errors.ts";
import type { HostPort } from "../../base/host-port.ts";
import { NoProxyList, isLoopbackTarget } from "./no-proxy.ts";
import { type OutboundProxy, parseProxyUrl } from "./proxy-url.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A session is TLS, so the variable for https comes first; `http_proxy` is the published one (reference.md 1.4). */
const VARIABLES = ["https_proxy", "http_proxy", "all_proxy"] as const;

/**
 * The proxy that the environment names for a session with this edge, unless `NO_PROXY` excludes the edge or it is this
 * machine. Each variable is looked for in capitals first; an empty one counts as unset.
 * @throws UsageError naming the variable that holds no usable URL.
 */
export function environmentProxy(environment: Environment, target: HostPort): OutboundProxy | undefined {
  if (isLoopbackTarget(target)) return undefined;
  if (new NoProxyList(variable(environment, "no_proxy")?.value ?? "").matches(target)) return undefined;
  for (const name of VARIABLES) {
    const found = variable(environment, name);
    if (found !== undefined) return proxyOfVariable(found.name, found.value);
  }
  return undefined;
}

function proxyOfVariable(name: string, value: string): OutboundProxy {
  try {
    return parseProxyUrl(value);
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`environment variable ${name}: ${error.message}`) : error;
  }
}

function variable(environment: Environment, lowerCase: string): { name: string; value: string } | undefined {
  for (const name of [lowerCase.toUpperCase(), lowerCase]) {
    const value = environment[name]?.trim();
    if (value !== undefined && value !== "") return { name, value };
  }
  return undefined;
}
