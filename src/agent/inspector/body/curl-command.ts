import { base64Text } from "./base64-bytes.ts";
import { latin1Bytes } from "./raw-message.ts";
import { fitsShellWord, shellWord } from "./shell-word.ts";

/** A request to be written as a command. Texts hold one character per octet, as they stood on the wire. */
export interface CurlRequest {
  /** Scheme, host and port, no path: `https://x.example.org`. */
  readonly baseUrl: string;
  readonly method: string;
  /** As sent: `/path?query`, `*`, or a whole URL. */
  readonly target: string;
  /** As in the start line: `HTTP/1.1`. */
  readonly version: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Without transfer coding. */
  readonly body: Uint8Array;
  /** Whether `baseUrl` is the public address. Then fields that the edge adds are left out, as it will add them again. */
  readonly isPublic: boolean;
}

/** Linux takes 128 KiB in one argument of a program; what is longer goes through a pipe. */
const ARGUMENT_LIMIT_BYTES = 65_536;
/** Above this curl asks first whether the body is wanted, unless it is told not to. */
const EXPECT_BYTES = 1_000_000;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** curl computes it. A trailer cannot be sent with curl at all. */
const LEFT_OUT = new Set(["content-length", "trailer"]);
const ADDED_BY_EDGE = new Set(["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"]);
/** curl sends these of its own accord; an empty value stops it. */
const OWN_FIELDS = ["User-Agent", "Accept"];
const DECODED_BY_CURL = /gzip|deflate|br|zstd/i;

/**
 * The request as a command for a POSIX shell with curl 7.55 or later: the same method, target, fields (order, case and
 * repeated ones included) and bytes. The body is decoded by `base64 -d` from a pipe when it cannot be seen as text.
 */
export function curlCommand(request: CurlRequest): string {
  const { body, fields } = request;
  const hasLength = fields.some(([name]) => name.toLowerCase() === "content-length");
  const isPiped = body.length > ARGUMENT_LIMIT_BYTES || !fitsShellWord(body);
  const lines = [
    `${isPiped ? `printf %s ${base64Text(body)} | base64 -d | ` : ""}curl ${requestUrl(request)}`,
    `${request.version === "HTTP/1.0" ? "--http1.0" : "--http1.1"}${methodOption(request)}`,
    ...fieldLines(request),
  ];
  if (isPiped) lines.push("--data-binary @-");
  else if (body.length > 0 || (hasLength && request.method !== "HEAD")) lines.push(`--data-raw ${quotedBody(body)}`);
  return lines.join(" \\\n  ");
}

function requestUrl({ baseUrl, target }: CurlRequest): string {
  const isPlainPath = /^\/[!-~]*$/.test(target) && !target.includes("#");
  if (!isPlainPath) return `${word(`${baseUrl}/`)} --request-target ${word(target)}`;
  const options = [
    /\/\.{1,2}(?:[/?]|$)|%2e/i.test(target) ? " --path-as-is" : "",
    /[[\]{}]/.test(target) ? " --globoff" : "",
  ];
  return `${word(baseUrl + target)}${options.join("")}`;
}

function methodOption({ method, body }: CurlRequest): string {
  if (method === "HEAD" && body.length === 0) return " --head";
  if (method === "GET" && body.length === 0) return "";
  return ` --request ${word(method)}`;
}

function fieldLines(request: CurlRequest): readonly string[] {
  const { baseUrl, body, fields, isPublic } = request;
  const names = new Set(fields.map(([name]) => name.toLowerCase()));
  const lines = fields
    .filter(([name, value]) => {
      const key = name.toLowerCase();
      if (!TOKEN.test(name) || LEFT_OUT.has(key) || value.includes("\0")) return false;
      if (isPublic && ADDED_BY_EDGE.has(key)) return false;
      return key !== "host" || value.toLowerCase() !== baseUrl.replace(/^\w+:\/\//, "").toLowerCase();
    })
    .map(([name, value]) => `-H ${word(value === "" ? `${name};` : `${name}: ${value}`)}`);
  const stopped = [...OWN_FIELDS];
  if (body.length > 0) stopped.push("Content-Type");
  if (body.length > EXPECT_BYTES) stopped.push("Expect");
  lines.push(...stopped.filter((name) => !names.has(name.toLowerCase())).map((name) => `-H '${name}:'`));
  const coding = fields.find(([name]) => name.toLowerCase() === "accept-encoding")?.[1] ?? "";
  if (DECODED_BY_CURL.test(coding)) lines.push("--compressed");
  return lines;
}

function word(latin1Text: string): string {
  return shellWord(latin1Bytes(latin1Text));
}

function quotedBody(body: Uint8Array): string {
  return body.length === 0 ? "''" : shellWord(body);
}
