/** The body of a call, from bytes to an object of JSON (reference.md 3.1, C-01). Its keys are checked by whoever uses it. */
import { readBodyText } from "../../http-api/body-text.ts";
import { ApiProblem } from "./api-problem.ts";
import { isOfBrowser } from "./browser-guard.ts";

/** Far above any definition or changed request that a person or program writes. */
export const MAX_BODY_BYTES = 1_048_576;

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads an object from JSON, or from a form when no browser sent it. Of a form each value is a text, and a list where a name
 * stands several times; curl calls JSON a form when nobody tells it better. Throws ApiProblem.
 */
export async function readBody(request: Request): Promise<JsonObject> {
  const text = await readText(request);
  if (text === "") throw new ApiProblem("invalidRequest", "the request has no body");
  const type = request.headers.get("Content-Type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "application/json") return parseObject(text);
  if (type === "application/x-www-form-urlencoded" && !isOfBrowser(request.headers)) {
    return text.trimStart().startsWith("{") ? parseObject(text) : formObject(text);
  }
  throw new ApiProblem("wrongType", `expected a body of type application/json, found ${JSON.stringify(type)}`);
}

async function readText(request: Request): Promise<string> {
  const read = await readBodyText(request, MAX_BODY_BYTES);
  if (read === "tooLarge") throw tooLarge();
  if (read === "notUtf8") throw new ApiProblem("invalidRequest", "the body is not UTF-8");
  return read.text;
}

function tooLarge(): ApiProblem {
  // What is left of the body is not read, so nothing else can come on this connection.
  return new ApiProblem("tooLarge", `a body may have at most ${MAX_BODY_BYTES} bytes`, { Connection: "close" });
}

function parseObject(text: string): JsonObject {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ApiProblem("invalidRequest", "expected an object of JSON");
  }
  return value as JsonObject; // JSON has no other objects left
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiProblem(
      "invalidRequest",
      `the body is not JSON: ${cause instanceof Error ? cause.message : "unreadable"}`,
    );
  }
}

function formObject(text: string): JsonObject {
  const form = new URLSearchParams(text);
  const entries = [...new Set(form.keys())].map((name): [string, unknown] => {
    const values = form.getAll(name);
    return [name, values.length === 1 ? values[0] : values];
  });
  return Object.fromEntries(entries);
}
