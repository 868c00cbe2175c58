import { PublicError } from "../../base/errors.ts";
import type { RequestDraft } from "../request-draft.ts";

type KeyPart = (draft: RequestDraft) => string;

/** Expressions in use as keys of rate limits, by their spelling; other ones wait for expressions. */
const KNOWN: Readonly<Record<string, KeyPart>> = {
  "conn.client_ip": ({ facts }) => facts.visitorIp,
  "req.host": ({ head }) => head.host.name,
  "req.method": ({ head }) => head.method,
  "req.url.host": ({ head }) => head.host.name,
  "req.url.path": ({ head }) => head.originForm.split("?", 1)[0] ?? "",
};

const HEADER = /^(?:getReqHeader\((['"])([\w-]+)\1\)|req\.headers\[(['"])([\w-]+)\3\](?:\[0\])?)$/;

/** What requests of one kind have in common. No parts: all are of one kind. @throws PublicError 2200 */
export function bucketKey(expressions: readonly string[]): KeyPart {
  const parts = expressions.map(keyPart);
  return (draft) => JSON.stringify(parts.map((part) => part(draft)));
}

function keyPart(expression: string): KeyPart {
  const known = Object.hasOwn(KNOWN, expression) ? KNOWN[expression] : undefined;
  if (known !== undefined) return known;
  const [, , called, , indexed] = HEADER.exec(expression) ?? [];
  const name = (called ?? indexed)?.toLowerCase();
  if (name === undefined) throw new PublicError("ERR_NGROK_2200", { expression });
  return (draft) => draft.get(name) ?? "";
}
