import type { Hono } from "hono";
import type { z } from "zod";
import { ApiProblem } from "./api-problem.ts";
import { type JsonObject, readBody } from "./request-body.ts";

/** One call as its route sees it. */
export interface ApiCall {
  readonly request: Request;
  /** As it was written, without the query. */
  readonly path: string;
  /** The variable part of the path, decoded once; empty when it has none. */
  readonly name: string;
  readonly query: URLSearchParams;
  /** Empty for routes that take none. */
  readonly body: JsonObject;
}

/** What an answer holds, for the description. */
export interface ApiAnswer {
  readonly description: string;
  /** Of JSON; other types have none. */
  readonly schema?: z.ZodType;
  readonly contentType?: string;
}

/** A call of the agent API: what is registered, and what is described in openapi.json. */
export interface ApiRoute {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** `{name}` is the variable part and may hold slashes; `{id}` may not. */
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  /** The schema that the handler reads the body by. Such a call must have one; of others it is ignored. */
  readonly body?: z.ZodType;
  readonly answers: Readonly<Record<number, ApiAnswer>>;
  readonly handle: (call: ApiCall) => Response | Promise<Response>;
}

/** Also without the prefix, as old documentation has them (reference.md C-02). */
const ALSO_AT_ROOT = /^\/api(?=\/(?:tunnels|requests)(?:\/|$))/;

/** Adds the routes, and for each of their paths the refusal of other methods (405). */
export function registerRoutes(app: Hono, routes: readonly ApiRoute[]): void {
  for (const route of routes) {
    for (const path of pathsOf(route)) {
      app.on(route.method, path, async ({ req }) => {
        const url = new URL(req.url);
        const body = route.body === undefined ? {} : await readBody(req.raw);
        const name = req.param("name") ?? req.param("id") ?? "";
        return await route.handle({ request: req.raw, path: url.pathname, name, query: url.searchParams, body });
      });
    }
  }
  for (const [path, methods] of methodsByPath(routes)) {
    const allowed = [...methods].join(", ");
    app.all(path, ({ req }) => {
      throw new ApiProblem("wrongMethod", `${req.method} is not allowed here; allowed: ${allowed}`, { Allow: allowed });
    });
  }
}

function methodsByPath(routes: readonly ApiRoute[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const route of routes) {
    for (const path of pathsOf(route)) {
      const methods = found.get(path) ?? new Set<string>();
      methods.add(route.method);
      if (route.method === "GET") methods.add("HEAD");
      found.set(path, methods);
    }
  }
  return found;
}

/** In the router's spelling. */
function pathsOf({ path }: ApiRoute): readonly string[] {
  const pattern = path.replace("{name}", ":name{.+}").replace("{id}", ":id");
  return ALSO_AT_ROOT.test(pattern) ? [pattern, pattern.replace(ALSO_AT_ROOT, "")] : [pattern];
}
