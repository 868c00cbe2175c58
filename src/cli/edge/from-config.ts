/** Builds the edge that a configuration describes: records, limits and ports. */
import type { Clock } from "../../base/clock.ts";
import { UsageError } from "../../base/errors.ts";
import { PRODUCT_VERSION } from "../../base/product-version.ts";
import type { EdgeConfig } from "../../config/edge-config.ts";
import type { ListenAddress as ConfiguredAddress } from "../../config/listen-address.ts";
import { type NameHolders, ReservedNames } from "../../edge/certificates/name-holders.ts";
import type { DataPlaneLimits, DataPlaneOptions, EdgeProcess } from "../../edge/data-plane.ts";
import type { ListenAddress } from "../../edge/edge-ports.ts";
import { Edge, type EdgeOptions } from "../../edge/edge.ts";
import type { Directory } from "../../edge/directory.ts";
import type { AccessLog } from "../../edge/operations/access-log.ts";
import { HUB } from "../../edge/workers/worker-hub.ts";
import type { PortSharing } from "../../net/tcp-listen.ts";
import { loadLocalCa } from "../../pki/local-ca-folder.ts";
import type { ReloadingCertificate } from "../../pki/reloading-certificate.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { connectionsWithinDescriptors, visitorsWithinDescriptors } from "../descriptor-limit.ts";
import { reachableAnyAddress } from "./any-address.ts";
import type { EdgeAuthority } from "./authority.ts";
import { configurationMark } from "./configuration-mark.ts";
import { localIssuer } from "./local-issuer.ts";

export interface EdgeSurroundings extends PlaneSurroundings {
  readonly addressKey?: EdgeOptions["addressKey"];
  readonly online?: EdgeOptions["online"];
  readonly nameMemory?: EdgeOptions["nameMemory"];
}

/** What every process of the edge needs. */
export interface PlaneSurroundings {
  readonly directory: Directory;
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
  const { addressKey, online, nameMemory, certificate, clock } = surroundings;
  // Without a certificate nobody comes in but by the authority: a damaged one is told now, not to each visitor.
  if (config.usesLocalCa && certificate === undefined) await loadLocalCa(config.dataDir, clock);
  const plane = await dataPlaneOptions(config, surroundings);
  const { maxSessions, maxEndpointsPerSession: maxEndpointsPerAgent } = config.limits;
  const limits = { ...plane.limits, maxSessions, maxEndpointsPerAgent };
  const edge = new Edge({ ...plane, limits, addressKey, online, nameMemory });
  // Agents are refused until there is one for the base domain: the authority is asked before the first of them comes.
  if (!config.usesLocalCa) await Promise.all(config.domains.map((domain) => edge.certificateFor(domain)));
  return edge;
}

/** One of several processes. */
export function edgeProcess(config: EdgeConfig, number: number): EdgeProcess {
  return { number, count: config.workers, configuration: configurationMark(config) };
}

/** What every process of the edge is made of. */
export async function dataPlaneOptions(
  config: EdgeConfig,
  surroundings: PlaneSurroundings,
  process: number = HUB,
): Promise<DataPlaneOptions & { readonly limits: DataPlaneLimits }> {
  const { directory, sites, accessLog, certificate, authority, nameHolders, clock, log } = surroundings;
  const [first, ...others] = config.domains;
  if (first === undefined) throw new UsageError("an edge needs a base domain");
  const allAddresses = await reachableAnyAddress();
  const sharing: PortSharing | undefined = config.workers === 1 ? undefined : process === HUB ? "first" : "further";
  const onAddress = (address: ConfiguredAddress | undefined): ListenAddress | undefined =>
    address && { hostname: address.host || allAddresses, port: address.port, sharing };
  return {
    baseDomains: [first, ...others],
    listen: { http: onAddress(config.http), https: onAddress(config.https), agents: onAddress(config.agents) },
    takesAgentsOnHttps: true,
    publicPorts: config.publicPorts,
    tcp: config.tcpPorts && { hostname: tcpHostname(config, allAddresses), ports: config.tcpPorts, sharing },
    trustedProxies: config.trustedProxies,
    process: config.workers === 1 ? undefined : edgeProcess(config, process),
    region: config.region,
    version: PRODUCT_VERSION,
    limits: {
      maxStreamsPerSession: config.limits.maxStreamsPerSession,
      maxVisitors: visitorsWithinDescriptors(1),
      maxConnections: connectionsWithinDescriptors(),
      headMs: config.limits.headTimeoutMs,
      handshakeMs: config.limits.handshakeTimeoutMs,
      idleMs: config.limits.idleTimeoutMs,
    },
    directory,
    sites,
    accessLog,
    certificates: certificate === undefined ? [] : [() => certificate.current],
    issue: config.usesLocalCa ? localIssuer(config.dataDir, clock, log) : undefined,
    nameHolders: nameHolders ?? new ReservedNames(config.reserved),
    authority,
    clock,
    log,
  };
}

/** TCP endpoints are public like the other ports, and stay on the address that they were confined to. */
function tcpHostname({ http, https }: EdgeConfig, allAddresses: string): string {
  return (https ?? http)?.host || allAddresses;
}
