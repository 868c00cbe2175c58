/** A captured message taken apart for showing: lenient, and nothing that was sent is hidden. */
export interface RawMessage {
  readonly startLine: string;
  /** Names as spelled and values, one character per octet, in order; a line without a colon is a name with an empty value. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Where the body begins; the length of the bytes when the head does not end. */
  readonly bodyStart: number;
}

const LF = 10;
const CR = 13;

/** Reads the head of a message (RFC 9112 section 2) out of its raw bytes. A line that begins with a space goes on with the last. */
export function readRawMessage(raw: Uint8Array): RawMessage {
  const fields: [name: string, value: string][] = [];
  let startLine: string | undefined;
  let at = 0;
  while (at < raw.length) {
    const found = raw.indexOf(LF, at);
    const next = found === -1 ? raw.length : found + 1;
    const end = found === -1 ? raw.length : found > at && raw[found - 1] === CR ? found - 1 : found;
    const line = latin1(raw.subarray(at, end));
    at = next;
    if (line === "") break;
    if (startLine === undefined) startLine = line;
    else addLine(fields, line);
  }
  return { startLine: startLine ?? "", fields, bodyStart: at };
}

function addLine(fields: [name: string, value: string][], line: string): void {
  const last = fields.at(-1);
  if (/^[ \t]/.test(line) && last !== undefined) {
    last[1] = `${last[1]} ${line.trim()}`.trim();
    return;
  }
  const colon = line.indexOf(":");
  fields.push(colon === -1 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1).trim()]);
}

/** One character per octet. In slices: a call cannot take a million arguments. */
export function latin1(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192) pieces.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return pieces.join("");
}

/** The bytes of a text of one character per octet; higher characters lose their upper bits. */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** A field value for people: as UTF-8 where its octets are UTF-8, else as they are. */
export function fieldText(value: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(latin1Bytes(value));
  } catch {
    return value;
  }
}
