import { z } from "zod";
import { PROMETHEUS_CONTENT_TYPE } from "../../telemetry/prometheus-text.ts";
import { ApiProblem } from "./api-problem.ts";
import type { ApiRoute } from "./api-route.ts";
import type { ApiServices } from "./api-services.ts";
import { configSchema, configView } from "./config-view.ts";
import { EventFeed } from "./event-feed.ts";
import { jsonAnswer } from "../../http-api/json-answer.ts";
import { statusSchema, statusView } from "./status-view.ts";
import { withWriteDeadline } from "./write-deadline.ts";

/** Each page of the inspector listens once; browsers allow a handful. */
export const MAX_LISTENERS = 32;

const ROOT = {
  uri: "/api",
  tunnels_uri: "/api/tunnels",
  endpoints_uri: "/api/endpoints",
  requests_uri: "/api/requests/http",
  status_uri: "/api/status",
  events_uri: "/api/events",
  config_uri: "/api/config",
  metrics_uri: "/metrics",
  openapi_uri: "/api/openapi.json",
} as const;

const rootSchema = z.object(Object.fromEntries(Object.keys(ROOT).map((key) => [key, z.string()])));

/** The agent itself: its state, its configuration, and what happens. */
export function aboutRoutes(services: ApiServices): readonly ApiRoute[] {
  const { agent, clock, startedMs, config } = services;
  let listeners = 0;
  return [
    {
      method: "GET",
      path: "/api",
      summary: "List what there is",
      answers: { 200: { description: "Addresses", schema: rootSchema } },
      handle: () => jsonAnswer(ROOT),
    },
    {
      method: "GET",
      path: "/api/status",
      summary: "Show the state of the session",
      answers: { 200: { description: "The state", schema: statusSchema } },
      handle: () => jsonAnswer(statusView(agent, clock.nowMs() - startedMs)),
    },
    {
      method: "GET",
      path: "/api/config",
      summary: "Show the configuration in force, without secrets",
      answers: { 200: { description: "The configuration", schema: configSchema } },
      handle: () => jsonAnswer(configView(config)),
    },
    {
      method: "GET",
      path: "/api/events",
      summary: "Follow exchanges, tunnels, session and metrics",
      answers: { 200: { description: "Server-sent events", contentType: "text/event-stream" } },
      handle: ({ request }) => {
        if (request.method === "HEAD") return eventAnswer(null);
        if (listeners >= MAX_LISTENERS) throw new ApiProblem("tooMany", `there are ${MAX_LISTENERS} listeners already`);
        listeners++;
        const { stream } = new EventFeed(services, () => listeners--);
        const onStuck = (): void => services.cut(request);
        // It fails when its listener does not keep up, which is no fault of ours.
        return eventAnswer(withWriteDeadline(stream, { clock, onStuck, onFailure: () => {} }));
      },
    },
    {
      method: "GET",
      path: "/metrics",
      summary: "Show metrics for Prometheus",
      answers: { 200: { description: "Text format 0.0.4", contentType: PROMETHEUS_CONTENT_TYPE } },
      handle: () => new Response(services.prometheusText(), { headers: { "Content-Type": PROMETHEUS_CONTENT_TYPE } }),
    },
  ];
}

function eventAnswer(body: ReadableStream<Uint8Array> | null): Response {
  return new Response(body, { headers: { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" } });
}
