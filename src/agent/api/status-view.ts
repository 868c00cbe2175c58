import { z } from "zod";
import { formatDuration } from "../../base/duration.ts";
import { COMPATIBLE_VERSION, PRODUCT_VERSION } from "../../base/product-version.ts";
import type { Agent } from "../agent.ts";

const STATES = ["online", "connecting", "reconnecting", "offline"] as const;

/** Reference.md 3.5; `latency` and `uptime` are durations in Go's spelling. */
export const statusSchema = z.object({
  status: z.enum(STATES),
  agent_version: z.string(),
  session: z.object({
    legs: z.array(
      z.object({ region: z.string(), latency: z.string(), state: z.enum(STATES), reason: z.string().nullable() }),
    ),
  }),
  uri: z.literal("/api/status"),
  uptime: z.string(),
  ginnel_version: z.string(),
});

/** `agent_version` is that of the published agent which this one does as; programs compare it. */
export function statusView(
  { status: { state }, legs }: Pick<Agent, "status" | "legs">,
  uptimeMs: number,
): z.infer<typeof statusSchema> {
  return {
    status: state,
    agent_version: COMPATIBLE_VERSION,
    session: {
      legs: legs.map((leg) => ({
        region: leg.region,
        latency: latencyText(leg.latencyMs ?? 0),
        state: leg.state,
        reason: leg.reason ?? null,
      })),
    },
    uri: "/api/status",
    uptime: formatDuration(Math.round(uptimeMs / 1_000) * 1_000),
    ginnel_version: PRODUCT_VERSION,
  };
}

/** Microseconds of a latency tell nothing. */
function latencyText(latencyMs: number): string {
  return formatDuration(Math.round(latencyMs * 10) / 10);
}
