import { parseParameterized } from "./media-type.ts";
import { decodePercent } from "./percent-text.ts";
import { fieldText, latin1, latin1Bytes, readRawMessage } from "./raw-message.ts";

/** One part of a multipart body (RFC 2046 section 5.1, RFC 7578). */
export interface MultipartPart {
  /** Name of the form field; `undefined` when none is given. */
  readonly name: string | undefined;
  /** As the sender gave it, so never a path to trust. `undefined` for a part that is no file. */
  readonly fileName: string | undefined;
  /** Content-Type value of the part; `undefined` when none is given. */
  readonly contentType: string | undefined;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** The content, a view of the body. */
  readonly bytes: Uint8Array;
}

/** A multipart body taken apart, as far as it goes. */
export interface MultipartReading {
  readonly parts: readonly MultipartPart[];
  /** Parts beyond the limit, which are not shown. */
  readonly omitted: number;
  /** What is wrong, in plain words; the parts that could be read are there nevertheless. */
  readonly fault: string | undefined;
}

const PART_LIMIT = 1000;
/** RFC 2046 section 5.1.1 allows 70; nobody has more. */
const BOUNDARY_LIMIT = 200;
/** Head of one part: whatever is longer is none, and belongs to the content. */
const PART_HEAD_LIMIT_BYTES = 16_384;

const LF = 10;
const CR = 13;
const DASH = 45;

interface Delimiter {
  /** Index of the line break before it: where the part before ends. */
  readonly start: number;
  /** Index of the line behind it. */
  readonly end: number;
  readonly isLast: boolean;
}

/** Parts of a body whose type is `multipart/...`; without a boundary there, the first line of the body is taken for it. */
export function multipartParts(bytes: Uint8Array, contentType: string | undefined): MultipartReading {
  const declared = parseParameterized(contentType).parameters.get("boundary");
  const boundary = declared === undefined || declared === "" ? firstLineBoundary(bytes) : declared;
  if (boundary === undefined) return broken("the Content-Type names no boundary");
  if (boundary.length > BOUNDARY_LIMIT) return broken("the boundary is longer than any sender makes it");
  const parts: MultipartPart[] = [];
  let omitted = 0;
  let open: Delimiter | undefined;
  for (const delimiter of delimiters(bytes, latin1Bytes(`--${boundary}`))) {
    if (open !== undefined && parts.length < PART_LIMIT) parts.push(partOf(bytes.subarray(open.end, delimiter.start)));
    else if (open !== undefined) omitted++;
    open = delimiter;
    if (delimiter.isLast) break;
  }
  if (open === undefined) return broken(`the boundary --${fieldText(boundary)} does not occur in the body`);
  if (!open.isLast && open.end < bytes.length) parts.push(partOf(bytes.subarray(open.end)));
  const isUndeclared = boundary !== declared;
  const fault = !open.isLast
    ? "the closing boundary is missing: the body is cut short or broken"
    : isUndeclared
      ? "the Content-Type names no boundary; the first line of the body was taken for it"
      : undefined;
  return { parts, omitted, fault };
}

function broken(fault: string): MultipartReading {
  return { parts: [], omitted: 0, fault };
}

function firstLineBoundary(bytes: Uint8Array): string | undefined {
  const [line = ""] = latin1(bytes.subarray(0, BOUNDARY_LIMIT)).split(/\r?\n/, 1);
  return /^--[^\s]+$/.test(line) ? line.slice(2) : undefined;
}

/**
 * Lines that hold the mark, then `--` for the last, then nothing but spaces. Only starts of lines are compared, and never
 * beyond the end of the line, so the work is that of one pass. A bare LF ends a line too: some senders write it.
 */
function* delimiters(bytes: Uint8Array, mark: Uint8Array): Generator<Delimiter> {
  for (let lineStart = 0; lineStart < bytes.length;) {
    const found = bytes.indexOf(LF, lineStart);
    const lineEnd = found === -1 ? bytes.length : found;
    const rest = afterMark(bytes, lineStart, lineEnd, mark);
    if (rest !== undefined) {
      const hasCr = lineStart > 1 && bytes[lineStart - 2] === CR;
      yield { start: Math.max(0, lineStart - (hasCr ? 2 : 1)), end: lineEnd + 1, isLast: rest === "--" };
    }
    lineStart = lineEnd + 1;
  }
}

/** What follows the mark on its line, spaces left out; `undefined` when the line is no delimiter. */
function afterMark(bytes: Uint8Array, start: number, end: number, mark: Uint8Array): "" | "--" | undefined {
  if (end - start < mark.length) return undefined;
  for (let i = 0; i < mark.length; i++) if (bytes[start + i] !== mark[i]) return undefined;
  let at = start + mark.length;
  const isLast = bytes[at] === DASH && bytes[at + 1] === DASH && at + 1 < end;
  if (isLast) at += 2;
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte !== 0x20 && byte !== 9 && byte !== CR) return undefined;
  }
  return isLast ? "--" : "";
}

function partOf(bytes: Uint8Array): MultipartPart {
  const { fields, bodyStart } = partHead(bytes);
  const value = (wanted: string): string | undefined => fields.find(([name]) => name.toLowerCase() === wanted)?.[1];
  const { parameters } = parseParameterized(value("content-disposition"));
  const name = parameters.get("name");
  const fileName = extendedText(parameters.get("filename*")) ?? plainText(parameters.get("filename"));
  return {
    name: plainText(name),
    fileName,
    contentType: value("content-type"),
    fields,
    bytes: bytes.subarray(bodyStart),
  };
}

/** A part has no start line, so one is put before it. A part that begins with an empty line has no fields. */
function partHead(bytes: Uint8Array): Pick<ReturnType<typeof readRawMessage>, "fields" | "bodyStart"> {
  const head = bytes.subarray(0, PART_HEAD_LIMIT_BYTES);
  const start = latin1Bytes("part\n");
  const message = new Uint8Array(start.length + head.length);
  message.set(start);
  message.set(head, start.length);
  const { fields, bodyStart } = readRawMessage(message);
  const end = bodyStart - start.length;
  const isEnded = message[bodyStart - 1] === LF && (end === 1 || isBlankBefore(message, bodyStart));
  return isEnded ? { fields, bodyStart: end } : { fields: [], bodyStart: 0 };
}

function isBlankBefore(bytes: Uint8Array, end: number): boolean {
  return bytes[end - 2] === LF || (bytes[end - 2] === CR && bytes[end - 3] === LF);
}

/** Browsers write these three characters so, and no others (HTML standard, multipart/form-data). */
function plainText(written: string | undefined): string | undefined {
  return written === undefined
    ? undefined
    : fieldText(written.replaceAll(/%(?:22|0d|0a)/gi, (code) => decodePercent(code).text));
}

/** `UTF-8''na%C3%AFve.txt` (RFC 8187). */
function extendedText(written: string | undefined): string | undefined {
  const [, encoded] = /^utf-8'[^']*'(.*)$/is.exec(written ?? "") ?? [];
  return encoded === undefined ? undefined : decodePercent(encoded).text;
}
