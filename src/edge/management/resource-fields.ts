/** Fields that many resources have, as they are read and as they are answered (reference.md 8.2). */
import { Buffer } from "node:buffer";
import { z } from "zod";

const MAX_DESCRIPTION_BYTES = 255;
const MAX_METADATA_BYTES = 4096;

/** What everybody may say about a record of theirs. */
export const noteFields = {
  description: textOf(MAX_DESCRIPTION_BYTES).describe("For people"),
  metadata: textOf(MAX_METADATA_BYTES).describe("For programs"),
};

/** A text that may be left out. */
export function textOf(maxBytes: number) {
  return z
    .string()
    .refine((text) => Buffer.byteLength(text) <= maxBytes, `it has more than ${maxBytes} bytes`)
    .meta({ maxLength: maxBytes })
    .optional();
}

/** Another record. */
export const refSchema = z.object({ id: z.string(), uri: z.string() });

/** RFC 3339 in UTC, whole seconds. */
export const timeSchema = z.iso.datetime();

/** What every record that an account keeps is answered with. */
export const recordShape = {
  id: z.string(),
  uri: z.string(),
  created_at: timeSchema,
  description: z.string(),
  metadata: z.string(),
};
