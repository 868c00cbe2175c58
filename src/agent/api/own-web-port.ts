import { UsageError } from "../../base/errors.ts";
import type { HostPort } from "../../base/host-port.ts";
import type { TunnelDefinition } from "../../model/tunnel-definition.ts";
import { isLoopbackHost } from "./allowed-hosts.ts";

export interface OwnWebPort {
  readonly address: HostPort;
  readonly mayBePublished: boolean;
}

/** What resolvers and hosts files call the loopback besides `localhost`. */
const NAMES_OF_LOOPBACK = /\.localhost$|^ip6-(?:localhost|loopback)$/;

/**
 * A tunnel to the agent's own web port shows every capture to whoever comes (reference.md C-10), so it must ask visitors for
 * credentials. Throws UsageError with the ways out.
 */
export function refuseOpenWebPort(definition: TunnelDefinition, { address, mayBePublished }: OwnWebPort): void {
  if (mayBePublished || !leadsTo(definition, address) || asksForCredentials(definition)) return;
  throw new UsageError(
    `tunnel "${definition.name}" would open the web interface of this agent, with all captures, to everybody; ` +
      "give it basic_auth, or set web_publish: true to let visitors see the agent's status alone",
  );
}

function leadsTo({ upstream }: TunnelDefinition, { host: own, port }: HostPort): boolean {
  if (upstream.kind !== "network" || upstream.port !== port) return false;
  const host = writtenOut(upstream.host);
  return isLoopbackHost(host) || NAMES_OF_LOOPBACK.test(host) || host === own || host === "0.0.0.0" || host === "::";
}

/** Systems take `127.1` and `2130706433` for an address as well; browsers write them out (URL standard, IPv4 parser). */
function writtenOut(host: string): string {
  return host.includes(":") ? host : (URL.parse(`http://${host}/`)?.hostname ?? host);
}

function asksForCredentials(definition: TunnelDefinition): boolean {
  switch (definition.proto) {
    case "http":
      return definition.basicAuth.length > 0;
    case "tls":
      return (definition.termination?.clientCas.length ?? 0) > 0;
    case "tcp":
      return false;
    default:
      return definition satisfies never;
  }
}
