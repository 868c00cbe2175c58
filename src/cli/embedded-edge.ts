/** The edge inside the agent's own process, for when no server is named: loopback only, no account, no set-up. */
import type { Clock } from "../base/clock.ts";
import { UsageError } from "../base/errors.ts";
import { PRODUCT_VERSION } from "../base/product-version.ts";
import { surroundings } from "../config/config-loader.ts";
import { defaultDataDir } from "../config/config-location.ts";
import type { Environment } from "../config/environment.ts";
import { Edge, type EdgeOptions } from "../edge/edge.ts";
import { openDirectory } from "../edge/static-directory.ts";
import type { Logger } from "../telemetry/logger.ts";
import { connectionsWithinDescriptors, visitorsWithinDescriptors } from "./descriptor-limit.ts";
import { localIssuer } from "./edge/local-issuer.ts";

/** Every name below it leads to this machine (RFC 6761 section 6.3): browsers and curl need no DNS. */
const BASE_DOMAIN = "localhost";
const LOOPBACK = "127.0.0.1";
const FIRST_HTTP_PORT = 4080;
const FIRST_HTTPS_PORT = 4443;
/** So many agents can run beside each other before the system chooses ports. */
const PORTS_TRIED = 100;

export interface EmbeddedEdgeOptions {
  /** Where the CA is kept, so that people have to trust it once only; undefined where there is no such place. */
  readonly dataDir: string | undefined;
  readonly region: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** On the first free pair of ports from 4080 and 4443. */
export function embeddedEdge(options: EmbeddedEdgeOptions): Edge {
  const common = commonOptions(options);
  for (let offset = 0; offset < PORTS_TRIED; offset += 1) {
    const edge = tryPorts(common, FIRST_HTTP_PORT + offset, FIRST_HTTPS_PORT + offset);
    if (edge !== undefined) return edge;
  }
  return new Edge(listeningOn(common, 0, 0));
}

/** Its {@link EmbeddedEdgeOptions.dataDir}. */
export async function embeddedDataDir(environment: Environment): Promise<string | undefined> {
  try {
    return defaultDataDir(await surroundings(environment));
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function tryPorts(common: EdgeOptions, http: number, https: number): Edge | undefined {
  try {
    return new Edge(listeningOn(common, http, https));
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function listeningOn(common: EdgeOptions, http: number, https: number): EdgeOptions {
  const at = (port: number): { hostname: string; port: number } => ({ hostname: LOOPBACK, port });
  return { ...common, listen: { http: at(http), https: at(https) } };
}

function commonOptions({ dataDir, region, clock, log }: EmbeddedEdgeOptions): EdgeOptions {
  return {
    baseDomains: [BASE_DOMAIN],
    listen: {},
    takesAgentsOnHttps: false,
    publicPorts: { http: undefined, https: undefined },
    tcp: { hostname: LOOPBACK, ports: { first: 20_000, last: 29_999 } },
    region,
    version: PRODUCT_VERSION,
    limits: {
      maxSessions: 1,
      maxEndpointsPerAgent: 1_000,
      maxStreamsPerSession: 10_000,
      // The visitor's connection, and the one to the upstream.
      maxVisitors: visitorsWithinDescriptors(2),
      maxConnections: connectionsWithinDescriptors(),
      headMs: 30_000,
      handshakeMs: 60_000,
      idleMs: 300_000,
    },
    directory: openDirectory,
    certificates: [],
    issue: localIssuer(dataDir, clock, log),
    clock,
    log,
  };
}
