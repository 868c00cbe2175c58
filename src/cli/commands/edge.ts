/** `edge`: runs the public side until it is told to stop. */
import type { Clock } from "../../base/clock.ts";
import { loadEdgeConfig } from "../../config/config-loader.ts";
import type { CommandContext } from "../command-context.ts";
import { openEdgeAuthority } from "../edge-authority.ts";
import { openEdgeCertificate } from "../edge-certificate.ts";
import { openAccessLog } from "../edge-access-log.ts";
import { directoryFromConfig, edgeFromConfig } from "../edge-from-config.ts";
import { openOperatorPort } from "../edge-operator-port.ts";
import { type Reloadable, reloadAtHangup } from "../edge-reload.ts";
import { edgeSettingsOf } from "../edge-flags.ts";
import { edgeAuthtokens, keepAuthtoken } from "../edge-authtokens.ts";
import { reloadTokens } from "../edge-tokens-reload.ts";
import type { Invocation } from "../invocation.ts";
import { firstFault } from "../last-resort.ts";
import { openProcessLog } from "../process-log.ts";
import type { Edge } from "../../edge/edge.ts";

/** For what visitors have under way when a fault ends the edge: until it runs again nobody else is served. */
const FAULT_DRAIN_MS = 2_000;

export async function run({ flags }: Invocation<"edge">, context: CommandContext): Promise<number> {
  const { env, clock, print, signal } = context;
  const sources = { configFlags: flags.config ?? [], environment: env, flags: edgeSettingsOf(flags) };
  const config = await loadEdgeConfig(sources);
  await using opened = openProcessLog(config.log, env);
  const { log } = opened;
  using faults = firstFault(log, "a fault of ginnel ends the edge");
  const authtokens = await edgeAuthtokens(config);
  using certificate = await openEdgeCertificate(config.certificate, clock, log);
  using authority = await openEdgeAuthority(config, clock, log);
  await using access = openAccessLog(config, log, clock);
  const serving: { edge?: Edge } = {};
  await using operator = openOperatorPort(config, { serving, opened, access, clock });
  const directory = directoryFromConfig(config, authtokens.hashes);
  const edge = await edgeFromConfig(config, {
    directory,
    accessLog: access?.accessLog,
    certificate,
    authority,
    clock,
    log,
  });
  serving.edge = edge;
  const reloadables: readonly Reloadable[] = [
    ...(certificate === undefined ? [] : [{ what: "certificate", reload: () => certificate.reload() }]),
    ...(access === undefined ? [] : [{ what: "access log", reload: () => access.reopen() }]),
    { what: "authtokens", reload: () => reloadTokens({ load: () => loadEdgeConfig(sources), directory, log }) },
  ];
  // Only now: an edge that could not start must not have told a token that the next start would not tell again.
  if (authtokens.made !== undefined) {
    await keepAuthtoken(authtokens.made, config.dataDir);
    await print(`Authtoken for agents (shown this once): ${authtokens.made}\n`);
  }
  using _reloading = reloadAtHangup(reloadables, log);
  log.info("edge ready", {
    domains: config.domains.join(","),
    http: edge.httpPort,
    https: edge.httpsPort,
    agents: edge.agentPort,
    tcp: config.tcpPorts && `${config.tcpPorts.first}-${config.tcpPorts.last}`,
    region: config.region,
    operator: operator?.port,
  });
  const { drainTimeoutMs } = config.limits;
  try {
    await Promise.race([aborted(signal), faults.fault]);
  } catch (fault) {
    await stop(edge, Math.min(FAULT_DRAIN_MS, drainTimeoutMs), clock);
    throw fault;
  }
  log.info("received stop request", { signal: signal.reason, drain_ms: drainTimeoutMs });
  await stop(edge, drainTimeoutMs, clock);
  faults.rethrow();
  log.info("edge stopped");
  return 0;
}

async function stop(edge: Edge, drainMs: number, clock: Clock): Promise<void> {
  const deadline = new AbortController();
  const cancel = clock.after(drainMs, () => deadline.abort());
  await edge.stop(deadline.signal);
  cancel();
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
