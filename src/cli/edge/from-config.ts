/** Builds the edge that a configuration describes: records, limits and ports. */
import type { Clock } from "../../base/clock.ts";
import { UsageError } from "../../base/errors.ts";
import { PRODUCT_VERSION } from "../../base/product-version.ts";
import type { EdgeConfig } from "../../config/edge-config.ts";
import type { ListenAddress as ConfiguredAddress } from "../../config/listen-address.ts";
import { type NameHolders, ReservedNames } from "../../edge/certificates/name-holders.ts";
import { Edge, type EdgeOptions, type ListenAddress } from "../../edge/edge.ts";
import type { Directory } from "../../edge/directory.ts";
import type { AccessLog } from "../../edge/operations/access-log.ts";
import { loadLocalCa } from "../../pki/local-ca-folder.ts";
import type { ReloadingCertificate } from "../../pki/reloading-certificate.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { connectionsWithinDescriptors, visitorsWithinDescriptors } from "../descriptor-limit.ts";
import { reachableAnyAddress } from "./any-address.ts";
import type { EdgeAuthority } from "./authority.ts";
import { localIssuer } from "./local-issuer.ts";

export interface EdgeSurroundings {
  readonly directory: Directory;
  readonly addressKey?: EdgeOptions["addressKey"];
  readonly online?: EdgeOptions["online"];
  readonly sites?: EdgeOptions["sites"];
  readonly accessLog?: AccessLog | undefined;
  /** The operator's, see edge-certificate.ts. It stays the caller's. */
  readonly certificate: ReloadingCertificate | undefined;
  /** See edge-authority.ts. It stays the caller's. */
  readonly authority?: EdgeAuthority | undefined;
  /** Absent: nobody but those that the configuration names. */
  readonly nameHolders?: NameHolders | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** @throws UsageError for a port that is taken, or an authority that cannot be used */
export async function edgeFromConfig(config: EdgeConfig, surroundings: EdgeSurroundings): Promise<Edge> {
  const { directory, addressKey, online, sites, accessLog, certificate, authority, nameHolders, clock, log } =
    surroundings;
  const [first, ...others] = config.domains;
  if (first === undefined) throw new UsageError("an edge needs a base domain");
  // Without a certificate nobody comes in but by the authority: a damaged one is told now, not to each visitor.
  if (config.usesLocalCa && certificate === undefined) await loadLocalCa(config.dataDir, clock);
  const allAddresses = await reachableAnyAddress();
  const onAddress = (address: ConfiguredAddress | undefined): ListenAddress | undefined =>
    address && { hostname: address.host || allAddresses, port: address.port };
  const edge = new Edge({
    baseDomains: [first, ...others],
    listen: { http: onAddress(config.http), https: onAddress(config.https), agents: onAddress(config.agents) },
    takesAgentsOnHttps: true,
    publicPorts: config.publicPorts,
    tcp: config.tcpPorts && { hostname: tcpHostname(config, allAddresses), ports: config.tcpPorts },
    trustedProxies: config.trustedProxies,
    region: config.region,
    version: PRODUCT_VERSION,
    limits: {
      maxSessions: config.limits.maxSessions,
      maxEndpointsPerAgent: config.limits.maxEndpointsPerSession,
      maxStreamsPerSession: config.limits.maxStreamsPerSession,
      maxVisitors: visitorsWithinDescriptors(1),
      maxConnections: connectionsWithinDescriptors(),
      headMs: config.limits.headTimeoutMs,
      handshakeMs: config.limits.handshakeTimeoutMs,
      idleMs: config.limits.idleTimeoutMs,
    },
    directory,
    addressKey,
    online,
    sites,
    accessLog,
    certificates: certificate === undefined ? [] : [() => certificate.current],
    issue: config.usesLocalCa ? localIssuer(config.dataDir, clock, log) : undefined,
    nameHolders: nameHolders ?? new ReservedNames(config.reserved),
    authority,
    clock,
    log,
  });
  // Agents are refused until there is one for the base domain: the authority is asked before the first of them comes.
  if (!config.usesLocalCa) await Promise.all(config.domains.map((domain) => edge.certificateFor(domain)));
  return edge;
}

/** TCP endpoints are public like the other ports, and stay on the address that they were confined to. */
function tcpHostname({ http, https }: EdgeConfig, allAddresses: string): string {
  return (https ?? http)?.host || allAddresses;
}
