/**
 * The commands of `api`: one for each call of the management API, made from the table that serves it (reference.md 8.4). This folder
 * knows how calls are written as words and answers as text, and how the API is reached; it knows no resource by name.
 *
 * Here: a field of a call is a flag. `certificate_management_policy: { authority }` is `--certificate-management-policy.authority`.
 */
import type { z } from "zod";
import { UsageError } from "../../base/errors.ts";
import { type JsonSchema, jsonSchemaOf } from "../../http-api/json-schema.ts";
import type { FlagSpec } from "../flag-spec.ts";

export interface FieldFlag {
  /** Of the flag, without dashes in front. */
  readonly name: string;
  /** To the field, from outside in. */
  readonly path: readonly string[];
  /** `any`: text, an object or list in JSON, or several of them. */
  readonly kind: "text" | "boolean" | "number" | "list" | "any";
  readonly spec: FlagSpec;
}

/** What flags were given, by name. */
export type GivenFlags = Readonly<Record<string, boolean | string | readonly string[]>>;

/** The flags of an object's fields. */
export function fieldFlags(fields: z.ZodObject): readonly FieldFlag[] {
  return flagsOf(jsonSchemaOf(fields, "input"), []);
}

/** The object that the given flags make. @throws UsageError for what is no number, or no JSON */
export function fieldsOf(flags: readonly FieldFlag[], given: GivenFlags): Readonly<Record<string, unknown>> {
  const made: Record<string, unknown> = {};
  for (const flag of flags) {
    const value = given[flag.name];
    if (value !== undefined) setAt(made, flag.path, fieldValue(flag, value));
  }
  return made;
}

function flagsOf(schema: JsonSchema, path: readonly string[]): readonly FieldFlag[] {
  const { properties = {}, required = [] } = schema as ObjectSchema; // made by the library for an object
  return Object.entries(properties).flatMap(([key, field]) => {
    const inner = [...path, key];
    return field["type"] === "object" && "properties" in field
      ? flagsOf(field, inner)
      : [flagOf(inner, field, required.includes(key))];
  });
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

const FLAG_TYPES = { text: "string", boolean: "boolean", number: "string", list: "list", any: "list" } as const;

function flagOf(path: readonly string[], field: JsonSchema, isRequired: boolean): FieldFlag {
  const kind = kindOf(field);
  const choices = choicesOf(field);
  const spec: FlagSpec = {
    type: FLAG_TYPES[kind],
    help: helpOf(path, field, { kind, choices, isRequired }),
    ...(kind === "boolean" ? {} : { value: placeholder(path, kind) }),
    ...(choices === undefined ? {} : { choices }),
  };
  return { name: path.join(".").replaceAll("_", "-"), path, kind, spec };
}

function kindOf({ type, items }: JsonSchema): FieldFlag["kind"] {
  switch (type) {
    case "string":
      return "text";
    case "boolean":
      return "boolean";
    case "integer":
    case "number":
      return "number";
    case "array":
      return (items as JsonSchema | undefined)?.["type"] === "string" ? "list" : "any"; // JSON Schema, section 10.3.1.2
    default:
      return "any";
  }
}

function choicesOf({ enum: words, const: word }: JsonSchema): readonly string[] | undefined {
  if (typeof word === "string") return [word];
  return Array.isArray(words) ? words.filter((each) => typeof each === "string") : undefined;
}

interface HelpFacts {
  readonly kind: FieldFlag["kind"];
  readonly choices: readonly string[] | undefined;
  readonly isRequired: boolean;
}

function helpOf(path: readonly string[], { description }: JsonSchema, facts: HelpFacts): string {
  const { kind, choices, isRequired } = facts;
  const words = typeof description === "string" ? lowerFirst(description) : path.join(" ").replaceAll("_", " ");
  const among = choices === undefined ? "" : `: ${choices.join(", ")}`;
  return `${words}${among}${kind === "list" ? "; may be repeated" : ""}${isRequired ? "; required" : ""}`;
}

function placeholder(path: readonly string[], kind: FieldFlag["kind"]): string {
  if (kind === "number") return "NUMBER";
  return /(^|_)ids?$/.test(path.at(-1) ?? "") ? "ID" : "TEXT";
}

/** Abbreviations stay as they are. */
export function lowerFirst(text: string): string {
  return /^[A-Z][^A-Z]/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text;
}

function fieldValue({ name, kind }: FieldFlag, value: boolean | string | readonly string[]): unknown {
  if (typeof value === "boolean") return value;
  if (typeof value === "string") return kind === "number" ? numberOf(name, value) : value;
  if (kind === "any") {
    const values = value.map((text) => (/^\s*[[{]/.test(text) ? jsonOf(name, text) : text));
    return values.length === 1 ? values[0] : values;
  }
  // One empty text is how a list without entries is written.
  return value.length === 1 && value[0] === "" ? [] : value;
}

function numberOf(name: string, value: string): number {
  const number = value.trim() === "" ? Number.NaN : Number(value);
  if (!Number.isFinite(number)) throw new UsageError(`Flag --${name} takes a number, not '${value}'.`);
  return number;
}

/** The text is not repeated: messages hold no brace. */
function jsonOf(name: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch (cause) {
    throw new UsageError(`Flag --${name} takes a text, or an object or list in JSON; this is no JSON.`, { cause });
  }
}

function setAt(target: Record<string, unknown>, [key = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner = (target[key] ??= {}) as Record<string, unknown>; // made here
  setAt(inner, rest, value);
}
