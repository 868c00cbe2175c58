import { excerpt } from "./syntax-fault.ts";

interface TokenFault {
  readonly offset: number;
  readonly length: number;
  readonly reason: string;
}

const ESCAPED = new Set(['"', "\\", "/", "b", "f", "n", "r", "t", "u"]);
const HEX4 = /^[0-9a-fA-F]{4}$/;

/** What is wrong with the string whose opening quote stands at `start`, and where; call it only when something is. */
export function stringFault(text: string, start: number): TokenFault {
  for (let at = start + 1; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') break;
    if (character === "\n" || character === "\r") {
      return { offset: start, length: at - start, reason: "the string is not closed before the end of the line" };
    }
    if (character < " ") {
      return {
        offset: at,
        length: 1,
        reason: `a control character in a string must be written as ${escapeOf(character)}`,
      };
    }
    if (character !== "\\") continue;
    const fault = escapeFault(text, at);
    if (fault !== undefined) return fault;
    at++;
  }
  return { offset: start, length: text.length - start, reason: "the string is not closed before the end of the text" };
}

function escapeFault(text: string, at: number): TokenFault | undefined {
  const letter = text.charAt(at + 1);
  if (letter === "") return undefined;
  if (!ESCAPED.has(letter)) {
    return { offset: at, length: 2, reason: 'after a backslash JSON knows only " \\ / b f n r t and u' };
  }
  if (letter !== "u" || HEX4.test(text.slice(at + 2, at + 6))) return undefined;
  return { offset: at, length: 2, reason: "\\u must be followed by four hexadecimal digits" };
}

function escapeOf(character: string): string {
  const short = { "\t": "\\t", "\b": "\\b", "\f": "\\f" }[character];
  return short ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Why a word that stands where a value should is none. */
export function wordReason(word: string): string {
  const lower = word.toLowerCase();
  if (word.startsWith("'") || word.startsWith("`")) return "strings must stand in double quotes";
  if (lower === "true" || lower === "false" || lower === "null") return `${lower} must be written in lower case`;
  if (lower === "none" || lower === "nil" || lower === "undefined") return `JSON has no ${excerpt(word)}; it has null`;
  if (/^[+-]?(?:nan|inf|infinity)$/.test(lower)) return `JSON has no ${excerpt(word)}`;
  if (word.startsWith("+")) return "a number cannot begin with a plus sign";
  if (/^-?\./.test(word)) return "a number must have a digit before the point";
  if (word.startsWith("-")) return "a minus sign must be followed by a digit";
  if (/^[\p{L}_$]/u.test(word)) return `${excerpt(word)} is no JSON value; a string must stand in double quotes`;
  return `${excerpt(word)} cannot stand here: a value is expected`;
}
