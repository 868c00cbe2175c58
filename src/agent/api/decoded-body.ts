/** The body of a captured message as its sender meant it: without transfer and content codings. */
import { z } from "zod";
import { ChunkedBody } from "../../protocol/http1/chunked-body.ts";
import type { CapturedMessage } from "../../capture/exchange.ts";
import { fieldValue, octetText } from "./captured-fields-view.ts";
import { decompress, decompressorOf } from "./decompress.ts";

/** A MiB of capture holds most pages and documents whole; more than this no page shows well. */
export const DECODED_LIMIT_BYTES = 4 * 1024 * 1024;
/** Nobody encodes more often, and each costs. */
const MAX_CODINGS = 4;

/** An addition of ours. `bytes` counts what `data` holds; `truncated`: there is more, on the wire or behind the limit. */
export const decodedBodySchema = z.object({
  content_type: z.string(),
  content_encoding: z.array(z.string()),
  bytes: z.int(),
  truncated: z.boolean(),
  error: z.string().nullable(),
  data: z.base64(),
});

/** What cannot be decoded comes as it is, or as far as it went, with the reason. */
export async function decodedBody(message: CapturedMessage): Promise<z.infer<typeof decodedBodySchema>> {
  const { head, raw, headBytes, isTruncated } = message;
  const codings = members(fieldValue(head, "content-encoding"));
  const isChunked = members(fieldValue(head, "transfer-encoding")).at(-1) === "chunked";
  const coded = raw.subarray(headBytes);
  const content = await undo(codings, isChunked ? dechunk(coded) : coded);
  return {
    content_type: octetText(fieldValue(head, "content-type")),
    content_encoding: codings,
    bytes: content.bytes.length,
    truncated: isTruncated || content.isTruncated,
    error: content.error ?? null,
    data: content.bytes.toBase64(),
  };
}

interface Content {
  readonly bytes: Uint8Array;
  readonly isTruncated: boolean;
  readonly error: string | undefined;
}

/** The last coding was applied last. */
async function undo(codings: readonly string[], coded: Uint8Array): Promise<Content> {
  let content: Content = { bytes: coded, isTruncated: false, error: undefined };
  if (codings.length > MAX_CODINGS) return { ...content, error: `encoded ${codings.length} times` };
  for (const coding of codings.toReversed()) {
    if (coding === "identity" || content.bytes.length === 0) continue;
    const decompressor = decompressorOf(coding, content.bytes);
    if (decompressor === undefined) return { ...content, error: `unknown content coding ${JSON.stringify(coding)}` };
    const { isTruncated, error, bytes } = await decompress(decompressor, content.bytes, DECODED_LIMIT_BYTES);
    content = { bytes, isTruncated: content.isTruncated || isTruncated, error };
    if (error !== undefined) return content;
  }
  return content;
}

/** A capture may end anywhere. */
function dechunk(coded: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  new ChunkedBody((part) => parts.push(part)).receive(coded);
  return Buffer.concat(parts);
}

function members(list: string): string[] {
  return list
    .toLowerCase()
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "");
}
