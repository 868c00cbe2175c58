import { z } from "zod";
import { isInternalName } from "../../model/internal-url.ts";
import { metricsView } from "./metrics-view.ts";
import { encodeName, type RunningTunnel } from "./running-tunnel.ts";
import { tunnelSchema, tunnelView } from "./tunnel-view.ts";

/** E of reference.md 3.6 with everything that a reader of tunnels looks for as well (clients.md K-128). */
export const endpointSchema = tunnelSchema.extend({
  id: z.string(),
  url: z.string(),
  upstream: z.object({ url: z.string(), protocol: z.enum(["http1", "http2"]).optional() }),
  inspect: z.boolean(),
  bindings: z.array(z.string()),
  pooling_enabled: z.boolean(),
  traffic_policy: z.string(),
  description: z.string(),
  metadata: z.string(),
});

export function endpointView(tunnel: RunningTunnel, nowMs: number): z.infer<typeof endpointSchema> {
  const { definition, inspect, address, id, publicUrl: url, trafficPolicy } = tunnel;
  const { description, metadata } = definition;
  return {
    ...tunnelView(tunnel, nowMs),
    id,
    uri: `/api/endpoints/${encodeName(tunnel.name)}`,
    url,
    upstream: { url: address, ...(definition.proto === "http" ? { protocol: definition.upstreamProtocol } : {}) },
    inspect,
    bindings: [isInternalName(new URL(url).hostname) ? "internal" : "public"],
    pooling_enabled: definition.isPooled,
    traffic_policy: trafficPolicy,
    description,
    metadata,
    metrics: metricsView(tunnel.metrics, nowMs),
  };
}

export const endpointListSchema = z.object({
  endpoints: z.array(endpointSchema),
  uri: z.literal("/api/endpoints"),
});

/** In the order given. */
export function endpointListView(tunnels: readonly RunningTunnel[], nowMs: number): z.infer<typeof endpointListSchema> {
  return { endpoints: tunnels.map((tunnel) => endpointView(tunnel, nowMs)), uri: "/api/endpoints" };
}
