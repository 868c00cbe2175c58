import { isInternalName } from "../../model/internal-url.ts";
import type { TunnelDefinition } from "../../model/tunnel-definition.ts";
import type { ApiServices } from "./api-services.ts";
import type { RunningTunnel } from "./running-tunnel.ts";
import { refuseStart, startTunnel } from "./start-tunnel.ts";

const RESTART_LIMIT_MS = 1_000;

/**
 * Stops a tunnel and starts another under its name. Both may want the same URL, so that they cannot run side by side: when the new
 * one fails, the former is started again, as soon as there is a session. Throws ApiProblem, for the new one.
 */
export async function replaceTunnel(
  services: Pick<ApiServices, "agent" | "refuseTunnel" | "clock" | "log">,
  former: RunningTunnel,
  definition: TunnelDefinition,
): Promise<RunningTunnel> {
  const { agent } = services;
  refuseStart(services, definition);
  await agent.stopTunnel(former.name);
  try {
    return await startTunnel(services, definition);
  } catch (error) {
    await startAgain(services, former);
    throw error;
  }
}

/** Waits for it only as long as the caller would. */
async function startAgain(
  { agent, clock, log }: Pick<ApiServices, "agent" | "clock" | "log">,
  former: RunningTunnel,
): Promise<void> {
  const limit = Promise.withResolvers<void>();
  const cancel = clock.after(RESTART_LIMIT_MS, limit.resolve);
  const starting = agent.startTunnel(onceMore(former)).catch((err: unknown) => {
    log.warn("former tunnel not started again", { obj: "web", name: former.name, err });
  });
  await Promise.race([starting, limit.promise]);
  cancel();
}

/** At the host that it had; of a pair this half only. */
function onceMore({ definition, name, proto, publicUrl }: RunningTunnel): TunnelDefinition {
  if (definition.proto !== "http" || (proto !== "http" && proto !== "https")) return definition;
  const { hostname: host, port } = new URL(publicUrl);
  const ownPort = isInternalName(host) && port !== "" ? { port: Number(port) } : {};
  return { ...definition, name, schemes: [proto], host: { kind: "host", host, ...ownPort } };
}
