import { useMemo } from "hono/jsx/dom";
import { fieldText, readRawMessage } from "../../body/raw-message.ts";
import { capturedBytes } from "../data/captured-bytes.ts";
import type { Field } from "../data/exchange.ts";

/** Head of a captured message, as people read it: values that are UTF-8 are shown as such. */
export interface ShownHead {
  readonly startLine: string;
  /** As spelled, in the order sent. */
  readonly fields: readonly Field[];
  readonly raw: Uint8Array<ArrayBuffer>;
}

/** Of the API's `raw`. */
export function useHead(rawBase64: string): ShownHead {
  return useMemo(() => shownHead(rawBase64), [rawBase64]);
}

export function shownHead(rawBase64: string): ShownHead {
  const raw = capturedBytes(rawBase64);
  const { startLine, fields } = readRawMessage(raw);
  return { startLine: fieldText(startLine), raw, fields: fields.map(([name, value]) => [name, fieldText(value)]) };
}

/** The values of all fields of this name, given in lower case. */
export function fieldValues(fields: readonly Field[], wanted: string): readonly string[] {
  return fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
}
