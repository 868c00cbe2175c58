import { type Authority, parseAuthority } from "./authority.ts";
import { refuseRequest } from "./faults.ts";
import { DEL, SP } from "./octets.ts";

/** The four forms of RFC 9112 section 3.2. */
export type TargetForm = "origin" | "absolute" | "authority" | "asterisk";

/** A target that names a host of its own. */
export interface TargetAuthority {
  readonly authority: Authority;
  /** Port that the scheme implies; `undefined` for CONNECT, whose target always has one. */
  readonly defaultPort: number | undefined;
  /** The same target in origin form; empty for CONNECT. */
  readonly originForm: string;
}

const SLASH = 0x2f;
const ASTERISK = 0x2a;
const HASH = 0x23;

/**
 * Form of the target, which stands in `raw` from `start` to `end`. Refuses white space, controls and `#`, which is never
 * part of a target; lets other octets pass that RFC 3986 would have encoded, because browsers and tools send them.
 */
export function targetForm(raw: Uint8Array, start: number, end: number, method: string): TargetForm {
  if (start === end) throw refuseRequest("start-line");
  for (let i = start; i < end; i++) {
    const octet = raw[i] ?? 0;
    if (octet <= SP || octet === DEL || octet === HASH) throw refuseRequest("target");
  }
  if (method === "CONNECT") return "authority";
  if (raw[start] === SLASH) return "origin";
  if (raw[start] !== ASTERISK || end - start > 1) return "absolute";
  if (method !== "OPTIONS") throw refuseRequest("target");
  return "asterisk";
}

/** Reads `http://host:port/path?query` or, for CONNECT, `host:port`. Anything else is refused. */
export function parseTargetAuthority(target: string, method: string): TargetAuthority {
  if (method === "CONNECT") {
    const authority = parseAuthority(target);
    if (authority?.port === undefined) throw refuseRequest("target");
    return { authority, defaultPort: undefined, originForm: "" };
  }
  const [, scheme = "", host = "", rest = ""] = /^(https?):\/\/([^/?]*)(.*)$/is.exec(target) ?? [];
  const authority = parseAuthority(host);
  if (authority === undefined) throw refuseRequest("target");
  return { authority, defaultPort: scheme.length === 5 ? 443 : 80, originForm: originForm(rest, method) };
}

/** An absent path is `/`, but for OPTIONS without a query it is `*` (RFC 9112 section 3.2.4). */
function originForm(rest: string, method: string): string {
  if (rest === "" && method === "OPTIONS") return "*";
  return rest.startsWith("/") ? rest : `/${rest}`;
}
