import { parseParameterized } from "./media-type.ts";

/** Header fields as the agent API gives them: canonical name to its values. */
type HeaderMap = Readonly<Record<string, readonly string[]>>;

/** What filters look at: the summary of an exchange as the agent API lists it, or the whole exchange. */
export interface FilterSubject {
  readonly tunnel_name: string;
  readonly remote_addr: string;
  /** Nanoseconds. */
  readonly duration: number;
  readonly outcome: string;
  readonly replay_of: string | null;
  readonly stream?: { readonly kind: string } | null | undefined;
  readonly request: FilterMessage & { readonly method: string; readonly uri: string };
  readonly response: (FilterMessage & { readonly status: string; readonly status_code: number }) | null;
}

interface FilterMessage {
  /** Bytes on the wire. */
  readonly bytes: number;
  readonly content_type?: string | null | undefined;
  /** Not in summaries. */
  readonly headers?: HeaderMap | undefined;
}

/** Whether a subject fits; `undefined` when it does not hold what would tell. */
export type FilterTest = (subject: FilterSubject) => boolean | undefined;

/** Also of one that is compressed, whose events the agent does not tell apart. */
export function isEventStream({ stream, response }: Pick<FilterSubject, "stream" | "response">): boolean {
  if (stream?.kind === "events") return true;
  return headerValues(response, "content-type")?.some(isEventStreamType) ?? false;
}

function isEventStreamType(contentType: string): boolean {
  return parseParameterized(contentType).value === "text/event-stream";
}

/** Values of a field, by name in any case; `undefined` when the headers are not known. */
export function headerValues(message: FilterMessage | null, name: string): readonly string[] | undefined {
  if (message === null) return [];
  const { headers, content_type: contentType } = message;
  const wanted = name.toLowerCase();
  if (headers !== undefined) {
    const found: string[] = [];
    // Ten thousand exchanges have a hundred thousand names: few of them are as long as the wanted one.
    for (const key in headers) {
      if (key.length === wanted.length && key.toLowerCase() === wanted) found.push(...(headers[key] ?? []));
    }
    return found;
  }
  if (wanted === "content-type" && contentType !== undefined) return contentType === null ? [] : [contentType];
  return undefined;
}
