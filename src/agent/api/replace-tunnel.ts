import type { TunnelDefinition } from "../../model/tunnel-definition.ts";
import type { ApiServices } from "./api-services.ts";
import type { RunningTunnel } from "./running-tunnel.ts";
import { refuseStart, startTunnel } from "./start-tunnel.ts";

/**
 * Stops a tunnel and starts another under its name. Both may want the same URL, so that they cannot run side by side: when the new
 * one fails, the former is started again, as soon as there is a session. Throws ApiProblem, for the new one.
 */
export async function replaceTunnel(
  services: Pick<ApiServices, "agent" | "refuseTunnel" | "clock" | "log">,
  former: RunningTunnel,
  definition: TunnelDefinition,
): Promise<RunningTunnel> {
  const { agent, log } = services;
  refuseStart(services, definition);
  await agent.stopTunnel(former.name);
  try {
    return await startTunnel(services, definition);
  } catch (error) {
    agent.startTunnel(onceMore(former)).catch((err: unknown) => {
      log.warn("former tunnel not started again", { obj: "web", name: former.name, err });
    });
    throw error;
  }
}

/** At the host that it had; of a pair this half only. */
function onceMore({ definition, name, proto, publicUrl }: RunningTunnel): TunnelDefinition {
  if (definition.proto !== "http" || (proto !== "http" && proto !== "https")) return definition;
  return { ...definition, name, schemes: [proto], host: { kind: "host", host: new URL(publicUrl).hostname } };
}
