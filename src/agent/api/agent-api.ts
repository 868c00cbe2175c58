/**
 * The agent API (reference.md 3): tunnels, captures and the state of the agent for programs on the same machine, on the
 * port where the inspector is too. This folder turns calls into what the agent does and back, and keeps strangers out; it knows
 * no socket of its own but in web-service.ts.
 */
import { Hono } from "hono";
import { inspectorRoutes } from "../inspector/pages.ts";
import { aboutRoutes } from "./about-routes.ts";
import { AllowedHosts } from "../../http-api/allowed-hosts.ts";
import { ApiProblem, problemBody } from "./api-problem.ts";
import { type ApiRoute, registerRoutes } from "./api-route.ts";
import type { ApiServices } from "./api-services.ts";
import { browserGuard } from "./browser-guard.ts";
import { logCallFault } from "./call-fault.ts";
import { callLog } from "./call-log.ts";
import { callPath } from "./call-path.ts";
import { captureRoutes } from "./capture-routes.ts";
import { endpointRoutes } from "./endpoint-routes.ts";
import { hostGuard } from "./host-guard.ts";
import { jsonAnswer } from "../../http-api/json-answer.ts";
import { openApiDocument } from "./openapi.ts";
import { protectiveHeaders } from "../../http-api/protective-headers.ts";
import { tunnelRoutes } from "./tunnel-routes.ts";

/** Everything that the web port answers; to be called with the requests of a listener, or by tests. */
export function agentApi(services: ApiServices): Hono {
  const { agent, config, clock, log } = services;
  const app = new Hono({ strict: false });
  const allowed = new AllowedHosts({
    listensOn: config.web?.address.host ?? "127.0.0.1",
    allowHosts: config.web?.allowHosts ?? [],
  });
  const publicUrls = (): readonly string[] => agent.tunnels.map(({ publicUrl }) => publicUrl);
  app.use(callLog(log, clock), protectiveHeaders);
  app.use(hostGuard({ allowed, mayBePublished: config.web?.mayBePublished ?? false, publicUrls }), browserGuard);
  registerRoutes(app, describedRoutes(services));
  inspectorRoutes(app);
  app.notFound(({ req }) => problemAnswer(new ApiProblem("notFound", "nothing is here"), req.url));
  app.onError((error, { req }) => {
    if (error instanceof ApiProblem) return problemAnswer(error, req.url);
    logCallFault(log, error);
    return problemAnswer(new ApiProblem("fault", "the agent's log says more"), req.url);
  });
  return app;
}

/** The routes, and the one that describes them all. */
function describedRoutes(services: ApiServices): readonly ApiRoute[] {
  const description: ApiRoute = {
    method: "GET",
    path: "/api/openapi.json",
    summary: "Describe this API",
    answers: { 200: { description: "OpenAPI 3.1", contentType: "application/json" } },
    handle: () => jsonAnswer(openApiDocument(routes)),
  };
  const routes: readonly ApiRoute[] = [
    ...aboutRoutes(services),
    ...tunnelRoutes(services),
    ...endpointRoutes(services),
    ...captureRoutes(services),
    description,
  ];
  return routes;
}

function problemAnswer(problem: ApiProblem, url: string): Response {
  return jsonAnswer(problemBody(problem, callPath(url)), problem.status, problem.headers);
}
