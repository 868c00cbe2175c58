/** A further process of an edge, as the first one has started it. */
import { rm } from "node:fs/promises";
import type { EdgeConfig } from "../../config/edge-config.ts";
import { type EdgeLoadOptions, loadEdgeConfig } from "../../config/config-loader.ts";
import { managementSite } from "../../edge/management/management-site.ts";
import { EdgeWorker } from "../../edge/workers/edge-worker.ts";
import { edgeProcessMetrics } from "../../edge/operations/edge-metrics.ts";
import { processUsage } from "../../telemetry/process-usage.ts";
import { dialTcp } from "../../net/tcp-dial.ts";
import type { CommandContext } from "../command-context.ts";
import { firstFault } from "../last-resort.ts";
import { openProcessLog } from "../process-log.ts";
import { openAccessLog } from "./access-log.ts";
import { openEdgeAuthority } from "./authority.ts";
import { openEdgeCertificate } from "./certificate.ts";
import { dataPlaneOptions } from "./from-config.ts";
import { liveUntilStopped } from "./life.ts";
import { managementHost } from "./management.ts";
import { nodeIdOf, openSharedRecords } from "./records.ts";
import { type Reloadable, reloadAtHangup } from "./reload.ts";
import { relayedSite } from "./relayed-site.ts";
import { reloadTokens } from "./tokens-reload.ts";
import { hubSocket, siteSocket, type WorkerRole } from "./worker-role.ts";

/** The first process listens before it starts workers. */
const DIAL_LIMIT_MS = 5_000;

export interface WorkerSurroundings {
  readonly sources: EdgeLoadOptions;
  readonly context: CommandContext;
}

/** Serves until it is told to stop, or the first process has gone; the exit code. */
export async function runEdgeWorker(
  config: EdgeConfig,
  { worker, folder }: WorkerRole,
  { sources, context }: WorkerSurroundings,
): Promise<number> {
  const { env, clock, signal } = context;
  await using opened = openProcessLog(config.log, env);
  const log = opened.log.with({ worker });
  using faults = firstFault(log, "a fault of ginnel ends a worker");
  using certificate = await openEdgeCertificate(config.certificate, clock, log);
  await using records = await openSharedRecords(config, clock, log);
  const { store, directory, nameHolders } = records;
  using authority = await openEdgeAuthority(config, { store, nodeId: `${nodeIdOf(config)}#${worker}`, clock, log });
  await using access = openAccessLog(config, log, clock);
  const site = managementSite({ host: managementHost(config), apps: () => undefined, clock, log });
  const process = { number: worker, count: config.workers };
  const plane = await dataPlaneOptions(
    config,
    {
      directory,
      sites: [relayedSite(site, siteSocket(folder))],
      accessLog: access?.accessLog,
      certificate,
      authority,
      nameHolders,
      clock,
      log,
    },
    worker,
  );
  const hub = await dialTcp({ unix: hubSocket(folder) }, { timeoutMs: DIAL_LIMIT_MS });
  const edge = await EdgeWorker.start(
    {
      ...plane,
      process,
      metrics: (measured) =>
        edgeProcessMetrics(
          {
            ...measured,
            dropped: { log: opened.dropped, accessLog: access?.dropped },
            storeErrors: records.storeErrors,
          },
          processUsage(),
        ),
      caughtUp: () => store.caughtUp(),
    },
    hub,
  );
  const reloadables: readonly Reloadable[] = [
    ...(certificate === undefined ? [] : [{ what: "certificate", reload: () => certificate.reload() }]),
    ...(access === undefined ? [] : [{ what: "access log", reload: () => access.reopen() }]),
    { what: "authtokens", reload: () => reloadTokens({ load: () => loadEdgeConfig(sources), directory, log }) },
  ];
  using _reloading = reloadAtHangup(reloadables, log);
  log.info("worker ready", { http: edge.port("http"), https: edge.port("https"), agents: edge.port("agents") });
  const orphan = new AbortController();
  void edge.orphaned.then(() => orphan.abort("the first process has gone"));
  await liveUntilStopped(edge, {
    signal: AbortSignal.any([signal, orphan.signal]),
    faults,
    drainMs: config.limits.drainTimeoutMs,
    clock,
    log,
  });
  if (!orphan.signal.aborted) return 0;
  // Its owner was killed.
  await rm(folder, { recursive: true, force: true });
  return 1;
}
