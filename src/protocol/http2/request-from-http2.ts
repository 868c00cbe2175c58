/** A request of HTTP/2 in the words of HTTP/1.1 (RFC 9113 section 8.3.1). */
import { isSameAuthority, parseAuthority } from "../http1/authority.ts";
import type { FieldLines } from "../http1/field-lines.ts";
import { isToken } from "../http1/octets.ts";
import { faultOfField, MalformedHttp2 } from "./field-pairs.ts";

/** How the body is to be written behind the head. */
export type BodyCoding = "none" | "length" | "chunked";

export interface Http1Request {
  /** The head, one octet per character, blank line included. */
  readonly head: string;
  readonly method: string;
  readonly authority: string;
  readonly coding: BodyCoding;
  /** Bytes of the body, with the coding `length`. */
  readonly contentLength: number;
  /** A WebSocket that begins with an extended CONNECT (RFC 8441), and that a 101 lets begin. */
  readonly isWebSocket: boolean;
}

export interface RequestContext {
  /** The scheme that the visitor's connection is for. */
  readonly scheme: "http" | "https";
  /** The stream goes on behind the head. */
  readonly hasBody: boolean;
  /** What stands in Sec-WebSocket-Key, which HTTP/2 has no use for: 16 random bytes in base64. */
  readonly webSocketKey: () => string;
}

const PSEUDO = [":method", ":scheme", ":authority", ":path", ":protocol"] as const;
type Pseudo = (typeof PSEUDO)[number];
type PseudoFields = Partial<Record<Pseudo, string>>;

interface Split {
  readonly pseudo: PseudoFields;
  readonly fields: FieldLines;
}

/** Octets that no reader takes for an end; some clients leave letters beyond ASCII as they are. */
const VISIBLE = /^[!-~\u0080-\u00ff]+$/;
const USUAL_PORT = { http: 80, https: 443 } as const;

/** `fields` are those of the head in their order, pseudo-header fields included. */
export function http1Request(fields: FieldLines, context: RequestContext): Http1Request | MalformedHttp2 {
  const split = splitFields(fields);
  if (split instanceof MalformedHttp2) return split;
  const { pseudo } = split;
  const method = pseudo[":method"] ?? "";
  if (!isToken(method)) return new MalformedHttp2("the method is not a token");
  const isWebSocket = method === "CONNECT" && pseudo[":protocol"] !== undefined;
  const authority = authorityOf(split, context);
  if (authority instanceof MalformedHttp2) return authority;
  const target = method === "CONNECT" && !isWebSocket ? connectTarget(pseudo, authority) : targetOf(pseudo, context);
  if (target instanceof MalformedHttp2) return target;
  const length = contentLengthOf(split.fields, context.hasBody && !isWebSocket);
  if (length instanceof MalformedHttp2) return length;
  const hasBody = context.hasBody && method !== "CONNECT";
  const coding = hasBody ? (length === undefined ? "chunked" : "length") : "none";
  const shown = isWebSocket ? "GET" : method;
  const lines = [
    `${shown} ${target} HTTP/1.1`,
    `host: ${authority}`,
    ...fieldLines(split.fields),
    ...(coding === "chunked" ? ["transfer-encoding: chunked"] : []),
    ...(isWebSocket ? webSocketLines(split, context) : []),
  ];
  const head = `${lines.join("\r\n")}\r\n\r\n`;
  return { head, method: shown, authority, coding, contentLength: length ?? 0, isWebSocket };
}

function splitFields(all: FieldLines): Split | MalformedHttp2 {
  const pseudo: PseudoFields = {};
  const fields: (readonly [string, string])[] = [];
  for (const [name, value] of all) {
    if (name.startsWith(":")) {
      const known = PSEUDO.find((candidate) => candidate === name);
      if (known === undefined || pseudo[known] !== undefined || fields.length > 0) {
        return new MalformedHttp2("a pseudo-header field is unknown, repeated, or behind the others");
      }
      if (!VISIBLE.test(value)) return new MalformedHttp2("a pseudo-header field is empty, or holds what it may not");
      pseudo[known] = value;
      continue;
    }
    const fault = faultOfField(name, value);
    if (fault !== undefined) return new MalformedHttp2(fault);
    if (name === "te" && value.toLowerCase() !== "trailers") return new MalformedHttp2("TE is more than trailers");
    fields.push([name, value]);
  }
  return { pseudo, fields };
}

