/** The description of the agent API, made from the routes and schemas that serve it (OpenAPI 3.1). */
import { z } from "zod";
import { PRODUCT_VERSION } from "../../base/product-version.ts";
import { problemSchema } from "./api-problem.ts";
import type { ApiAnswer, ApiRoute } from "./api-route.ts";

type JsonSchema = Record<string, unknown>;

const PROBLEM: ApiAnswer = { description: "Why not", schema: problemSchema };

/** For `/api/openapi.json`. */
export function openApiDocument(routes: readonly ApiRoute[]): JsonSchema {
  const paths: Record<string, JsonSchema> = {};
  for (const route of routes) {
    const path = (paths[route.path] ??= parametersOf(route.path));
    path[route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Agent API of ginnel",
      version: PRODUCT_VERSION,
      description: "Served on the loopback of the machine that the agent runs on, without credentials.",
    },
    paths,
  };
}

function parametersOf(path: string): JsonSchema {
  const [, name] = /\{(\w+)\}/.exec(path) ?? [];
  return name === undefined ? {} : { parameters: [{ name, in: "path", required: true, schema: { type: "string" } }] };
}

function operationOf({ summary, query, body, answers }: ApiRoute): JsonSchema {
  const responses = Object.entries(answers).map(([status, answer]) => [status, answerOf(answer)]);
  return {
    summary,
    ...(query === undefined ? {} : { parameters: queryParameters(query) }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentOf({ schema: body }, "input") } }),
    responses: { ...Object.fromEntries(responses), default: answerOf(PROBLEM) },
  };
}

function queryParameters(query: z.ZodObject): readonly JsonSchema[] {
  return Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: "query",
    // The library types inner schemas as its core interface.
    schema: jsonSchemaOf(schema as z.ZodType, "input"),
  }));
}

function answerOf(answer: ApiAnswer): JsonSchema {
  const { description, schema, contentType } = answer;
  const hasContent = schema !== undefined || contentType !== undefined;
  return hasContent ? { description, content: contentOf(answer, "output") } : { description };
}

function contentOf(
  { schema, contentType = "application/json" }: Pick<ApiAnswer, "schema" | "contentType">,
  io: "input" | "output",
): JsonSchema {
  return { [contentType]: schema === undefined ? {} : { schema: jsonSchemaOf(schema, io) } };
}

/** Fields of the configuration first make of a value what the schema behind them takes: that schema tells what may be written. */
function jsonSchemaOf(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _, ...described } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema instanceof z.ZodPipe && zodSchema.in instanceof z.ZodTransform) {
        Object.assign(jsonSchema, jsonSchemaOf(zodSchema.out as z.ZodType, io)); // as above
      }
    },
  });
  return described;
}
