import { z } from "zod";
import { UsageError } from "../../base/errors.ts";
import type { CapturedMessage, Exchange } from "../../capture/exchange.ts";
import { ApiProblem } from "./api-problem.ts";
import type { ApiRoute } from "./api-route.ts";
import type { ApiServices } from "./api-services.ts";
import { logCallFault } from "./call-fault.ts";
import { decodedBody, decodedBodySchema } from "./decoded-body.ts";
import {
  exchangeHeads,
  exchangeHeadsSchema,
  exchangeSchema,
  exchangeSummary,
  exchangeSummarySchema,
  exchangeView,
} from "./exchange-view.ts";
import { emptyAnswer, jsonAnswer, jsonStreamAnswer } from "../../http-api/json-answer.ts";
import { jsonListStream } from "./json-list-stream.ts";
import { messageListSchema, messageListView } from "./message-view.ts";
import { postedReplay, replaySchema } from "./posted-replay.ts";
import type { JsonObject } from "./request-body.ts";
import { runningTunnel } from "./tunnel-routes.ts";
import { withWriteDeadline } from "./write-deadline.ts";

const LIST = "/api/requests/http";
const SIDES = ["request", "response"] as const;
type Side = (typeof SIDES)[number];

const wholeNumber = z
  .string()
  .regex(/^\d{1,9}$/, { error: "expected a whole number" })
  .transform(Number);
/** Of one call. The head of a request holds so many. */
const IDS_LIMIT = 200;
const idList = z
  .string()
  .transform((ids) => new Set(ids.split(",")))
  .refine((ids) => ids.size <= IDS_LIMIT, { error: `expected at most ${IDS_LIMIT} ids` });
const VIEWS = { full: exchangeView, heads: exchangeHeads, summary: exchangeSummary } as const;

const listQuery = z.object({
  limit: wholeNumber.refine((limit) => limit > 0, { error: "expected a positive number" }).optional(),
  tunnel_name: z.string().optional(),
  ids: idList.optional(),
  view: z.enum(["full", "heads", "summary"]).optional(),
});
const messagesQuery = z.object({ after: z.union([wholeNumber, z.literal("-1").transform(Number)]).optional() });

const listSchema = z.object({
  uri: z.literal(LIST),
  requests: z.array(z.union([exchangeSchema, exchangeHeadsSchema, exchangeSummarySchema])),
});

/** Captured requests and their replay (reference.md 3.4). */
export function captureRoutes(services: ApiServices): readonly ApiRoute[] {
  const { ring, clock, log } = services;
  return [
    {
      method: "GET",
      path: LIST,
      summary: "List what was captured",
      query: listQuery,
      answers: { 200: { description: "Newest first", schema: listSchema } },
      handle: ({ query, request }) => {
        const { limit, tunnel_name: tunnelName, ids, view = "full" } = readQuery(listQuery, query);
        const found = ring?.newestFirst({ limit, tunnelName, ids }) ?? [];
        const show: (exchange: Exchange) => unknown = VIEWS[view];
        const list = jsonListStream({ uri: LIST }, "requests", Iterator.from(found).map(show));
        const onStuck = (): void => services.cut(request);
        const onFailure = (fault: unknown): void => logCallFault(log, fault);
        return jsonStreamAnswer(withWriteDeadline(list, { clock, onStuck, onFailure }));
      },
    },
    {
      method: "POST",
      path: LIST,
      summary: "Replay a captured request, with changes if there are any",
      body: replaySchema,
      answers: { 204: { description: "The repetition was captured" } },
      handle: async ({ body, request }) => {
        await replayAll(services, body, request.signal);
        return emptyAnswer();
      },
    },
    {
      method: "DELETE",
      path: LIST,
      summary: "Forget what was captured",
      answers: { 204: { description: "Forgotten" } },
      handle: () => {
        ring?.clear();
        return emptyAnswer();
      },
    },
    {
      method: "GET",
      path: `${LIST}/{id}`,
      summary: "Show a captured request and its response",
      answers: { 200: { description: "The exchange", schema: exchangeSchema } },
      handle: ({ name }) => jsonAnswer(exchangeView(captured(services, name))),
    },
    {
      method: "GET",
      path: `${LIST}/{id}/messages`,
      summary: "List the WebSocket messages or server-sent events of an exchange",
      query: messagesQuery,
      answers: { 200: { description: "Those behind the index `after`, oldest first", schema: messageListSchema } },
      handle: ({ name, query }) => {
        const { after = -1 } = readQuery(messagesQuery, query);
        const { messages } = captured(services, name);
        return jsonAnswer(messageListView(messages.filter(({ index }) => index > after)));
      },
    },
    ...SIDES.flatMap((side) => sideRoutes(services, side)),
  ];
}

function sideRoutes(services: ApiServices, side: Side): readonly ApiRoute[] {
  return [
    {
      method: "GET",
      path: `${LIST}/{id}/raw/${side}`,
      summary: `Download the octets of a captured ${side}`,
      answers: { 200: { description: "As on the wire", contentType: "application/octet-stream" } },
      handle: ({ name }) => {
        const { raw } = messageOf(captured(services, name), side);
        const file = `attachment; filename="${name}-${side}.http"`;
        return new Response(new Uint8Array(raw), {
          headers: { "Content-Type": "application/octet-stream", "Content-Disposition": file },
        });
      },
    },
    {
      method: "GET",
      path: `${LIST}/{id}/body/${side}`,
      summary: `Show the body of a captured ${side} without its codings`,
      answers: { 200: { description: "The body", schema: decodedBodySchema } },
      handle: async ({ name }) => jsonAnswer(await decodedBody(messageOf(captured(services, name), side))),
    },
  ];
}

/** `signal`: of a caller who has left. */
async function replayAll(services: ApiServices, body: JsonObject, signal: AbortSignal): Promise<void> {
  const { id, tunnelName, changes, times } = postedReplay(body);
  const exchange = captured(services, id);
  const tunnel = runningTunnel(services, tunnelName ?? exchange.tunnelName);
  try {
    await services.replay(exchange, { tunnel, changes, times }, signal);
  } catch (error) {
    if (signal.aborted && error === signal.reason) return; // nobody is there to be told
    throw error instanceof UsageError ? new ApiProblem("invalidRequest", error.message) : error;
  }
}

/** Throws ApiProblem. */
function captured({ ring }: ApiServices, id: string): Exchange {
  const exchange = ring?.find(id);
  if (exchange === undefined) throw new ApiProblem("notFound", `request ${JSON.stringify(id)} is not in memory`);
  return exchange;
}

function messageOf(exchange: Exchange, side: Side): CapturedMessage {
  const message = exchange[side];
  if (message === undefined) throw new ApiProblem("notFound", "the upstream has not answered");
  return message;
}

/**
 * Throws ApiProblem. What the schema does not know is passed over, as programs send all sorts of things there, and so is
 * what is empty.
 */
function readQuery<S extends z.ZodObject>(schema: S, query: URLSearchParams): z.output<S> {
  const given = [...query].filter(([name, value]) => value !== "" || name === "ids"); // no ids at all is a choice
  const result = schema.safeParse(Object.fromEntries(given));
  if (result.success) return result.data;
  const [fault] = result.error.issues;
  throw new ApiProblem(
    "invalidRequest",
    `query parameter ${String(fault?.path[0])}: ${fault?.message ?? "unreadable"}`,
  );
}