/** What every reader behind us shall take for the host: `:authority`, with which Host has to agree. */
function authorityOf({ pseudo, fields }: Split, { scheme }: RequestContext): string | MalformedHttp2 {
  const hosts = fields.filter(([name]) => name === "host").map(([, value]) => value);
  const named = pseudo[":authority"] ?? hosts[0];
  const authority = named === undefined ? undefined : parseAuthority(named);
  if (named === undefined || authority === undefined)
    return new MalformedHttp2("there is no host, or none that is one");
  const agrees = (host: string): boolean => {
    const other = parseAuthority(host);
    return other !== undefined && isSameAuthority(authority, other, USUAL_PORT[scheme]);
  };
  return hosts.length <= 1 && hosts.every(agrees)
    ? named
    : new MalformedHttp2("Host names another authority than :authority");
}

function targetOf(pseudo: PseudoFields, { scheme }: RequestContext): string | MalformedHttp2 {
  const path = pseudo[":path"] ?? "";
  if (pseudo[":scheme"]?.toLowerCase() !== scheme)
    return new MalformedHttp2("the scheme is not that of the connection");
  const isPath = path.startsWith("/") || (path === "*" && pseudo[":method"] === "OPTIONS");
  if (!isPath || path.includes("#")) return new MalformedHttp2("the path does not begin with a slash");
  const protocol = pseudo[":protocol"];
  if (protocol === undefined) return path;
  const isKnown = protocol === "websocket" && pseudo[":method"] === "CONNECT";
  return isKnown ? path : new MalformedHttp2("only CONNECT may name a protocol, and only websocket");
}

/** RFC 9113 section 8.5. */
function connectTarget(pseudo: PseudoFields, authority: string): string | MalformedHttp2 {
  const isPlain = pseudo[":scheme"] === undefined && pseudo[":path"] === undefined;
  return isPlain ? authority : new MalformedHttp2("CONNECT has a scheme or a path");
}

/** `undefined` when the head names none. */
function contentLengthOf(fields: FieldLines, hasBody: boolean): number | undefined | MalformedHttp2 {
  const named = fields.filter(([name]) => name === "content-length").map(([, value]) => value);
  if (named.length === 0) return undefined;
  const [text = ""] = named;
  const length = Number(text);
  const isNumber = named.length === 1 && /^\d+$/.test(text) && Number.isSafeInteger(length);
  if (!isNumber) return new MalformedHttp2("Content-Length is not one decimal number");
  return hasBody || length === 0 ? length : new MalformedHttp2("Content-Length speaks of a body that does not come");
}

/** The Cookie fields become one line again (RFC 9113 section 8.2.3); TE is an option of the connection in HTTP/1.1. */
function* fieldLines(fields: FieldLines): Generator<string> {
  const cookies = fields.filter(([name]) => name === "cookie").map(([, value]) => value);
  for (const [name, value] of fields) {
    if (name !== "host" && name !== "cookie") yield `${name}: ${value}`;
    if (name === "te") yield "connection: te";
  }
  if (cookies.length > 0) yield `cookie: ${cookies.join("; ")}`;
}

/** RFC 8441 section 5: what HTTP/1.1 has beyond. */
function webSocketLines({ fields }: Split, { webSocketKey }: RequestContext): string[] {
  const key = fields.some(([name]) => name === "sec-websocket-key") ? [] : [`sec-websocket-key: ${webSocketKey()}`];
  return ["connection: upgrade", "upgrade: websocket", ...key];
}
