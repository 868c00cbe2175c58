/**
 * Names that may become public endpoints (reference.md 7.1 and 7.3). Agent and edge refuse a bad one with the same code.
 * Knows spelling only: who may bind a name is the edge's business.
 */
import { domainToUnicode } from "node:url";
import { PublicError } from "../base/errors.ts";

export const MAX_NAME_LENGTH = 253;
export const MAX_LABEL_LENGTH = 63;

/**
 * The name in lower case: a host name, or a wildcard `*.example.com`. Throws a PublicError with the code of the first rule
 * that it breaks.
 */
export function parseEndpointName(text: string): string {
  return parsed(text, { isWhole: true });
}

/** What stands before a base domain, by the same rules: a part of a name, where `*` may stand alone. */
export function parseNameStart(text: string): string {
  return parsed(text, { isWhole: false });
}

/** Whether a name is a wildcard; its suffix starts at the dot. */
export function isWildcardName(name: string): boolean {
  return name.startsWith("*.");
}

function parsed(text: string, { isWhole }: { readonly isWhole: boolean }): string {
  const domain = text.toLowerCase();
  refuseCharacters(domain);
  const labels = domain.split(".");
  for (const [index, label] of labels.entries()) {
    if (label.includes("*")) refuseWildcardUnlessFirst(domain, label, index === 0 && (labels.length > 1 || !isWhole));
    else refuseLabel(domain, label);
  }
  if (domain.length > MAX_NAME_LENGTH) throw new PublicError("ERR_NGROK_397", { domain });
  return domain;
}

function refuseCharacters(domain: string): void {
  if (domain.includes("_")) throw new PublicError("ERR_NGROK_355", { domain });
  const character = /[^a-z0-9.*-]/u.exec(domain)?.[0];
  if (character !== undefined) throw new PublicError("ERR_NGROK_326", { character, domain });
  if (domain.includes("..")) throw new PublicError("ERR_NGROK_327", { domain });
}

function refuseWildcardUnlessFirst(domain: string, label: string, mayBeWildcard: boolean): void {
  if (!mayBeWildcard) throw new PublicError("ERR_NGROK_402", { domain });
  if (label !== "*") throw new PublicError("ERR_NGROK_403", { domain });
}

function refuseLabel(domain: string, label: string): void {
  if (label === "" && domain !== "" && domain.endsWith(".") && !domain.startsWith("."))
    throw new PublicError("ERR_NGROK_329", { part: label, domain });
  if (!/^[a-z0-9]/.test(label)) throw new PublicError("ERR_NGROK_328", { part: label, domain });
  if (label.endsWith("-")) throw new PublicError("ERR_NGROK_329", { part: label, domain });
  if (label.length > MAX_LABEL_LENGTH) throw new PublicError("ERR_NGROK_396", { domain });
  const isPunycode = label.startsWith("xn--");
  if (label.startsWith("--", 2) && !isPunycode) throw new PublicError("ERR_NGROK_330", { domain });
  if (isPunycode && domainToUnicode(label) === "") throw new PublicError("ERR_NGROK_347", { part: label, domain });
}
