/** Whether a response goes on compressed, and how its head tells so (reference.md 7.11; RFC 9110 sections 8.4, 12.5.3). */
import type { HeadEdits } from "../protocol/http1/head-edits.ts";
import { listMembers } from "../protocol/http1/list-members.ts";
import type { RequestHead } from "../protocol/http1/request-head.ts";
import type { ResponseHead } from "../protocol/http1/response-head.ts";

/** What shrinks; pictures, films and archives are compressed already. */
const COMPRESSIBLE =
  /^(?:text\/|application\/(?:[\w.+-]+\+)?(?:json|xml|yaml)$|application\/(?:javascript|x-javascript|ecmascript|x-ndjson|wasm|graphql|rtf|manifest\+json)$|image\/(?:svg\+xml|bmp|x-icon|vnd\.microsoft\.icon)$|font\/(?:ttf|otf|collection)$)/;

/** `vary`: not now, but for other visitors. */
export type CompressionChoice = "gzip" | "vary" | "none";

export function compressionChoice(request: RequestHead, response: ResponseHead): CompressionChoice {
  if (!isCompressible(response)) return "none";
  const isPossible = request.method !== "HEAD" && request.version === 11 && response.framing.type !== "none";
  return isPossible && acceptsGzip(request.values("accept-encoding")) ? "gzip" : "vary";
}

/** Changes that go with a choice other than `none`. */
export function editForCompression(choice: "gzip" | "vary", response: ResponseHead, edits: HeadEdits): void {
  const varies = new Set(listMembers(response.values("vary")).map((member) => member.toLowerCase()));
  if (!varies.has("accept-encoding") && !varies.has("*")) edits.append("Vary", "Accept-Encoding");
  if (choice === "vary") return;
  edits.remove("Content-Length").remove("Accept-Ranges").set("Transfer-Encoding", "chunked");
  edits.set("Content-Encoding", "gzip");
  // The octets are no longer those that a strong validator stands for (RFC 9110 section 8.8.1).
  const etag = response.get("etag");
  if (etag?.startsWith('"') === true) edits.set("ETag", `W/${etag}`);
}

function isCompressible(response: ResponseHead): boolean {
  const { status, version } = response;
  if (status < 200 || status === 204 || status === 206 || status === 304 || version !== 11) return false;
  if (response.get("content-encoding") !== undefined || response.get("content-range") !== undefined) return false;
  // Fields behind the body would have to be taken off and put on again.
  if (response.get("trailer") !== undefined) return false;
  const directives = listMembers(response.values("cache-control")).map((member) => member.toLowerCase());
  if (directives.includes("no-transform")) return false;
  const [type = ""] = (response.get("content-type") ?? "").split(";", 1);
  return COMPRESSIBLE.test(type.trim().toLowerCase());
}

/** By name or `*`, with the higher weight winning the name's way: `gzip;q=0` refuses what `*` would allow. */
function acceptsGzip(values: readonly string[]): boolean {
  let byStar = false;
  for (const member of listMembers(values)) {
    const [coding = "", ...parameters] = member.split(";").map((part) => part.trim().toLowerCase());
    const isWanted = !parameters.some((parameter) => /^q=0(?:\.0{0,3})?$/.test(parameter));
    if (coding === "gzip" || coding === "x-gzip") return isWanted;
    if (coding === "*") byStar = isWanted;
  }
  return byStar;
}
