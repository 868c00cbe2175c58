/**
 * This folder turns the bytes of captured messages, which strangers wrote, into things a page can show. Every module is
 * pure: no DOM, no clock, no network; it never throws, whatever the input, and takes time and memory in proportion to it.
 * What to draw and how is the page's affair: these modules give words, numbers and slices of text, never markup.
 *
 * From bytes to what is shown:
 *   `content-kind.ts`   which of the views below fits a body
 *   `charset.ts`        bytes to text
 *   `json-tree.ts`, `xml-tree.ts`   text to foldable rows and the place of the first syntax error; `fold-view.ts` says
 *                       which of these rows a virtual list shows
 *   `form-fields.ts`, `multipart-parts.ts`   fields of forms and of the query, files
 *   `text-lines.ts`     any text to rows of bounded length; `hex-rows.ts` any bytes to rows of hexadecimal
 *   `visible-text.ts`   control and bidi characters made visible, for every text that is shown
 * About a whole message:
 *   `raw-message.ts`    head and body of the raw bytes; `cookies.ts`, `auth-header.ts` fields decoded
 *   `curl-command.ts`   the request as a command; `response-diff.ts` two answers compared
 * About the list:
 *   `filter-query.ts`   the language of the filter bar; `amount-text.ts` durations, sizes and times for people
 */
import { imageTypeOf } from "./image-type.ts";
import { parseParameterized } from "./media-type.ts";

/** The views that a page has for bodies. */
export type ContentView = "empty" | "json" | "xml" | "form" | "multipart" | "image" | "text" | "binary";

/** What a body is. */
export interface ContentKind {
  readonly view: ContentView;
  /** As declared, lower case, without parameters; empty when nothing was declared. */
  readonly mediaType: string;
  /** For `image`: what the bytes are, out of a fixed list, so safe as the type of a Blob. */
  readonly imageType: string | undefined;
}

/** So much of a body is looked at to tell text from binary. */
const SNIFF_BYTES = 16_384;
const TEXTUAL = new Set([
  "application/javascript",
  "application/ecmascript",
  "application/graphql",
  "application/sql",
  "application/toml",
  "application/yaml",
  "application/x-yaml",
  "application/x-ndjson",
  "application/x-sh",
  "application/x-javascript",
  "application/jwt",
]);

/**
 * How a decoded body is best shown, by its declared type (`Content-Type` value) and, where that says nothing or cannot be
 * true, by its bytes. A JSON body declared as a form counts as JSON: `curl -d '{"a":1}'` sends it so.
 */
export function contentKind(contentType: string | undefined, bytes: Uint8Array): ContentKind {
  const { value: mediaType, parameters } = parseParameterized(contentType);
  const imageType = imageTypeOf(bytes);
  const view = bytes.length === 0 ? "empty" : viewOf(mediaType, bytes, imageType, parameters.get("charset"));
  return { view, mediaType, imageType: view === "image" ? imageType : undefined };
}

function viewOf(
  mediaType: string,
  bytes: Uint8Array,
  imageType: string | undefined,
  charset: string | undefined,
): ContentView {
  if (mediaType.startsWith("multipart/")) return "multipart";
  if (imageType !== undefined) return "image";
  const readsAsText = isWide(charset) || looksLikeText(bytes);
  if (!readsAsText) return "binary";
  if (mediaType === "application/json" || mediaType === "text/json" || mediaType.endsWith("+json")) return "json";
  if (mediaType === "application/xml" || mediaType === "text/xml" || mediaType.endsWith("+xml")) return "xml";
  if (mediaType === "application/x-www-form-urlencoded") return looksLikeJson(bytes) ? "json" : "form";
  if (mediaType.startsWith("text/") || TEXTUAL.has(mediaType)) return "text";
  return viewOfBytes(bytes);
}

/** For bodies whose type is missing, or says nothing (`application/octet-stream`). */
function viewOfBytes(bytes: Uint8Array): ContentView {
  if (looksLikeJson(bytes)) return "json";
  const start = String.fromCharCode(...bytes.subarray(0, 8));
  return /^(?:\u00ef\u00bb\u00bf)?<\?xml/.test(start) ? "xml" : "text";
}

function isWide(charset: string | undefined): boolean {
  return charset !== undefined && /^(?:utf-?(?:16|32)|ucs-2|unicode)/i.test(charset);
}

function looksLikeText(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, SNIFF_BYTES);
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) return true;
  let odd = 0;
  for (const byte of head) {
    if (byte === 0) return false;
    // Controls but tab, line feed, form feed, carriage return and escape do not occur in text.
    if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) odd++;
  }
  return odd * 50 <= head.length && (isUtf8(head) || odd === 0);
}

/** A character cut off at the end is no fault: the head of a body ends anywhere. */
function isUtf8(head: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function looksLikeJson(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => !isSpace(byte));
  let end = bytes.length;
  while (end > 0 && isSpace(bytes[end - 1] ?? 0)) end--;
  const last = bytes[end - 1];
  return (first === 0x7b && last === 0x7d) || (first === 0x5b && last === 0x5d);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 9 && byte <= 13);
}
