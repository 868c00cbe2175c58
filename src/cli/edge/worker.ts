/** A further process of an edge, as the first one has started it. */
import type { EdgeConfig } from "../../config/edge-config.ts";
import { managementSite } from "../../edge/management/management-site.ts";
import { EdgeWorker, type EdgeWorkerOptions } from "../../edge/workers/edge-worker.ts";
import { edgeProcessMetrics } from "../../edge/operations/edge-metrics.ts";
import { processUsage } from "../../telemetry/process-usage.ts";
import { DialError } from "../../net/dial-error.ts";
import { SessionError } from "../../net/session-error.ts";
import { dialTcp } from "../../net/tcp-dial.ts";
import { RemoteError } from "../../protocol/rpc/rpc-error.ts";
import type { CommandContext } from "../command-context.ts";
import { firstFault } from "../last-resort.ts";
import { openProcessLog } from "../process-log.ts";
import { openAccessLog } from "./access-log.ts";
import { openEdgeAuthority } from "./authority.ts";
import { openEdgeCertificate } from "./certificate.ts";
import { removeIfDeserted } from "./deserted-folder.ts";
import { dataPlaneOptions, edgeProcess } from "./from-config.ts";
import { FAULT_DRAIN_MS, liveUntilStopped } from "./life.ts";
import { managementHost } from "./management.ts";
import { nodeIdOf, openSharedRecords } from "./records.ts";
import { reloadableFiles, reloadAtHangup } from "./reload.ts";
import { relayedSite } from "./relayed-site.ts";
import { hubSocket, siteSocket, type WorkerRole } from "./worker-role.ts";

/** The first process listens before it starts workers. */
const DIAL_LIMIT_MS = 5_000;

/** Serves until the first process lets it go, or is gone itself; the exit code. */
export async function runEdgeWorker(
  config: EdgeConfig,
  { worker, folder }: WorkerRole,
  context: CommandContext,
): Promise<number> {
  const { env, clock, signal } = context;
  // A group of processes is told all at once. Who may end when is known to the first one, which is told too.
  context.ignoreStopSignals?.();
  if (signal.aborted) return 0;
  await using opened = openProcessLog(config.log, env);
  const log = opened.log.with({ worker });
  using faults = firstFault(log, "a fault of ginnel ends a worker");
  using certificate = await openEdgeCertificate(config.certificate, clock, log);
  await using records = await openSharedRecords(config, clock, log);
  const { store, directory, nameHolders } = records;
  const nodeId = `${nodeIdOf(config)}#${worker}`;
  using authority = await openEdgeAuthority(config, { store, nodeId, env, clock, log });
  await using access = openAccessLog(config, log, clock);
  const site = managementSite({ host: managementHost(config), apps: () => undefined, clock, log });
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
  const metrics: EdgeWorkerOptions["metrics"] = (measured) => {
    const dropped = { log: opened.dropped, accessLog: access?.dropped };
    return edgeProcessMetrics({ ...measured, dropped, storeErrors: records.storeErrors }, processUsage());
  };
  const own = edgeProcess(config, worker);
  const caughtUp = (): Promise<void> => store.caughtUp();
  const edge = await joined({ ...plane, process: own, pid: process.pid, metrics, caughtUp }, folder);
  if (edge === undefined) return 1;
  // Who may come in is known to the first process.
  using _reloading = reloadAtHangup(reloadableFiles(certificate, access), log);
  log.info("worker ready", { http: edge.port("http"), https: edge.port("https"), agents: edge.port("agents") });
  const over = new AbortController();
  void edge.orphaned.then(() => over.abort(edge.isDraining ? "the edge stops" : "the first process is gone"));
  // Its agents can bind nothing any more, and their names are not online at the edge that may be there again.
  const drainMs = Math.min(FAULT_DRAIN_MS, config.limits.drainTimeoutMs);
  await liveUntilStopped(edge, { signal: over.signal, faults, drainMs, clock, log });
  if (edge.isDraining) return 0;
  await removeIfDeserted(folder);
  return 1;
}

/** `undefined`, with a line in the log: the first process does not take this one, or is gone. */
async function joined(options: EdgeWorkerOptions, folder: string): Promise<EdgeWorker | undefined> {
  try {
    const hub = await dialTcp({ unix: hubSocket(folder) }, { timeoutMs: DIAL_LIMIT_MS });
    return await EdgeWorker.start(options, hub);
  } catch (error) {
    if (!(error instanceof DialError || error instanceof SessionError || error instanceof RemoteError)) throw error;
    options.log.warn("worker is not taken in", { err: error });
    return undefined;
  }
}
