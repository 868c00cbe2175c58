/** What the commands `http`, `tcp` and `tls` ask for, as the tunnel that a file would define with the same words. */
import type { HttpScheme, TunnelDefinition } from "../model/tunnel-definition.ts";
import { COMMAND_LINE_TUNNEL, refuseUnsupported } from "../model/tunnel-definition.ts";
import { blameValues } from "../config/config-problem.ts";
import { readTunnel } from "../config/tunnel-reader.ts";
import type { Invocation } from "./invocation.ts";
import { COMMON_FLAGS } from "./table/common-flags.ts";

export type EndpointInvocation = Invocation<"http"> | Invocation<"tcp"> | Invocation<"tls">;

/** Flags whose key in a file is not their name with underscores; a dot where it stands below another. */
const KEY_OF_FLAG: Readonly<Record<string, string>> = {
  scheme: "schemes",
  binding: "bindings",
  "upstream-protocol": "app_protocol",
  "upstream-proxy-protocol": "proxy_proto",
  "cidr-allow": "ip_restriction.allow_cidrs",
  "cidr-deny": "ip_restriction.deny_cidrs",
  "request-header-add": "request_header.add",
  "request-header-remove": "request_header.remove",
  "response-header-add": "response_header.add",
  "response-header-remove": "response_header.remove",
  "ua-filter-allow": "user_agent_filter.allow",
  "ua-filter-deny": "user_agent_filter.deny",
  "verify-webhook": "verify_webhook.provider",
  "verify-webhook-secret": "verify_webhook.secret",
};

/** `defaultSchemes`: the endpoints of an http tunnel that chooses none. Throws UsageError. */
export function endpointDefinition(
  { command, args: [address], flags }: EndpointInvocation,
  defaultSchemes: readonly HttpScheme[],
): TunnelDefinition {
  const fields = Object.entries(flags)
    .filter(([flag]) => flag !== "name" && !(flag in COMMON_FLAGS))
    .map(([flag, value]) => [KEY_OF_FLAG[flag] ?? flag.replaceAll("-", "_"), value] as const);
  const definition = readTunnel(
    flags.name ?? COMMAND_LINE_TUNNEL,
    { ...nested(fields), proto: command, addr: address },
    { blame: blameValues("command line"), isStrict: true, defaultSchemes },
  );
  refuseUnsupported(definition);
  return definition;
}

/** Keys with a dot become keys of a map of their own. */
function nested(fields: readonly (readonly [key: string, value: unknown])[]): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of fields) {
    const [above = key, below] = key.split(".");
    result[above] = below === undefined ? value : { ...Object(result[above]), [below]: value };
  }
  return result;
}
