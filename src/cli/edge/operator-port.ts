/** The operator's address of an edge, where its configuration names one. */
import type { Clock } from "../../base/clock.ts";
import type { EdgeConfig } from "../../config/edge-config.ts";
import type { Edge } from "../../edge/edge.ts";
import { HUB } from "../../edge/workers/worker-hub.ts";
import { edgeMetrics, edgeProcessMetrics } from "../../edge/operations/edge-metrics.ts";
import { OperatorPort } from "../../edge/operations/operator-port.ts";
import type { OpenLog } from "../../telemetry/open-log.ts";
import { joinedMetrics, type Metric } from "../../telemetry/prometheus-text.ts";
import { processUsage } from "../../telemetry/process-usage.ts";
import type { OpenAccessLog } from "./access-log.ts";
import type { EdgeRecords } from "./records.ts";

export interface OperatorPortSurroundings {
  /** The edge is there as soon as its ports are open. */
  readonly serving: { readonly edge?: Edge };
  readonly opened: OpenLog;
  readonly access: OpenAccessLog | undefined;
  readonly records: Pick<EdgeRecords, "store" | "storeErrors">;
  readonly clock: Clock;
}

/** Open before the edge is, so that who asks hears that it starts. @throws UsageError when the address cannot be had */
export function openOperatorPort(config: EdgeConfig, surroundings: OperatorPortSurroundings): OperatorPort | undefined {
  if (config.operator === undefined) return undefined;
  const { serving, opened, access, records, clock } = surroundings;
  const { host: hostname, port } = config.operator;
  return new OperatorPort({
    address: { hostname, port },
    isReady: () => serving.edge?.isReady === true,
    checks: [{ name: "store", check: () => records.store.ping() }],
    metrics: async () => {
      const { edge } = serving;
      if (edge === undefined) return [];
      const dropped = { log: opened.dropped, accessLog: access?.dropped };
      const { figures, meters } = edge;
      const own = edgeProcessMetrics({ figures, meters, dropped, storeErrors: records.storeErrors }, processUsage());
      return [...edgeMetrics(figures), ...(config.workers === 1 ? own : await byWorker(edge, own))];
    },
    clock,
    log: opened.log,
  });
}

/** Each process counts for itself, from its own start on. */
async function byWorker(edge: Edge, own: readonly Metric[]): Promise<readonly Metric[]> {
  const others = [...(await edge.workerMetrics())].map(([worker, metrics]) => [String(worker), metrics] as const);
  return joinedMetrics("worker", new Map([[String(HUB), own], ...others]));
}
