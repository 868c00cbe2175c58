import { z } from "zod";
import { formatHostPort, type HostPort } from "../../base/host-port.ts";
import type { AgentConfig } from "../../config/agent-config.ts";

/** Of a credential this much may be shown: enough to tell two apart, too little to use. */
const SHOWN_CREDENTIAL_CHARS = 4;
/** Stands for what is not shown. */
const HIDDEN = "…";

/** The configuration in force by the names of its keys, without secrets. Null is what is not set. */
export const configSchema = z.object({
  files: z.array(z.string()),
  version: z.int().nullable(),
  authtoken: z.string().nullable(),
  connect_url: z.string().nullable(),
  region: z.string().nullable(),
  connect_cas: z.string(),
  proxy_url: z.string().nullable(),
  heartbeat_interval_ms: z.number(),
  heartbeat_tolerance_ms: z.number(),
  web_addr: z.string().nullable(),
  web_allow_hosts: z.array(z.string()),
  inspect_db_size: z.int(),
  log: z.string(),
  log_level: z.string(),
  log_format: z.string(),
  metadata: z.string().nullable(),
  remote_management: z.boolean(),
  tunnels: z.array(z.string()),
});

export function configView(config: AgentConfig): z.infer<typeof configSchema> {
  const { web, log, rootCas, proxy } = config;
  return {
    files: [...config.files],
    version: config.version ?? null,
    authtoken: config.authtoken === undefined ? null : shortened(config.authtoken),
    connect_url: addressText(config.serverAddress),
    region: config.region ?? null,
    connect_cas: rootCas.kind === "file" ? rootCas.path : rootCas.kind,
    proxy_url: proxy === undefined ? null : `${proxy.scheme}://${formatHostPort(proxy)}`,
    heartbeat_interval_ms: config.heartbeatIntervalMs,
    heartbeat_tolerance_ms: config.heartbeatToleranceMs,
    web_addr: addressText(web?.address),
    web_allow_hosts: [...(web?.allowHosts ?? [])],
    inspect_db_size: config.captureLimitBytes ?? -1,
    log: log.target.kind === "file" ? log.target.path : log.target.kind,
    log_level: log.level,
    log_format: log.format,
    // Whatever its writer wants the edge to know: it may be private.
    metadata: config.metadata === "" ? null : HIDDEN,
    remote_management: config.allowsRemoteManagement,
    tunnels: [...config.tunnels.keys()].sort(),
  };
}

function shortened(secret: string): string {
  return `${secret.slice(0, Math.min(SHOWN_CREDENTIAL_CHARS, Math.floor(secret.length / 4)))}${HIDDEN}`;
}

function addressText(address: HostPort | undefined): string | null {
  return address === undefined ? null : formatHostPort(address);
}
