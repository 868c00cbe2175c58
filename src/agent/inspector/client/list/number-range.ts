/** Ranges of numbers as people type them: `>500ms`, `<=10kB`, `200-299`, `4xx`, `404`. */

export type NumberRange = (value: number) => boolean;

/** Nanoseconds; without a unit, milliseconds. Undefined when it says no duration. */
export function durationRange(text: string): NumberRange | undefined {
  return range(text, (quantity) => scaled(quantity, DURATION_UNITS, "ms"));
}

/** Bytes; kB and MB are steps of 1000, KiB and MiB of 1024. Undefined when it says no size. */
export function sizeRange(text: string): NumberRange | undefined {
  return range(text, (quantity) => scaled(quantity, SIZE_UNITS, "b"));
}

/** A code, a class such as `4xx`, or a range of codes. Undefined when it says no status. */
export function statusRange(text: string): NumberRange | undefined {
  const [, hundreds] = /^([1-9])xx$/i.exec(text) ?? [];
  if (hundreds !== undefined) return (value) => Math.floor(value / 100) === Number(hundreds);
  return range(text, (quantity) => (/^\d{1,3}$/.test(quantity) ? Number(quantity) : undefined));
}

const DURATION_UNITS: ReadonlyMap<string, number> = new Map([
  ["us", 1e3],
  ["µs", 1e3],
  ["ms", 1e6],
  ["s", 1e9],
  ["m", 60e9],
  ["min", 60e9],
]);
const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ["b", 1],
  ["k", 1e3],
  ["kb", 1e3],
  ["m", 1e6],
  ["mb", 1e6],
  ["kib", 1024],
  ["mib", 1024 * 1024],
]);

function range(text: string, parse: (quantity: string) => number | undefined): NumberRange | undefined {
  const [, operator = "", first = "", last] = /^(>=|<=|>|<|=)?([^-]+)(?:-(.+))?$/.exec(text) ?? [];
  const bound = parse(first);
  if (bound === undefined) return undefined;
  if (last === undefined) return comparison(operator, bound);
  const upper = parse(last);
  if (upper === undefined || operator !== "") return undefined;
  return (value) => value >= bound && value <= upper;
}

function comparison(operator: string, bound: number): NumberRange {
  switch (operator) {
    case ">":
      return (value) => value > bound;
    case ">=":
      return (value) => value >= bound;
    case "<":
      return (value) => value < bound;
    case "<=":
      return (value) => value <= bound;
    default:
      return (value) => value === bound;
  }
}

function scaled(quantity: string, units: ReadonlyMap<string, number>, unitless: string): number | undefined {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-zµ]*)$/i.exec(quantity) ?? [];
  const factor = units.get(unit === "" ? unitless : unit.toLowerCase());
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}
