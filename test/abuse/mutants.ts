/** Good bytes with faults in them, as values of fast-check: what a broken or hostile peer makes of a recording. */
import * as fc from "fast-check";

/** Few runs by default, as many as anybody has patience for with `DEEP=1`. */
export function runs(usual: number): { readonly numRuns: number } {
  return { numRuns: process.env["DEEP"] === "1" ? usual * 50 : usual };
}

/** Of a test whose runs come from {@link runs}. */
export const FUZZ_TIMEOUT_MS = process.env["DEEP"] === "1" ? 1_200_000 : 30_000;

type Fault = (bytes: Buffer, seeds: readonly Uint8Array[]) => Buffer;

/** What makes lengths, counts and ids extreme, in either order of bytes. */
const EXTREMES: readonly string[] = [
  "00",
  "01",
  "7f",
  "80",
  "ff",
  "00ff",
  "ff00",
  "00000001",
  "01000000",
  "7fffffff",
].concat(["80000000", "ffffff7f", "ffffffff", "7fffffffffffffff", "8000000000000000", "ffffffffffffffff"]);

const place = fc.nat(1 << 16);
const span = fc.nat(64);

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.tuple(place, fc.nat(7)).map(
    ([at, bit]): Fault =>
      (bytes) =>
        overwritten(bytes, at, [byteAt(bytes, at) ^ (1 << bit)]),
  ),
  fc.tuple(place, fc.nat(255)).map(
    ([at, value]): Fault =>
      (bytes) =>
        overwritten(bytes, at, [value]),
  ),
  fc.tuple(place, fc.constantFrom(...EXTREMES)).map(
    ([at, hex]): Fault =>
      (bytes) =>
        overwritten(bytes, at, Buffer.from(hex, "hex")),
  ),
  // Real fields of length stand in front.
  fc.tuple(fc.nat(20), fc.constantFrom(...EXTREMES)).map(
    ([at, hex]): Fault =>
      (bytes) =>
        overwritten(bytes, at, Buffer.from(hex, "hex")),
  ),
  place.map(
    (at): Fault =>
      (bytes) =>
        bytes.subarray(0, at % (bytes.length + 1)),
  ),
  fc.tuple(place, span).map(
    ([at, length]): Fault =>
      (bytes) =>
        spliced(bytes, at, length, Buffer.alloc(0)),
  ),
  fc.tuple(place, span, fc.integer({ min: 1, max: 40 })).map(([at, length, times]): Fault => (bytes) => {
    const from = at % (bytes.length + 1);
    return spliced(
      bytes,
      at,
      0,
      Buffer.concat(Array.from({ length: times }, () => bytes.subarray(from, from + length))),
    );
  }),
  fc.tuple(place, fc.uint8Array({ maxLength: 40 })).map(
    ([at, more]): Fault =>
      (bytes) =>
        spliced(bytes, at, 0, more),
  ),
  // The head of one with the tail of another.
  fc.tuple(place, place, fc.nat()).map(([at, from, which]): Fault => (bytes, seeds) => {
    const other = Buffer.from(seeds[which % seeds.length] ?? []);
    return Buffer.concat([bytes.subarray(0, at % (bytes.length + 1)), other.subarray(from % (other.length + 1))]);
  }),
);

/** One of the seeds with up to six faults, perhaps none. */
export function mutants(seeds: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(fault, { maxLength: 6 }))
    .map(([seed, faults]) => faults.reduce<Buffer>((bytes, change) => change(bytes, seeds), Buffer.from(seed)));
}

/** The same of texts; faults may leave characters that are none behind. Words are put in anywhere. */
export function mutantTexts(seeds: readonly string[], words: readonly string[]): fc.Arbitrary<string> {
  const insertion = fc.tuple(place, fc.nat(20), fc.constantFrom(...words));
  return fc
    .tuple(mutants(seeds.map((seed) => Buffer.from(seed))), fc.array(insertion, { maxLength: 5 }))
    .map(([bytes, insertions]) =>
      insertions.reduce((text, [at, gone, word]) => {
        const from = at % (text.length + 1);
        return text.slice(0, from) + word + text.slice(from + gone);
      }, bytes.toString("utf8")),
    );
}

/** The bytes in pieces, cut where the numbers say; never an empty piece. */
export function pieces(bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const places = cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b);
  return [0, ...places]
    .map((from, index) => bytes.subarray(from, places[index] ?? bytes.length))
    .filter((piece) => piece.length > 0);
}

function byteAt(bytes: Buffer, at: number): number {
  return bytes[at % Math.max(1, bytes.length)] ?? 0;
}

function overwritten(bytes: Buffer, at: number, values: readonly number[] | Uint8Array): Buffer {
  const changed = Buffer.from(bytes);
  for (const [index, value] of values.entries()) {
    const where = (at % Math.max(1, bytes.length)) + index;
    if (where < changed.length) changed[where] = value;
  }
  return changed;
}

function spliced(bytes: Buffer, at: number, gone: number, put: Uint8Array): Buffer {
  const from = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + gone)]);
}
