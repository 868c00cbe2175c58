/** How a fault in configuration is told: the place, the field, the reason and, for a slip of the pen, the right word. */
import { z } from "zod";
import { UsageError } from "../base/errors.ts";
import { nearestWord } from "../base/nearest-word.ts";
import { readYaml, YamlProblem, type Position, type YamlSource } from "./yaml-source.ts";

/** Turns a fault at a path into the error that its author sees. A PublicError as cause brings its code along. */
export type Blame = (path: readonly PropertyKey[], message: string, cause?: Error) => UsageError;

/** Faults of a file (reference.md 1.5). */
export function blameFile(file: string, source: Pick<YamlSource, "positionOf">): Blame {
  return (path, message, cause) => fileProblem(file, source.positionOf(path), message, cause);
}

/** Faults of values that did not come from a file: flags, environment, requests. `what` names them: `the flags`. */
export function blameValues(what: string): Blame {
  return (_path, message, cause) => new UsageError(`${what}: ${message}`, { cause });
}

/** The YAML of a file. Throws UsageError with the place when it is none. */
export function readSource(file: string, text: string): YamlSource {
  try {
    return readYaml(text);
  } catch (error) {
    throw error instanceof YamlProblem ? fileProblem(file, error.position, error.message) : error;
  }
}

/**
 * Reads a value by a schema. Throws what `blame` makes of the first fault. `typeName` is the word for the whole in
 * messages about unknown keys; `elsewhere` are full names of keys that belong somewhere else in the same file.
 */
export function readBySchema<S extends z.ZodType>(
  schema: S,
  value: unknown,
  { blame, typeName, elsewhere = [] }: { blame: Blame; typeName: string; elsewhere?: readonly string[] },
): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [fault] = result.error.issues;
  const key = fault?.code === "unrecognized_keys" ? fault.keys[0] : undefined;
  if (key === undefined) {
    // A place in a list has no name of its own.
    const name = fault?.path.findLast((part) => typeof part === "string");
    throw blame(fault?.path ?? [], `${name === undefined ? "" : `field ${name}: `}${fault?.message ?? "unreadable"}`);
  }
  const path = fault?.path ?? [];
  const known = keysAt(schema, path);
  const meant =
    elsewhere.find((name) => name.endsWith(`.${key}`)) ?? nearestWord(key, known) ?? nearestWord(key, elsewhere);
  const remedy = meant === undefined ? `; known are ${known.join(", ")}` : `; did you mean ${meant}?`;
  throw blame([...path, key], `field ${key} not found in type ${typeName}${remedy}`);
}

function fileProblem(file: string, { line, column }: Position, message: string, cause?: Error): UsageError {
  return new UsageError(
    `Error reading configuration file '${file}': YAML parsing error: line ${line}, column ${column}: ${message}`,
    { cause },
  );
}

/** The keys that a schema knows at a path. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  const bare = unwrap(schema);
  const [head, ...rest] = path;
  if (head === undefined) return bare instanceof z.ZodObject ? Object.keys(bare.shape) : [];
  if (bare instanceof z.ZodObject) {
    const inner: unknown = bare.shape[String(head)];
    return inner instanceof z.ZodType ? keysAt(inner, rest) : [];
  }
  return [];
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return unwrap(asSchema(schema.unwrap()));
  if (schema instanceof z.ZodPipe) return unwrap(asSchema(schema.out));
  return schema;
}

function asSchema(core: z.core.$ZodType): z.ZodType {
  return core as z.ZodType; // the library types inner schemas as its core interface; all of ours are classic ones
}
