/** The description of the agent API, made from the routes and schemas that serve it (OpenAPI 3.1). */
import { PRODUCT_VERSION } from "../../base/product-version.ts";
import {
  type JsonSchema,
  jsonSchemaOf,
  pathParameters,
  queryParameters,
  type SchemaSide,
} from "../../http-api/json-schema.ts";
import { problemSchema } from "./api-problem.ts";
import type { ApiAnswer, ApiRoute } from "./api-route.ts";

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
  const parameters = pathParameters(path);
  return parameters.length === 0 ? {} : { parameters };
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

function answerOf(answer: ApiAnswer): JsonSchema {
  const { description, schema, contentType } = answer;
  const hasContent = schema !== undefined || contentType !== undefined;
  return hasContent ? { description, content: contentOf(answer, "output") } : { description };
}

function contentOf(
  { schema, contentType = "application/json" }: Pick<ApiAnswer, "schema" | "contentType">,
  io: SchemaSide,
): JsonSchema {
  return { [contentType]: schema === undefined ? {} : { schema: jsonSchemaOf(schema, io) } };
}
