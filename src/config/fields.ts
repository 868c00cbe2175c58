/**
 * The kinds of values that configuration holds. Each accepts the text of a file or flag as well as a value of JSON, and answers
 * `undefined` for what counts as unset: absent, null, or an empty text (reference.md 2.3).
 */
import { z } from "zod";
import { parseDurationMs } from "../base/duration.ts";
import { UsageError } from "../base/errors.ts";

/** Any text. */
export function textField() {
  return parsedField((text) => text);
}

/** Text of at most `limitBytes` bytes of UTF-8. */
export function limitedTextField(limitBytes: number) {
  return parsedField((text) => {
    const bytes = Buffer.byteLength(text);
    if (bytes > limitBytes) throw new UsageError(`may have at most ${limitBytes} bytes, got ${bytes}`);
    return text;
  });
}

export function booleanField() {
  return scalarField((text) => {
    const isTrue = text.toLowerCase() === "true";
    if (!isTrue && text.toLowerCase() !== "false") throw expected("true or false", text);
    return isTrue;
  });
}

/** A positive duration in Go's spelling, as milliseconds. */
export function durationField() {
  return parsedField((text) => {
    const durationMs = parseDurationMs(text);
    if (durationMs === undefined || durationMs <= 0) throw expected("a duration such as 10s or 1m30s", text);
    return durationMs;
  });
}

/** One of a few words, among them perhaps true and false. */
export function wordField<const W extends string>(words: readonly W[]) {
  return scalarField((text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw expected(`one of ${words.join(", ")}`, text);
    return word;
  });
}

/** A list of texts, each of them turned by `parse`; a single text is a list of one. */
export function listField<T>(parse: (text: string) => T) {
  const item = requiredText().transform((text, context) => attempt(parse, text, context));
  return z
    .preprocess(
      (value) => (value === null || value === "" ? undefined : typeof value === "string" ? [value] : value),
      z.array(item, { error: (issue) => `expected a list of texts, found ${shapeOf(issue.input)}` }).optional(),
    )
    .optional();
}

/** A map of names to texts, each of them turned by `parse`. */
export function mapField<T>(parse: (text: string) => T) {
  const item = requiredText().transform((text, context) => attempt(parse, text, context));
  return unset(
    z.record(z.string(), item, { error: (issue) => `expected a map, found ${shapeOf(issue.input)}` }).optional(),
  );
}

/** A number from 0 to 1. */
export function ratioField() {
  return unset(
    z
      .union([z.string(), z.number()], { error: wrongShape })
      .transform((value, context) => {
        const ratio = Number(value);
        if (ratio >= 0 && ratio <= 1) return ratio;
        context.issues.push({ code: "custom", message: "expected a number from 0 to 1", input: value });
        return z.NEVER;
      })
      .optional(),
  );
}

/** A map of settings; other keys are refused. */
export function settingsField<const S extends z.core.$ZodShape>(shape: S) {
  const names = Object.keys(shape).join(" and ");
  return unset(z.strictObject(shape, { error: `expected a map of ${names}` }).optional());
}

/** Anything, kept as it is: for settings whose meaning comes later. */
export function rawField() {
  return unset(z.unknown());
}

/** A text that `parse` turns into its meaning. What `parse` throws becomes the problem of this field. */
export function parsedField<T>(parse: (text: string) => T) {
  return unset(
    requiredText()
      .transform((text, context) => attempt(parse, text, context))
      .optional(),
  );
}

/** As {@link parsedField}, where true and false of JSON are at home too. */
function scalarField<T>(parse: (text: string) => T) {
  return unset(
    z
      .union([requiredText(), z.boolean().transform(String)], { error: wrongShape })
      .transform((text, context) => attempt(parse, text, context))
      .optional(),
  );
}

/** What a message says about a value of the wrong kind. Credentials in front of an address are not repeated. */
export function expected(what: string, found: string): UsageError {
  return new UsageError(`expected ${what}, found ${JSON.stringify(found.replace(CREDENTIALS, "$1…@"))}`);
}

/** `user:password@` behind a scheme or without one (RFC 3986 section 3.2.1), whatever people put into passwords. */
const CREDENTIALS = /^([a-z][\w+.-]*:\/\/|(?![a-z][\w+.-]*:\/\/))[^/@]*:.*@/is;

/** Ports and names of digits are numbers in JSON; anything else that is no text has no spelling that its author knows. */
function requiredText() {
  return z.union([z.string(), z.int().transform(String)], { error: wrongShape });
}

function wrongShape({ input }: { readonly input?: unknown }): string {
  if (typeof input === "boolean") return `expected a text, found ${input}`;
  if (typeof input === "number") return `expected a text or a whole number, found ${input}`;
  return `expected a single value, found ${shapeOf(input)}`;
}

function unset<S extends z.ZodType>(schema: S) {
  return z.preprocess((value) => (value === null || value === "" ? undefined : value), schema).optional();
}

function attempt<T>(parse: (text: string) => T, text: string, context: z.core.$RefinementCtx): T {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    context.issues.push({ code: "custom", message: error.message, input: text });
    return z.NEVER;
  }
}

/** Never the value itself: it may be a secret in the wrong place. */
function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return value === null || value === undefined ? "nothing" : typeof value === "object" ? "a map" : "a single value";
}
