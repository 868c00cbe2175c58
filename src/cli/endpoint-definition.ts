/** What the commands `http`, `tcp` and `tls` ask for, as the tunnel that a file would define with the same words. */
import type { HttpScheme, TunnelDefinition } from "../model/tunnel-definition.ts";
import { COMMAND_LINE_TUNNEL, refuseUnsupported } from "../model/tunnel-definition.ts";
import { blameValues } from "../config/config-problem.ts";
import { readTunnel } from "../config/tunnel-reader.ts";
import type { Invocation } from "./invocation.ts";
import { COMMON_FLAGS } from "./table/common-flags.ts";

export type EndpointInvocation = Invocation<"http"> | Invocation<"tcp"> | Invocation<"tls">;

/** Flags whose key in a file is not their name with underscores. */
const KEY_OF_FLAG: Readonly<Record<string, string>> = {
  scheme: "schemes",
  binding: "bindings",
  "upstream-protocol": "app_protocol",
  "upstream-proxy-protocol": "proxy_proto",
};

/** `defaultSchemes`: the endpoints of an http tunnel that chooses none. Throws UsageError. */
export function endpointDefinition(
  { command, args: [address], flags }: EndpointInvocation,
  defaultSchemes: readonly HttpScheme[],
): TunnelDefinition {
  const fields = Object.entries(flags)
    .filter(([flag]) => flag !== "name" && !(flag in COMMON_FLAGS))
    .map(([flag, value]) => [KEY_OF_FLAG[flag] ?? flag.replaceAll("-", "_"), value]);
  const definition = readTunnel(
    flags.name ?? COMMAND_LINE_TUNNEL,
    { ...Object.fromEntries(fields), proto: command, addr: address },
    { blame: blameValues("command line"), isStrict: true, defaultSchemes },
  );
  refuseUnsupported(definition);
  return definition;
}
