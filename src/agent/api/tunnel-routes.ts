import { z } from "zod";
import { strictTunnelFields } from "../../config/tunnel-fields.ts";
import { ApiProblem } from "./api-problem.ts";
import type { ApiRoute } from "./api-route.ts";
import type { ApiServices } from "./api-services.ts";
import { emptyAnswer, jsonAnswer } from "../../http-api/json-answer.ts";
import { postedTunnel } from "./posted-tunnel.ts";
import { tunnelNamed } from "./running-tunnel.ts";
import { startTunnel } from "./start-tunnel.ts";
import { tunnelListSchema, tunnelListView, tunnelSchema, tunnelView } from "./tunnel-view.ts";

const postedSchema = strictTunnelFields.extend({ name: z.string().optional() });

/** The tunnels in their older words (reference.md 3.2). */
export function tunnelRoutes(services: ApiServices): readonly ApiRoute[] {
  const { agent, clock } = services;
  return [
    {
      method: "GET",
      path: "/api/tunnels",
      summary: "List the tunnels that run",
      answers: { 200: { description: "Sorted by name", schema: tunnelListSchema } },
      handle: () => jsonAnswer(tunnelListView(agent.tunnels, clock.nowMs())),
    },
    {
      method: "POST",
      path: "/api/tunnels",
      summary: "Start a tunnel",
      body: postedSchema,
      answers: { 201: { description: "It runs; of a pair the https one", schema: tunnelSchema } },
      handle: async ({ body }) => {
        const tunnel = await startTunnel(services, postedTunnel(body));
        return jsonAnswer(tunnelView(tunnel, clock.nowMs()), 201);
      },
    },
    {
      method: "GET",
      path: "/api/tunnels/{name}",
      summary: "Show a tunnel",
      answers: { 200: { description: "The tunnel", schema: tunnelSchema } },
      handle: ({ name }) => jsonAnswer(tunnelView(runningTunnel(services, name), clock.nowMs())),
    },
    {
      method: "DELETE",
      path: "/api/tunnels/{name}",
      summary: "Stop a tunnel; the other half of a pair goes on",
      answers: { 204: { description: "Stopped" } },
      handle: async ({ name }) => {
        await stopTunnel(services, name);
        return emptyAnswer();
      },
    },
  ];
}

/** Throws ApiProblem. */
export function runningTunnel({ agent }: Pick<ApiServices, "agent">, name: string) {
  const tunnel = tunnelNamed(agent.tunnels, name);
  if (tunnel === undefined) throw new ApiProblem("notFound", `tunnel ${JSON.stringify(name)} is not running`);
  return tunnel;
}

/** Throws ApiProblem. */
export async function stopTunnel(services: Pick<ApiServices, "agent">, name: string): Promise<void> {
  await services.agent.stopTunnel(runningTunnel(services, name).name);
}
