import { z } from "zod";

export type JsonSchema = Record<string, unknown>;

/** Whether a schema describes what is read, or what is answered. */
export type SchemaSide = "input" | "output";

/**
 * What OpenAPI 3.1 says of a schema. Fields that first make of a value what the schema behind them takes are described by that
 * one: it tells what may be written.
 */
export function jsonSchemaOf(schema: z.ZodType, io: SchemaSide): JsonSchema {
  const { $schema: _, ...described } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema instanceof z.ZodPipe && zodSchema.in instanceof z.ZodTransform) {
        Object.assign(jsonSchema, jsonSchemaOf(zodSchema.out as z.ZodType, io)); // the library types inner schemas as its core interface
      }
    },
  });
  return described;
}

/** A parameter for each field of a query. */
export function queryParameters(query: z.ZodObject): readonly JsonSchema[] {
  return Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: "query",
    schema: jsonSchemaOf(schema as z.ZodType, "input"), // as above
  }));
}

/** A parameter for each `{name}` in a path. */
export function pathParameters(path: string): readonly JsonSchema[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}
