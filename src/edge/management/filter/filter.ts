/** A filter that was read, to be asked about records. */
import { type Comparison, type Expression, type FilterWords, parseFilter } from "./filter-expression.ts";
import type { FilterWork } from "./filter-work.ts";
import { instantOf } from "./instant.ts";

export interface Filter {
  /** As it was written. */
  readonly text: string;
  /** Whether the filter is true of a record, as it is shown, at the scene's time. @throws FilterProblem when there was too much work */
  matches(record: object, scene: FilterScene): boolean;
}

/** Of all records that one call asks about. */
export interface FilterScene {
  readonly now: Date;
  readonly work: FilterWork;
}

/** `fields` are the names that records have. @throws FilterProblem */
export function readFilter(text: string, fields: readonly string[], words: FilterWords = new Map()): Filter {
  const expression = parseFilter(text, fields, words);
  return { text, matches: (record, scene) => valueOf(expression, { ...scene, record }) === true };
}

interface Scene extends FilterScene {
  readonly record: object;
}

/**
 * What an expression is: JSON, or a Date. A field that a record does not have is null, and so is what cannot be made of a value, such
 * as the size of a number.
 */
function valueOf(expression: Expression, scene: Scene): unknown {
  scene.work.spend(1);
  switch (expression.type) {
    case "value":
      return expression.value;
    case "list":
      return expression.items.map((item) => valueOf(item, scene));
    case "field":
      return fieldOf(scene.record, expression.path);
    case "now":
      return scene.now;
    case "timestamp":
      return instant(valueOf(expression.of, scene), scene) ?? null;
    case "shifted":
      return shifted(valueOf(expression.of, scene), expression.byMs);
    case "size":
      return sizeOf(valueOf(expression.of, scene), scene);
    case "not":
      return valueOf(expression.of, scene) !== true;
    case "and":
      return valueOf(expression.left, scene) === true && valueOf(expression.right, scene) === true;
    case "or":
      return valueOf(expression.left, scene) === true || valueOf(expression.right, scene) === true;
    case "compare":
      return compared(
        expression.comparison,
        [valueOf(expression.left, scene), valueOf(expression.right, scene)],
        scene,
      );
    default:
      return expression satisfies never;
  }
}

function fieldOf(record: object, path: readonly string[]): unknown {
  let value: unknown = record;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return null;
    value = Reflect.get(value, key);
  }
  return value ?? null;
}

function shifted(value: unknown, byMs: number): unknown {
  return value instanceof Date ? (instantOf(new Date(value.getTime() + byMs)) ?? null) : null;
}

function instant(value: unknown, { work }: FilterScene): Date | undefined {
  if (typeof value === "string") work.spendOnText(value.length);
  return instantOf(value);
}

/** Of a text, its characters. */
function sizeOf(value: unknown, { work }: FilterScene): number | null {
  if (typeof value === "string") {
    work.spendOnText(value.length);
    let size = 0;
    for (let at = 0; at < value.length; at += (value.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) size++;
    return size;
  }
  if (typeof value !== "object" || value === null) return null;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

function compared(comparison: Comparison, [left, right]: readonly [unknown, unknown], scene: FilterScene): boolean {
  if (comparison === "in") return isIn(left, right, scene);
  if (left instanceof Date || right instanceof Date) {
    const [one, other] = [instant(left, scene), instant(right, scene)];
    if (one === undefined || other === undefined) return comparison === "!=";
    return ordered(comparison, one.getTime(), other.getTime());
  }
  if (comparison === "==" || comparison === "!=") return isEqual(left, right, scene) === (comparison === "==");
  if (typeof left === "string" && typeof right === "string") {
    scene.work.spendOnText(Math.min(left.length, right.length));
    return ordered(comparison, left, right);
  }
  return typeof left === "number" && typeof right === "number" && ordered(comparison, left, right);
}

function ordered<T extends string | number>(comparison: Exclude<Comparison, "in">, left: T, right: T): boolean {
  switch (comparison) {
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case ">=":
      return left >= right;
    case ">":
      return left > right;
    default:
      return comparison satisfies never;
  }
}

/** In a list, or among the keys of an object. */
function isIn(value: unknown, holder: unknown, scene: FilterScene): boolean {
  if (Array.isArray(holder)) return holder.some((item) => isEqual(value, item, scene));
  return typeof holder === "object" && holder !== null && typeof value === "string" && Object.hasOwn(holder, value);
}

function isEqual(one: unknown, other: unknown, scene: FilterScene): boolean {
  scene.work.spend(1);
  if (typeof one === "string" && typeof other === "string" && one.length === other.length) {
    scene.work.spendOnText(one.length);
  }
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => isEqual(item, other[index], scene));
  }
  return one === other;
}
