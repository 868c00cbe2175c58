/** JSON values with other values in some of their places, as values of fast-check. */
import * as fc from "fast-check";

/** What a place may hold that its reader did not think of. */
const STRANGE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  -1e-7,
  2 ** 53,
  4294967296,
  "",
  "\0",
  "\x1b]0;title\x07\x1b[2J",
  "\r\nSet-Cookie: a=b",
  "\u202e\ud800",
  "x".repeat(10_000),
  "http://[::1",
  "https://:99999999",
  "tcp://",
  "%00%ff",
  "../../etc/passwd",
  "*.*.*",
  "0.0.0.0/-1",
  "(((((a+)+)+)+)+)$",
  [],
  {},
  [[]],
  [null],
  Array.from({ length: 2_000 }, () => ""),
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  nested(50),
];

/** One of the seeds, with up to four places changed, removed, or named otherwise. */
export function mutantValues(seeds: readonly unknown[]): fc.Arbitrary<unknown> {
  const change = fc.tuple(fc.nat(200), fc.oneof(fc.constantFrom(...STRANGE), fc.jsonValue({ maxDepth: 2 })), fc.nat(9));
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([seed, changes]) =>
      changes.reduce((value, [at, put, how]) => changed(value, { at: at % (1 + placesIn(value)), put, how }), seed),
    );
}

/** One of the seeds, with one or two places gone, or taken by what stands in such a place elsewhere: readers get far with many of these. */
export function kindredValues(seeds: readonly unknown[]): fc.Arbitrary<unknown> {
  const known = Map.groupBy(
    seeds.flatMap((seed) => valuesIn(seed)),
    ({ place }) => place,
  );
  const change = fc.tuple(fc.nat(200), fc.nat(1_000), fc.nat(3));
  return fc.tuple(fc.constantFrom(...seeds), fc.array(change, { minLength: 1, maxLength: 2 })).map(([seed, changes]) =>
    changes.reduce<unknown>((value, [chosen, which, chance]) => {
      const inside = valuesIn(value);
      const at = chosen % Math.max(1, inside.length);
      const kin = known.get(inside[at]?.place ?? "") ?? [];
      return changed(value, {
        at: at + 1,
        put: kin[which % Math.max(1, kin.length)]?.value,
        how: chance === 0 ? 0 : 2,
      });
    }, seed),
  );
}

/** The values inside in order, each with the name that it stands below. */
function valuesIn(value: unknown, place = ""): readonly { readonly place: string; readonly value: unknown }[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const here = Array.isArray(value) ? `${place}[]` : name;
    return [{ place: here, value: inner }].concat(valuesIn(inner, here));
  });
}

interface Change {
  readonly at: number;
  readonly put: unknown;
  /** 0: it goes; 1: what takes its place has another name too. */
  readonly how: number;
}

/** Values inside, at any depth. */
function placesIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>((sum, inner: unknown) => sum + 1 + placesIn(inner), 0);
}

/** Place 0 is the value itself; the others follow in the order of the text. */
function changed(value: unknown, { at, put, how }: Change): unknown {
  if (at === 0) return put;
  if (typeof value !== "object" || value === null) return value;
  let left = at - 1;
  const entries: (readonly [string, unknown])[] = [];
  for (const [name, inner] of Object.entries(value) as [string, unknown][]) {
    const size = 1 + placesIn(inner);
    const isHere = left >= 0 && left < size;
    if (!isHere) entries.push([name, inner]);
    else if (left > 0 || how > 1) entries.push([name, changed(inner, { at: left, put, how })]);
    else if (how === 1) entries.push(["__proto__", put]);
    left -= size;
  }
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

function nested(depth: number): unknown {
  return depth === 0 ? [] : { a: [nested(depth - 1)] };
}
