/** Text with `%41` decoded as UTF-8 (WHATWG URL standard section 1.3). What is no such sequence stays as written. */
export interface PercentText {
  readonly text: string;
  /** Whether a `%` stood without two digits, or the bytes were no UTF-8 (then they show as U+FFFD). */
  readonly isBroken: boolean;
}

const SEQUENCES = /(?:%[0-9a-f]{2})+/gi;
const STRAY = /%(?![0-9a-f]{2})/i;

/** Decodes in one pass; a plus sign stays one. */
export function decodePercent(written: string): PercentText {
  if (!written.includes("%")) return { text: written, isBroken: false };
  let isBroken = STRAY.test(written);
  const text = written.replaceAll(SEQUENCES, (sequence) => {
    const bytes = new Uint8Array(sequence.length / 3);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(sequence.slice(i * 3 + 1, i * 3 + 3), 16);
    const decoded = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    // The only bytes that rightly decode to U+FFFD are EF BF BD; then nothing was replaced.
    isBroken ||= decoded.includes("\ufffd") && !/%ef%bf%bd/i.test(sequence);
    return decoded;
  });
  return { text, isBroken };
}
