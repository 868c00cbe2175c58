/** From a request to what its call means: query, headers and body by the rules that all calls share (reference.md 8.1). */
import { PublicError } from "../../base/errors.ts";
import { readBodyText } from "../../http-api/body-text.ts";
import type { PageWish } from "./management-call.ts";
import { type ActionSpec, MAX_PAGE, type ResourceSpec } from "./resource-spec.ts";

/** Far above any certificate chain or traffic policy. */
export const MAX_BODY_BYTES = 1_048_576;
/** From those who are nobody yet: an API key, in JSON. */
export const MAX_SIGN_IN_BYTES = 4_096;

const VERSION = "2";
/** The second spelling is that of a published client (clients.md K-167). */
const BEFORE = ["before_id", "beforeId"] as const;
const PAGE_PARAMETERS = ["limit", "before_id", "filter"] as const;
const SUFFIX = "[0-9A-Za-z]{27}";

/** @throws PublicError 217, 218 */
export function checkVersion(version: string | null): void {
  if (version === null || version.trim() === "") throw new PublicError("ERR_NGROK_218", {});
  if (version.trim() !== VERSION) throw new PublicError("ERR_NGROK_217", { version });
}

/** @throws PublicError 222 for what no record can have as its id */
export function checkId({ idPrefix, title }: Pick<ResourceSpec, "idPrefix" | "title">, id: string): void {
  if (!isIdOf(idPrefix, id)) throw new PublicError("ERR_NGROK_222", { resource: title, id });
}

/**
 * Parameters without a value were not given; `filter` is for others to read. `listed` are the records of a list; `undefined` for calls
 * that are none. A record that a page begins behind need not be there any more.
 * @throws PublicError 230 to 233
 */
export function pageWish(query: URLSearchParams, listed: Pick<ResourceSpec, "idPrefix"> | undefined): PageWish {
  const known: readonly string[] = listed === undefined ? [] : [...PAGE_PARAMETERS, ...BEFORE];
  for (const name of new Set(query.keys())) {
    if (!known.includes(name)) throw unknownParameter(name, listed !== undefined);
    if (query.getAll(name).length > 1) throw new PublicError("ERR_NGROK_232", { name });
  }
  const limit = query.get("limit") || String(MAX_PAGE);
  const isPageSize = /^\d{1,3}$/.test(limit) && Number(limit) >= 1 && Number(limit) <= MAX_PAGE;
  if (!isPageSize) throw new PublicError("ERR_NGROK_233", { value: limit, most: MAX_PAGE });
  const beforeId = BEFORE.map((name) => query.get(name)).find((value) => value) ?? undefined;
  if (beforeId !== undefined && listed !== undefined && !isIdOf(listed.idPrefix, beforeId)) {
    const reason = `before_id is an id of this list, such as ${listed.idPrefix}_… of 27 letters and digits`;
    throw new PublicError("ERR_NGROK_230", { reason: `${reason}, not ${JSON.stringify(beforeId)}` });
  }
  return { limit: Number(limit) + 1, beforeId };
}

function isIdOf(prefix: string, id: string): boolean {
  return new RegExp(`^${prefix}_${SUFFIX}$`).test(id);
}

function unknownParameter(name: string, isList: boolean): PublicError {
  return new PublicError("ERR_NGROK_231", { name, known: isList ? PAGE_PARAMETERS.join(", ") : "none" });
}

/** The object in the body; empty for calls that take none. @throws PublicError 210 to 216 */
export async function callBody(
  request: Request,
  { fields, method }: Pick<ActionSpec, "fields" | "method">,
  limitBytes = MAX_BODY_BYTES,
): Promise<Readonly<Record<string, unknown>>> {
  const read = await readBodyText(request, limitBytes);
  if (read === "notUtf8") throw new PublicError("ERR_NGROK_213", { reason: "it is not UTF-8" });
  if (read === "tooLarge") throw new PublicError("ERR_NGROK_212", { limitBytes });
  if (fields === undefined) {
    // Published clients send the bare id as the body of a command.
    if (read.text !== "" && method !== "POST") throw new PublicError("ERR_NGROK_211", { method });
    return {};
  }
  const type = request.headers.get("Content-Type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "") throw new PublicError("ERR_NGROK_216", {});
  if (type !== "application/json") throw new PublicError("ERR_NGROK_210", { type });
  return jsonObject(read.text);
}

function jsonObject(text: string): Readonly<Record<string, unknown>> {
  const value = parsedJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new PublicError("ERR_NGROK_213", { reason: "it is no object" });
  }
  return value as Readonly<Record<string, unknown>>; // JSON has no other objects left
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PublicError("ERR_NGROK_213", { reason: text === "" ? "it is empty" : "it is not valid JSON" });
  }
}
