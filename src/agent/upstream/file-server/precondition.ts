/** Conditions of a request on the version of a file (RFC 9110 section 13). */

/** Names one version of a file. */
export interface Version {
  /** In quotes, strong. */
  readonly etag: string;
  readonly modifiedAt: Date;
}

/** The fields that carry conditions; undefined where the request has none. */
export interface Conditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  readonly ifUnmodifiedSince?: string | undefined;
  readonly ifRange?: string | undefined;
}

/** In the order of section 13.2.2, for GET and HEAD. */
export function checkPreconditions(conditions: Conditions, version: Version): "send" | "notModified" | "failed" {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!names(ifMatch, version.etag, "strong")) return "failed";
  } else if (isOlderThan(ifUnmodifiedSince, version)) {
    return "failed";
  }
  if (ifNoneMatch !== undefined) return names(ifNoneMatch, version.etag, "weak") ? "notModified" : "send";
  const since = httpDate(ifModifiedSince);
  return since !== undefined && wholeSeconds(version.modifiedAt) <= since ? "notModified" : "send";
}

/** Whether a Range field counts (section 13.1.5): without If-Range, or when it names exactly this version. */
export function rangeApplies({ ifRange }: Conditions, version: Version): boolean {
  if (ifRange === undefined) return true;
  if (ifRange.includes('"')) return ifRange === version.etag;
  return httpDate(ifRange) === wholeSeconds(version.modifiedAt);
}

function names(list: string, etag: string, comparison: "strong" | "weak"): boolean {
  if (list.trim() === "*") return true;
  const tags = list.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => tag === etag || (comparison === "weak" && tag === `W/${etag}`));
}

function isOlderThan(field: string | undefined, version: Version): boolean {
  const date = httpDate(field);
  return date !== undefined && wholeSeconds(version.modifiedAt) > date;
}

/** Seconds since 1970; undefined for what is not a date of HTTP, which is then ignored. */
function httpDate(field: string | undefined): number | undefined {
  if (field === undefined || !/^[A-Z][a-z]{2,8},? .*\d/.test(field)) return undefined;
  const ms = Date.parse(field);
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}

function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
