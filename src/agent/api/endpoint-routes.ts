import { endpointFields } from "../../config/endpoint-reader.ts";
import type { ApiRoute } from "./api-route.ts";
import type { ApiServices } from "./api-services.ts";
import { endpointListSchema, endpointListView, endpointSchema, endpointView } from "./endpoint-view.ts";
import { emptyAnswer, jsonAnswer } from "../../http-api/json-answer.ts";
import { postedEndpoint } from "./posted-tunnel.ts";
import { replaceTunnel } from "./replace-tunnel.ts";
import { tunnelNamed } from "./running-tunnel.ts";
import { startTunnel } from "./start-tunnel.ts";
import { runningTunnel, stopTunnel } from "./tunnel-routes.ts";

/** The same tunnels in the words of configuration version 3 (reference.md 3.6). */
export function endpointRoutes(services: ApiServices): readonly ApiRoute[] {
  const { agent, clock } = services;
  return [
    {
      method: "GET",
      path: "/api/endpoints",
      summary: "List the endpoints that run",
      answers: { 200: { description: "Sorted by name", schema: endpointListSchema } },
      handle: () => jsonAnswer(endpointListView(agent.tunnels, clock.nowMs())),
    },
    {
      method: "POST",
      path: "/api/endpoints",
      summary: "Start an endpoint",
      body: endpointFields,
      answers: { 201: { description: "It runs", schema: endpointSchema } },
      handle: async ({ body }) => {
        const tunnel = await startTunnel(services, postedEndpoint(body));
        return jsonAnswer(endpointView(tunnel, clock.nowMs()), 201);
      },
    },
    {
      method: "GET",
      path: "/api/endpoints/{name}",
      summary: "Show an endpoint",
      answers: { 200: { description: "The endpoint", schema: endpointSchema } },
      handle: ({ name }) => jsonAnswer(endpointView(runningTunnel(services, name), clock.nowMs())),
    },
    {
      method: "PUT",
      path: "/api/endpoints/{name}",
      summary: "Start an endpoint, in place of the one that has this name",
      body: endpointFields,
      answers: {
        200: { description: "It runs in place of another", schema: endpointSchema },
        201: { description: "It runs", schema: endpointSchema },
      },
      handle: async ({ name, body }) => {
        const former = tunnelNamed(agent.tunnels, name);
        const definition = postedEndpoint(body, former?.name ?? name);
        const tunnel = await (former === undefined
          ? startTunnel(services, definition)
          : replaceTunnel(services, former, definition));
        return jsonAnswer(endpointView(tunnel, clock.nowMs()), former === undefined ? 201 : 200);
      },
    },
    {
      method: "DELETE",
      path: "/api/endpoints/{name}",
      summary: "Stop an endpoint",
      answers: { 204: { description: "Stopped" } },
      handle: async ({ name }) => {
        await stopTunnel(services, name);
        return emptyAnswer();
      },
    },
  ];
}
