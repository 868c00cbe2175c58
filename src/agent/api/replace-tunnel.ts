import type { TunnelDefinition } from "../../model/tunnel-definition.ts";
import type { ApiServices } from "./api-services.ts";
import type { RunningTunnel } from "./running-tunnel.ts";
import { startTunnel } from "./start-tunnel.ts";

/**
 * Stops a tunnel and starts another under its name. Both may want the same URL, so that they cannot run side by side: when the new
 * one fails, the former is started again. Throws ApiProblem, for the new one.
 */
export async function replaceTunnel(
  services: Pick<ApiServices, "agent" | "refuseTunnel" | "clock" | "log">,
  former: RunningTunnel,
  definition: TunnelDefinition,
): Promise<RunningTunnel> {
  await services.agent.stopTunnel(former.name);
  try {
    return await startTunnel(services, definition);
  } catch (error) {
    await startTunnel(services, former.definition).catch((err: unknown) => {
      services.log.warn("former tunnel not started again", { obj: "web", name: former.name, err });
    });
    throw error;
  }
}
