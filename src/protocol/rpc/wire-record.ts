import { z } from "zod";
import type { JsonObject, WireValue } from "./wire-value.ts";

/** A field of a record: its exact spelling on the wire and its value. */
export interface WireField<T> {
  readonly name: string;
  readonly value: WireValue<T>;
  /** Whether the field is not sent at all when its value on the wire is this one. */
  isLeftOut(wire: unknown): boolean;
}

/** A field that is always sent: Rust agents fail the call when one that they need is missing (protocol.md section 5). */
export function field<T>(name: string, value: WireValue<T>): WireField<T> {
  return { name, value, isLeftOut: () => false };
}

/** A member that is left out when it is empty, as those inside the modules of `Opts` are. */
export function member<T>(name: string, value: WireValue<T>): WireField<T> {
  return { name, value, isLeftOut: isEmpty };
}

/** A field that says "unchanged" by its absence, and "empty" by an empty value. */
export function changed<T>(name: string, value: WireValue<T>): WireField<T> {
  return { name, value, isLeftOut: (wire) => wire === null };
}

type Fields = Readonly<Record<string, WireField<unknown>>>;

/** What a record is in our code: our names, every field present. */
export type RecordOf<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends WireField<infer T> ? T : never;
};

export interface WireRecord<T> extends WireValue<T> {
  toWire(value: T): JsonObject;
}

/**
 * A JSON object whose fields are named on the left in our words, on the right in the words of the wire. Decoding ignores
 * the case of field names, since agents differ in it (protocol.md section 5), and drops unknown fields. Absent and null
 * records are read as if every field were absent.
 */
export function wireRecord<const F extends Fields>(fields: F): WireRecord<RecordOf<F>> {
  const entries = Object.entries<WireField<unknown>>(fields);
  const byFoldedName = new Map(entries.map(([key, { name }]) => [name.toLowerCase(), key]));
  const schemas = Object.fromEntries(entries.map(([key, { value }]) => [key, value.schema]));
  return {
    // The keys of `schemas` are those of F and each schema reads the type of its field.
    schema: z.preprocess((wire) => renameFields(wire, byFoldedName), z.object(schemas)) as unknown as z.ZodType<
      RecordOf<F>
    >,
    toWire: (record) => {
      const values: Readonly<Record<string, unknown>> = record;
      return Object.fromEntries(
        entries
          .map(([key, field]) => ({ field, wire: field.value.toWire(values[key]) }))
          .filter(({ field, wire }) => !field.isLeftOut(wire))
          .map(({ field, wire }) => [field.name, wire]),
      );
    },
  };
}

/** A message that says nothing but its kind. */
export type Nothing = Readonly<Record<string, never>>;
export const nothing: WireRecord<Nothing> = wireRecord({});

/** Of two spellings of one name the later wins, as in Go. Anything but an object is left for the schema to refuse. */
function renameFields(wire: unknown, byFoldedName: ReadonlyMap<string, string>): unknown {
  if (wire === undefined || wire === null) return {};
  if (typeof wire !== "object" || Array.isArray(wire)) return wire;
  return Object.fromEntries(
    Object.entries(wire).flatMap(([name, value]: [string, unknown]) => {
      const key = byFoldedName.get(name.toLowerCase());
      return key === undefined ? [] : [[key, value]];
    }),
  );
}

function isEmpty(wire: unknown): boolean {
  return wire === undefined || wire === null || wire === "" || (Array.isArray(wire) && wire.length === 0);
}
