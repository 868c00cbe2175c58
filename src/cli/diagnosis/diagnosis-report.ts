/** The report of `diagnose`, for whoever is asked for help: what was found, and the configuration without anything secret. */
import { configView } from "../../agent/api/config-view.ts";
import { hasFailed } from "../../agent/diagnosis/step.ts";
import { PRODUCT_VERSION } from "../../base/product-version.ts";
import type { AgentConfig } from "../../config/agent-config.ts";
import type { Diagnosis } from "./diagnosis.ts";

export interface ReportSurroundings {
  readonly at: Date;
  /** `linux x64`. */
  readonly platform: string;
}

/** JSON text. Of credentials it tells whether there are any. */
export function diagnosisReport(
  { groups, best }: Diagnosis,
  config: AgentConfig,
  { at, platform }: ReportSurroundings,
): string {
  const report = {
    ginnel: PRODUCT_VERSION,
    platform,
    at: at.toISOString(),
    ok: !hasFailed(groups),
    region: best?.region ?? null,
    latency_ms: best?.latencyMs ?? null,
    groups,
    config: {
      ...configView(config),
      authtoken: config.authtoken !== undefined,
      api_key: config.apiKey !== undefined,
      // Free text, which may hold anything.
      metadata: config.metadata !== "",
    },
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
