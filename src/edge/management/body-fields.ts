import type { z } from "zod";
import { PublicError } from "../../base/errors.ts";

/**
 * What a body says, by the schema of its call. Generated clients send every field they know, so a field without a value is one that
 * was not given, whether we know it or not (clients.md K-171).
 * @throws PublicError 214 for a field that nobody knows, 215 for a value that cannot be
 */
export function bodyFields<S extends z.ZodObject>(schema: S, body: Readonly<Record<string, unknown>>): z.infer<S> {
  const given = Object.entries(body).filter(([name, value]) => !isNothing(value, Object.hasOwn(schema.shape, name)));
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join(".") ?? "";
  if (issue?.code === "unrecognized_keys") {
    const name = [path, issue.keys[0] ?? ""].filter((part) => part !== "").join(".");
    throw new PublicError("ERR_NGROK_214", { name, known: Object.keys(schema.shape).join(", ") });
  }
  throw new PublicError("ERR_NGROK_215", { name: path, reason: issue?.message ?? "it does not fit" });
}

/** Of a field that we know an empty text is a value. */
function isNothing(value: unknown, isKnown: boolean): boolean {
  if (value === null || value === undefined) return true;
  if (isKnown) return false;
  return value === "" || (typeof value === "object" && Object.keys(value).length === 0);
}
