import { z } from "zod";

/** How one value looks on the wire: a schema that reads what a peer sent, and the way back. */
export interface WireValue<T> {
  readonly schema: z.ZodType<T>;
  toWire(value: T): unknown;
}

/** The type that a wire value has in our code. */
export type ValueOf<W> = W extends WireValue<infer T> ? T : never;

/** A JSON object with the names and values that the peer sent. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Absent and null mean the default of the type, as they do to Go agents (protocol.md section 5). */
function orDefault<T>(schema: z.ZodType<T>, fallback: T): WireValue<T> {
  return { schema: schema.nullish().transform((value) => value ?? fallback), toWire: (value) => value };
}

export const text = orDefault<string>(z.string(), "");
export const flag = orDefault<boolean>(z.boolean(), false);
/** A whole number, not negative. */
export const count = orDefault<number>(z.int().min(0), 0);
export const fraction = orDefault<number>(z.number(), 0);
export const textList = orDefault<readonly string[]>(z.array(z.string()), []);
export const textMap = orDefault<Readonly<Record<string, string>>>(z.record(z.string(), z.string()), {});
/** Any object, untouched. */
export const jsonObject = orDefault<JsonObject>(z.looseObject({}), {});

export function oneOf<const T extends string | number>(values: readonly [T, ...T[]], fallback: T): WireValue<T> {
  return orDefault<T>(z.literal(values), fallback);
}

const NANOSECONDS_PER_MS = 1_000_000;

/** A duration: nanoseconds on the wire, milliseconds here. Absent, null and 0 mean the default. */
export function nanoseconds(defaultMs: number): WireValue<number> {
  return {
    schema: z
      .number()
      .min(0)
      .nullish()
      .transform((value) => (value ? value / NANOSECONDS_PER_MS : defaultMs)),
    toWire: (ms) => Math.round(ms * NANOSECONDS_PER_MS),
  };
}

/** Null on the wire for undefined here; absent is undefined too. */
export function optional<T>(inner: WireValue<T>): WireValue<T | undefined> {
  return {
    schema: inner.schema.nullish().transform((value) => value ?? undefined),
    toWire: (value) => (value === undefined ? null : inner.toWire(value)),
  };
}

/** A module that has no settings: `{}` on the wire when on, null when off. */
export const presence: WireValue<boolean> = {
  schema: z
    .looseObject({})
    .nullish()
    .transform((value) => value !== undefined && value !== null),
  toWire: (isOn) => (isOn ? {} : null),
};

export function listOf<T>(inner: WireValue<T>): WireValue<readonly T[]> {
  return {
    schema: z
      .array(inner.schema)
      .nullish()
      .transform((value) => value ?? []),
    toWire: (values) => values.map((value) => inner.toWire(value)),
  };
}
