/**
 * The management API (reference.md 8): what programs and people may see and change of their account. This folder turns calls into
 * changes of the store and records into JSON; it knows no socket, and nothing of how changes reach what is online.
 */
import { Hono } from "hono";
import type { Context } from "hono";
import type { Clock } from "../../base/clock.ts";
import { PublicError } from "../../base/errors.ts";
import { newId } from "../../base/record-id.ts";
import { emptyAnswer, jsonAnswer } from "../../http-api/json-answer.ts";
import { protectiveHeaders } from "../../http-api/protective-headers.ts";
import { accountAction, accountView, rootAction, rootView } from "./about-resources.ts";
import { callBody, checkId, checkVersion, pageWish } from "./call-request.ts";
import { CallsUnderWay } from "./calls-under-way.ts";
import { crossOrigin } from "./cross-origin.ts";
import { CallRefused, failureAnswer } from "./failure-answer.ts";
import { keyCallers } from "./key-callers.ts";
import { filterWish, type ListedPage, listedFields, listPage } from "./list-page.ts";
import type { Caller, Identify, ManagementCall, ResourceHandlers } from "./management-call.ts";
import { managementHandlers } from "./management-handlers.ts";
import { managementOpenApi } from "./management-openapi.ts";
import type { ManagementServices } from "./management-services.ts";
import { ResourceNotFound } from "./resource-not-found.ts";
import type { ActionSpec, ResourceSpec } from "./resource-spec.ts";
import { RESOURCES } from "./resource-table.ts";

const OPERATION_HEADER = "ngrok-operation-id";
const OPENAPI_PATH = "/openapi.json";

/** Comes with each request to `fetch`. */
export interface ManagementEnv {
  readonly Bindings: {
    /** The address that the caller comes from, without port. Without one, no IP restriction lets it in. */
    readonly ip?: string;
  };
  readonly Variables: { operationId: string };
}

/** Answers one call whose caller is known. */
type Serve = (request: Request, caller: Caller, id: string) => Promise<Response>;

/** To be called with the requests of a listener and the caller's address, or by tests. */
export function managementApi(
  services: ManagementServices,
  identify: Identify = keyCallers(services),
): Hono<ManagementEnv> {
  const { clock, log, baseUrl, allowedOrigins } = services;
  const app = new Hono<ManagementEnv>({ strict: false });
  const underWay = new CallsUnderWay();
  let description: object | undefined;
  const routes = servedActions(services);
  const methods = methodsByPath(routes.map(({ action }) => action));
  const admitted = async ({ req, env }: Context<ManagementEnv>): Promise<Caller> => {
    const caller = await identify(req.raw, env?.ip ?? "");
    checkVersion(req.header("Ngrok-Version") ?? null);
    return caller;
  };

  app.use(protectiveHeaders, async (context, next) => {
    context.set("operationId", newId("op", clock.date()));
    await next();
    context.res.headers.set(OPERATION_HEADER, context.get("operationId"));
  });
  app.use(crossOrigin(allowedOrigins, (path) => methodsAt(methods, path)));
  // Made once: strangers may ask for it as often as they like.
  app.get(OPENAPI_PATH, () => jsonAnswer((description ??= managementOpenApi(baseUrl))));
  for (const { action, serve } of routes) {
    app.on(action.method, routerPath(action.path), async (context) => {
      const caller = await admitted(context);
      return underWay.run(caller.account.id, () => serve(context.req.raw, caller, context.req.param("id") ?? ""));
    });
  }
  for (const [path, allowed] of methods) {
    app.all(routerPath(path), async (context) => {
      await admitted(context);
      const error = new PublicError("ERR_GINNEL_METHOD", { method: context.req.method, allowed: allowed.join(", ") });
      throw new CallRefused(error, { Allow: allowed.join(", ") });
    });
  }
  app.all("*", async (context) => {
    await admitted(context);
    throw new ResourceNotFound();
  });
  app.onError((error, context) => failureAnswer(error, context.get("operationId"), log));
  return app;
}

interface ServedAction {
  readonly action: ActionSpec;
  readonly serve: Serve;
}

function servedActions(services: ManagementServices): readonly ServedAction[] {
  const { baseUrl, clock } = services;
  const handlers = managementHandlers(services);
  const about: readonly ServedAction[] = [
    { action: rootAction, serve: async () => jsonAnswer(rootView(baseUrl)) },
    { action: accountAction, serve: async (_, { account }) => jsonAnswer(accountView(account, baseUrl)) },
  ];
  const resources = RESOURCES.flatMap((spec) =>
    spec.actions.map((action) => ({
      action,
      serve: serving(spec, action, { handlers: handlers[spec.path], baseUrl, clock }),
    })),
  );
  return [...about, ...resources];
}

interface Serving {
  readonly handlers: ResourceHandlers | undefined;
  readonly baseUrl: string;
  readonly clock: Clock;
}

function serving(spec: ResourceSpec, action: ActionSpec, { handlers, baseUrl, clock }: Serving): Serve {
  const handle = handlers?.actions[action.name];
  const fields = listedFields(spec, action);
  return async (request, caller, id) => {
    if (action.path.includes("{id}")) checkId(spec, id);
    const query = new URL(request.url).searchParams;
    const page = pageWish(query, action.isList ? spec : undefined);
    const call: ManagementCall = { caller, id, page, body: await callBody(request, action) };
    if (action.isList && handlers !== undefined) {
      const filter = filterWish(query, fields, spec);
      const found = await listPage(handlers.list, call, { filter, now: clock.date() });
      return jsonAnswer(pageView(spec, found, { size: page.limit - 1, filter: filter?.text, baseUrl }));
    }
    if (handle === undefined) throw new Error(`nothing serves ${action.method} ${action.path}`);
    const answer = await handle(call);
    return answer === undefined ? emptyAnswer() : jsonAnswer(answer, action.status);
  };
}

interface PageFacts {
  /** The most records that were wanted. */
  readonly size: number;
  readonly filter: string | undefined;
  readonly baseUrl: string;
}

function pageView({ path, listKey }: ResourceSpec, { records, beforeId }: ListedPage, facts: PageFacts): object {
  const { size, filter, baseUrl } = facts;
  const uri = `${baseUrl}/${path}`;
  if (beforeId === undefined) return { [listKey]: records, uri, next_page_uri: null };
  const asked = { before_id: beforeId, limit: String(size), ...(filter === undefined ? {} : { filter }) };
  return { [listKey]: records, uri, next_page_uri: `${uri}?${new URLSearchParams(asked).toString()}` };
}

function methodsByPath(actions: readonly ActionSpec[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { path, method } of actions) {
    const added = method === "GET" ? ["GET", "HEAD"] : [method];
    found.set(path, [...(found.get(path) ?? []), ...added]);
  }
  return found;
}

/** Of a path as it was asked for. */
function methodsAt(methods: ReadonlyMap<string, readonly string[]>, path: string): readonly string[] {
  const found = [...methods].find(([pattern]) => new RegExp(`^${pattern.replace("{id}", "[^/]+")}/?$`).test(path));
  return found?.[1] ?? [];
}

function routerPath(path: string): string {
  return path.replace("{id}", ":id");
}
