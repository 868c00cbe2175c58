/** The description of the management API, made from the table that serves it (OpenAPI 3.1). */
import type { z } from "zod";
import { PRODUCT_VERSION } from "../../base/product-version.ts";
import {
  type JsonSchema,
  jsonSchemaOf,
  pathParameters,
  queryParameters,
  type SchemaSide,
} from "../../http-api/json-schema.ts";
import { accountAction, rootAction } from "./about-resources.ts";
import { failureSchema } from "./failure-answer.ts";
import { type ActionSpec, pageQuery } from "./resource-spec.ts";
import { RESOURCES } from "./resource-table.ts";

const VERSION_HEADER: JsonSchema = {
  name: "Ngrok-Version",
  in: "header",
  required: true,
  schema: {
    type: "string",
    const: "2",
  },
};

/** For `/openapi.json`. */
export function managementOpenApi(baseUrl: string): JsonSchema {
  const paths: Record<string, JsonSchema> = {};
  const add = (action: ActionSpec, tag: string): void => {
    const parameters = [VERSION_HEADER, ...pathParameters(action.path)];
    const path = (paths[action.path] ??= { parameters });
    path[action.method.toLowerCase()] = operationOf(action, tag);
  };
  add(rootAction, "root");
  add(accountAction, "account");
  for (const { path, actions } of RESOURCES) for (const action of actions) add(action, path);
  return {
    openapi: "3.1.0",
    info: { title: "Management API of ginnel", version: PRODUCT_VERSION },
    servers: [{ url: baseUrl }],
    security: [{ key: [] }],
    components: { securitySchemes: { key: { type: "http", scheme: "bearer", description: "An API key" } } },
    paths,
  };
}

function operationOf({ name, summary, fields, answer, status, isList }: ActionSpec, tag: string): JsonSchema {
  return {
    operationId: `${tag}-${name}`,
    tags: [tag],
    summary,
    ...(isList ? { parameters: queryParameters(pageQuery) } : {}),
    ...(fields === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: contentOf(fields, "input"),
          },
        }),
    responses: {
      [status]: {
        description: "Done",
        ...(answer === undefined ? {} : { content: contentOf(answer, "output") }),
      },
      default: {
        description: "Why not",
        content: contentOf(failureSchema, "output"),
      },
    },
  };
}

function contentOf(schema: z.ZodType, side: SchemaSide): JsonSchema {
  return { "application/json": { schema: jsonSchemaOf(schema, side) } };
}
