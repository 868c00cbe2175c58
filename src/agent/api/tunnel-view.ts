import { z } from "zod";
import { metricsSchema, metricsView } from "./metrics-view.ts";
import { encodeName, type RunningTunnel } from "./running-tunnel.ts";

export const PUBLIC_SCHEMES = ["http", "https", "tcp", "tls"] as const;

/** T of reference.md 3.2. */
export const tunnelSchema = z.object({
  name: z.string(),
  ID: z.string(),
  uri: z.string(),
  public_url: z.string(),
  proto: z.enum(PUBLIC_SCHEMES),
  config: z.object({ addr: z.string(), inspect: z.boolean() }),
  metrics: metricsSchema,
});

export function tunnelView(tunnel: RunningTunnel, nowMs: number): z.infer<typeof tunnelSchema> {
  const { id: ID, name, publicUrl: public_url, proto, address: addr, inspect, metrics } = tunnel;
  const uri = `/api/tunnels/${encodeName(name)}`;
  return { name, ID, uri, public_url, proto, config: { addr, inspect }, metrics: metricsView(metrics, nowMs) };
}

export const tunnelListSchema = z.object({ tunnels: z.array(tunnelSchema), uri: z.literal("/api/tunnels") });

/** In the order given. */
export function tunnelListView(tunnels: readonly RunningTunnel[], nowMs: number): z.infer<typeof tunnelListSchema> {
  return { tunnels: tunnels.map((tunnel) => tunnelView(tunnel, nowMs)), uri: "/api/tunnels" };
}
