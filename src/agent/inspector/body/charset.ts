import { parseParameterized } from "./media-type.ts";

/** A body as text, and how sure we are of it. */
export interface DecodedText {
  /** Without a byte order mark. Bytes that mean nothing in the charset stand as U+FFFD. */
  readonly text: string;
  /** Name by the WHATWG encoding standard: `utf-8`, `windows-1252`. */
  readonly charset: string;
  /** What the choice rests on. `assumed`: nothing was said, or nothing that we know. */
  readonly source: "mark" | "declared" | "assumed";
  /** Whether bytes had to be replaced, so that the text is not the whole truth. */
  readonly isLossy: boolean;
}

const MARKS: readonly (readonly [charset: string, mark: readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];
/** An XML declaration has to stand at the very start, and is not longer than this in practice. */
const XML_DECLARATION_BYTES = 256;
const XML_ENCODING = /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/;

/**
 * Text of a body. A byte order mark outweighs the declared charset, that outweighs an XML declaration; with none of them
 * the bytes are taken for UTF-8 when they are valid UTF-8, and for windows-1252 otherwise, as browsers do.
 */
export function decodeText(bytes: Uint8Array, contentType: string | undefined): DecodedText {
  const [marked] = MARKS.find(([, mark]) => mark.every((byte, i) => bytes[i] === byte)) ?? [];
  if (marked !== undefined) return decodeAs(bytes, marked, "mark") ?? assume(bytes);
  const declared = parseParameterized(contentType).parameters.get("charset") ?? xmlEncoding(bytes);
  return (declared === undefined ? undefined : decodeAs(bytes, declared, "declared")) ?? assume(bytes);
}

function assume(bytes: Uint8Array): DecodedText {
  const strict = decodeAs(bytes, "utf-8", "assumed");
  if (strict !== undefined && !strict.isLossy) return strict;
  return decodeAs(bytes, "windows-1252", "assumed") ?? { text: "", charset: "utf-8", source: "assumed", isLossy: true };
}

/** `undefined` when the platform does not know the charset. */
function decodeAs(bytes: Uint8Array, label: string, source: DecodedText["source"]): DecodedText | undefined {
  const strict = decoderOf(label, true);
  if (strict === undefined) return undefined;
  try {
    return { text: strict.decode(bytes), charset: strict.encoding, source, isLossy: false };
  } catch {
    const text = decoderOf(label, false)?.decode(bytes) ?? "";
    return { text, charset: strict.encoding, source, isLossy: true };
  }
}

function decoderOf(label: string, fatal: boolean): TextDecoder | undefined {
  try {
    // The names of encodings are a closed union in some type libraries; here the name is a stranger's, and may be wrong.
    return new TextDecoder(label as "utf-8", { fatal });
  } catch {
    return undefined;
  }
}

function xmlEncoding(bytes: Uint8Array): string | undefined {
  return XML_ENCODING.exec(String.fromCharCode(...bytes.subarray(0, XML_DECLARATION_BYTES)))?.[1];
}
