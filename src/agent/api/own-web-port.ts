/** Tunnels that lead to the agent's own web port. */
import { hostname, networkInterfaces } from "node:os";
import { UsageError } from "../../base/errors.ts";
import type { HostPort } from "../../base/host-port.ts";
import type { TunnelDefinition } from "../../model/tunnel-definition.ts";
import { isLoopbackHost, writtenOut } from "../../http-api/allowed-hosts.ts";

export interface OwnWebPort {
  readonly address: HostPort;
  /** `web_publish`. */
  readonly mayBePublished: boolean;
}

/** What resolvers and hosts files call the loopback besides `localhost`. */
const NAMES_OF_LOOPBACK = /\.localhost$|^ip6-(?:localhost|loopback)$/;
/** Whoever connects to these reaches the loopback. */
const ANY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/**
 * A tunnel to the agent's own web port shows every capture to whoever comes (reference.md C-10), so it must ask visitors for
 * credentials. `web_publish` stands in for them only where visitors cannot choose the Host by which they are known: the edge
 * finds an http tunnel by it. Names that only a resolver knows to be this machine's are not recognized.
 * `ownHosts`: see {@link hostsOfThisMachine}. Throws UsageError with the ways out.
 */
export function refuseOpenWebPort(
  definition: TunnelDefinition,
  { address, mayBePublished }: OwnWebPort,
  ownHosts: () => readonly string[] = hostsOfThisMachine,
): void {
  if (!leadsTo(definition, address, ownHosts) || asksForCredentials(definition)) return;
  if (mayBePublished && keepsHost(definition)) return;
  throw new UsageError(
    `tunnel "${definition.name}" would open the web interface of this agent, with all captures, to everybody; make it an ` +
      "http tunnel with basic_auth, or one that keeps the Host header and set web_publish: true to let visitors see the agent's status alone",
  );
}

/** Its name, and the addresses of its interfaces as they are now. */
export function hostsOfThisMachine(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((found = []) => found.map(({ address }) => address));
  return [hostname().toLowerCase(), ...addresses];
}

/** Whether the tunnel leads there. Names that only a resolver knows to be this machine's are not recognized. */
export function leadsToWebPort(definition: TunnelDefinition, { address }: OwnWebPort): boolean {
  return leadsTo(definition, address, hostsOfThisMachine);
}

function leadsTo({ upstream }: TunnelDefinition, own: HostPort, ownHosts: () => readonly string[]): boolean {
  return upstream.kind === "network" && upstream.port === own.port && isThisMachine(upstream.host, own, ownHosts);
}

/** Whether a connection to this host and the port of `own` comes out at it. */
export function isThisMachine(
  written: string,
  own: HostPort,
  ownHosts: () => readonly string[] = hostsOfThisMachine,
): boolean {
  const host = writtenOut(written);
  if (isLoopbackHost(host) || NAMES_OF_LOOPBACK.test(host) || ANY_ADDRESS.has(host)) return true;
  // Beyond the loopback the port may be open at every address of this machine.
  return !isLoopbackHost(own.host) && [own.host, ...ownHosts()].some((known) => writtenOut(known) === host);
}

function asksForCredentials(definition: TunnelDefinition): boolean {
  switch (definition.proto) {
    case "http":
      return definition.basicAuth.length > 0 || definition.clientCas !== undefined;
    case "tls":
      return ((definition.termination ?? definition.edgeTermination)?.clientCas.length ?? 0) > 0;
    case "tcp":
      return false;
    default:
      return definition satisfies never;
  }
}

function keepsHost(definition: TunnelDefinition): boolean {
  return definition.proto === "http" && definition.hostHeader.kind === "preserve";
}
