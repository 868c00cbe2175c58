/** An answer of the API as people and wrappers read it (reference.md 8.4, clients.md K-150). */
import { STATUS_CODES } from "node:http";
import { escapeUnprintableJson } from "../../base/unprintable.ts";
import type { HttpAnswer } from "./http-exchange.ts";

export interface AnswerText {
  /** One line: `200 OK`. Holds no brace, so that a reader of both streams finds where the JSON begins. */
  readonly status: string;
  /** One document and a newline; empty for an answer without a body. */
  readonly json: string;
}

/** `undefined` for an answer that the API does not give: its bodies are objects of JSON. */
export function answerText({ status, body }: HttpAnswer): AnswerText | undefined {
  const line = statusText(status);
  if (body.length === 0) return status === 204 ? { status: `${line}\n`, json: "" } : undefined;
  const value = parsedObject(body);
  if (value === undefined) return undefined;
  // Only texts can hold such characters, and there JSON reads the escape as the same character.
  const lines = JSON.stringify(value, undefined, 2).split("\n").map(escapeUnprintableJson);
  return { status: `${line}\n`, json: `${lines.join("\n")}\n` };
}

/** The words are ours, not the server's. */
export function statusText(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ""}`.trimEnd();
}

function parsedObject(body: Uint8Array): object | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
