/** A replay with changes while it is being edited: what stands in the form, and the order that is made of it. */
import { base64Text } from "../../body/base64-bytes.ts";
import type { ReplayOrder } from "../data/agent-api.ts";
import { capturedBytes } from "../data/captured-bytes.ts";
import { type DecodedBody, type ExchangeDetail, type Field, fieldsOf } from "../data/exchange.ts";
import { shownHead } from "../detail/use-head.ts";

/** What stands in the form. */
export interface Draft {
  readonly tunnel: string;
  readonly times: number;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly Field[];
  readonly trailers: readonly Field[];
  /** Undefined: the bytes go out as they were captured. */
  readonly body: string | undefined;
}

export interface Original {
  readonly exchange: ExchangeDetail;
  /** That changes nothing. */
  readonly draft: Draft;
  /** Of the body; undefined when it is not text that could be edited. */
  readonly text: string | undefined;
  readonly body: DecodedBody;
}

/** `body`: that of the request. */
export function originalOf(exchange: ExchangeDetail, body: DecodedBody): Original {
  const { fields } = shownHead(exchange.request.raw);
  const text = textOfBytes(capturedBytes(body.data));
  const draft: Draft = {
    tunnel: exchange.tunnel_name,
    times: 1,
    method: exchange.request.method,
    path: exchange.request.uri,
    // It is counted anew whatever stands here.
    headers: fields.filter(([name]) => name.toLowerCase() !== "content-length"),
    trailers: fieldsOf(exchange.request.trailers),
    body: text === undefined || body.truncated || body.error !== null || text === "" ? undefined : text,
  };
  return { exchange, draft, text, body };
}

/** Only what was changed, so that everything else goes out to the byte as it was captured. */
export function orderOf({ exchange, draft: before, body }: Original, draft: Draft): ReplayOrder {
  const isBodyChanged = draft.body !== undefined && draft.body !== before.body;
  const dropsCoding = isBodyChanged && body.content_encoding.length > 0;
  const named = withNames(draft.headers);
  const headers = dropsCoding ? named.filter(([name]) => name.toLowerCase() !== "content-encoding") : named;
  return {
    id: exchange.id,
    tunnel_name: draft.tunnel,
    times: draft.times,
    ...(draft.method === before.method ? {} : { method: draft.method }),
    ...(draft.path === before.path ? {} : { path: draft.path }),
    ...(isSame(headers, before.headers) ? {} : { headers }),
    ...(isBodyChanged ? { body: base64Text(new TextEncoder().encode(draft.body)) } : {}),
    ...(isSame(draft.trailers, before.trailers) ? {} : { trailers: withNames(draft.trailers) }),
  };
}

/** Rows that were added and left empty are none. */
function withNames(fields: readonly Field[]): readonly Field[] {
  return fields.filter(([name]) => name.trim() !== "");
}

function isSame(a: readonly Field[], b: readonly Field[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function textOfBytes(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}
