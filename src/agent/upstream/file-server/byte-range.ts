/** The Range field of a request for one representation (RFC 9110 section 14). */

/** Both ends count: `{ first: 0, last: 0 }` is one byte. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * What to send of `sizeBytes` bytes. "whole" also for what a server may ignore: other units, bad syntax, several ranges.
 * Several ranges are not worth their cost here: they let a visitor ask for one file many times over in one request.
 */
export function parseByteRange(field: string | undefined, sizeBytes: number): ByteRange | "whole" | "unsatisfiable" {
  const parts = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(field ?? "");
  const [, from = "", to = ""] = parts ?? [];
  if (from === "" && to === "") return "whole";
  if (from === "") {
    const length = Math.min(Number(to), sizeBytes);
    return length === 0 ? "unsatisfiable" : { first: sizeBytes - length, last: sizeBytes - 1 };
  }
  if (to !== "" && Number(to) < Number(from)) return "whole"; // invalid, so it is ignored (section 14.1.1)
  const first = Number(from);
  if (first >= sizeBytes) return "unsatisfiable";
  return { first, last: to === "" ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1) };
}
