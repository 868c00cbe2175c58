import { CallFailure } from "../data/call-failure.ts";
import type { Field } from "./field.ts";

/** The field that a failed call is about: the one that the edge named, else the one that its code belongs to. */
export function faultyField(fields: readonly Field[], failure: unknown): Field | undefined {
  if (!(failure instanceof CallFailure)) return undefined;
  const [named = ""] = failure.field.split(".");
  return fields.find(({ name }) => name === named) ?? fields.find(({ faults }) => faults?.test(failure.code));
}
