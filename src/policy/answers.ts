/** Answers that a policy has the edge give: custom-response, deny and redirect (reference.md 9.2). */
import type { Field, PolicyAnswer } from "./policy-verdict.ts";

const NO_BODY = new Uint8Array(0);

/** A body whose type nobody gave is JSON, HTML or text by its look. */
export function customAnswer(status: number, fields: readonly Field[], body: string): PolicyAnswer {
  const isTyped = fields.some(([name]) => name.toLowerCase() === "content-type");
  const typed: readonly Field[] = isTyped || body === "" ? fields : [["Content-Type", typeOf(body)], ...fields];
  return { status, fields: typed, body: Buffer.from(body) };
}

export function deniedAnswer(status: number): PolicyAnswer {
  return { status, fields: [], body: NO_BODY };
}

/** `location`: one octet per character. */
export function redirectAnswer(status: number, location: string, fields: readonly Field[]): PolicyAnswer {
  return { status, fields: [["Location", location], ...fields], body: NO_BODY };
}

function typeOf(body: string): string {
  if (/^\s*[[{]/.test(body) && isJson(body)) return "application/json";
  return /^\s*<(?:!doctype html|html)\b/i.test(body) ? "text/html; charset=utf-8" : "text/plain; charset=utf-8";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
