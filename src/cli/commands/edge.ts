/** `edge`: runs the public side until it is told to stop. */
import { join } from "node:path";
import { loadEdgeConfig } from "../../config/config-loader.ts";
import type { Edge } from "../../edge/edge.ts";
import { OnlineNamesFile } from "../../edge/returning/online-names-file.ts";
import type { CommandContext } from "../command-context.ts";
import { atExit } from "../at-exit.ts";
import { openAccessLog } from "../edge/access-log.ts";
import { openEdgeAuthority } from "../edge/authority.ts";
import { openEdgeCertificate } from "../edge/certificate.ts";
import { firstSecrets, firstSecretsText } from "../edge/first-start.ts";
import { edgeSettingsOf } from "../edge/flags.ts";
import { edgeFromConfig } from "../edge/from-config.ts";
import { liveUntilStopped } from "../edge/life.ts";
import { EdgeManagement } from "../edge/management.ts";
import { openOperatorPort } from "../edge/operator-port.ts";
import { openEdgeRecords } from "../edge/records.ts";
import { type Reloadable, reloadableFiles, reloadAtHangup } from "../edge/reload.ts";
import { reloadTokens } from "../edge/tokens-reload.ts";
import { runEdgeWorker } from "../edge/worker.ts";
import { workerRoleOf } from "../edge/worker-role.ts";
import { EdgeWorkers, spawnWorker } from "../edge/workers.ts";
import type { Invocation } from "../invocation.ts";
import { firstFault } from "../last-resort.ts";
import { onHangup } from "../hangup-signal.ts";
import { openProcessLog } from "../process-log.ts";

/** In the data folder. */
const ONLINE_NAMES = "online-names.json";

export async function run({ flags }: Invocation<"edge">, context: CommandContext): Promise<number> {
  const { env, clock, print, signal } = context;
  const sources = { configFlags: flags.config ?? [], environment: env, flags: edgeSettingsOf(flags) };
  const role = workerRoleOf(env);
  // The first process may send a worker one before anything is open, whose usual meaning is to end.
  using _early = role && onHangup(() => {});
  const config = await loadEdgeConfig(sources);
  if (role !== undefined) return await runEdgeWorker(config, role, context);
  await using opened = openProcessLog(config.log, env);
  const { log } = opened;
  using faults = firstFault(log, "a fault of ginnel ends the edge");
  using certificate = await openEdgeCertificate(config.certificate, clock, log);
  await using records = await openEdgeRecords(config, clock, log);
  using authority = await openEdgeAuthority(config, {
    store: records.store,
    nodeId: records.online.nodeId,
    env,
    clock,
    log,
  });
  await using access = openAccessLog(config, log, clock);
  const { store, directory, accountId, names, online, nameHolders } = records;
  await using nameMemory = await OnlineNamesFile.open({ path: join(config.dataDir, ONLINE_NAMES), clock, log });
  const serving: { edge?: Edge } = {};
  await using operator = openOperatorPort(config, { serving, opened, access, records, clock });
  await using management = new EdgeManagement(config, { store, directory, names, serving, clock, log });
  const edge = await edgeFromConfig(config, {
    directory,
    addressKey: store.secrets.keyFor("random TCP addresses"),
    online,
    nameMemory,
    sites: [management.site],
    accessLog: access?.accessLog,
    certificate,
    authority,
    nameHolders,
    clock,
    log,
  });
  serving.edge = edge;
  await management.listen(edge);
  const started: { workers?: EdgeWorkers | undefined } = {};
  // Until they have ended.
  using _killing = atExit(() => started.workers?.kill());
  await using workers =
    config.workers > 1
      ? await EdgeWorkers.start({
          count: config.workers,
          edge,
          site: management.site,
          spawn: spawnWorker(env),
          clock,
          log: log.with({ obj: "workers" }),
        })
      : undefined;
  started.workers = workers;
  const reloadables: readonly Reloadable[] = [
    ...reloadableFiles(certificate, access),
    ...(workers === undefined ? [] : [{ what: "workers", reload: async () => workers.hangUp() }]),
    { what: "authtokens", reload: () => reloadTokens({ load: () => loadEdgeConfig(sources), directory, log }) },
  ];
  // Only now: an edge that could not start must not have told secrets that the next start would not tell again.
  const needsAuthtoken = config.tokenHashes.length === 0;
  const told = firstSecretsText(await firstSecrets(store, { accountId, needsAuthtoken, clock }), management.url);
  if (told !== "") await print(told);
  using _reloading = reloadAtHangup(reloadables, log);
  log.info("edge ready", {
    domains: config.domains.join(","),
    http: edge.httpPort,
    https: edge.httpsPort,
    agents: edge.agentPort,
    tcp: config.tcpPorts && `${config.tcpPorts.first}-${config.tcpPorts.last}`,
    region: config.region,
    operator: operator?.port,
    management: management.port,
    api: management.url,
    workers: config.workers > 1 ? config.workers : undefined,
  });
  await liveUntilStopped(workers ?? edge, { signal, faults, drainMs: config.limits.drainTimeoutMs, clock, log });
  return 0;
}
