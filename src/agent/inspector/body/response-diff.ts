import { decodeText } from "./charset.ts";
import { contentKind, type ContentView } from "./content-kind.ts";
import type { JsonRows } from "./json-rows.ts";
import { readJson } from "./json-tree.ts";
import { lineDiff, type DiffRun } from "./line-diff.ts";

/** One of the two answers that are compared. */
export interface DiffSide {
  readonly statusCode: number;
  /** Names as spelled and values, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Decoded: no transfer coding, no content coding. Not changed, and not kept but in lines of text. */
  readonly body: Uint8Array;
}

/** All lines of one field name on both sides. */
export interface FieldDiff {
  /** As the left side spells it, or the right one when only that has it. */
  readonly name: string;
  readonly kind: "same" | "added" | "removed" | "changed";
  readonly left: readonly string[];
  readonly right: readonly string[];
  /** Differs from answer to answer by its nature (`Date`, `Age`), so it says little. */
  readonly isVolatile: boolean;
}

/** How the two bodies differ. */
export type BodyDiff =
  | { readonly kind: "same" }
  | {
      readonly kind: "lines";
      readonly left: readonly string[];
      readonly right: readonly string[];
      /** All of them `same` when the bodies differ only in line ends or charset. */
      readonly runs: readonly DiffRun[];
      /** Whether the lines are those of pretty-printed JSON, so not those of the bodies. */
      readonly isPretty: boolean;
      /** Whether a side has more lines than are compared. */
      readonly isCut: boolean;
    }
  /** Bytes that are no text on one side or both; `firstDifference` is the index of the first byte that differs. */
  | { readonly kind: "bytes"; readonly firstDifference: number };

/** What `responseDiff` found. */
export interface ResponseDiff {
  readonly isStatusSame: boolean;
  /** In the order of the left side, then what only the right side has. */
  readonly fields: readonly FieldDiff[];
  readonly body: BodyDiff;
  /** Whether nothing differs but volatile fields. */
  readonly isSame: boolean;
}

/** Nobody reads more, and a megabyte of JSON can have a million lines. */
const LINE_LIMIT = 100_000;
/** Deeper lines are not indented further: their indentation would outgrow the text. */
const INDENT_LIMIT = 32;
const VOLATILE = new Set(["date", "age"]);
const TEXT_VIEWS = new Set<ContentView>(["empty", "json", "xml", "form", "text", "multipart"]);

/** Compares two answers, such as a captured one and the one to its replay. Bounded work, whatever the bodies. */
export function responseDiff(left: DiffSide, right: DiffSide): ResponseDiff {
  const isStatusSame = left.statusCode === right.statusCode;
  const fields = fieldDiffs(left, right);
  const body = bodyDiff(left, right);
  const areFieldsSame = fields.every((field) => field.kind === "same" || field.isVolatile);
  return { isStatusSame, fields, body, isSame: isStatusSame && areFieldsSame && body.kind === "same" };
}

function fieldDiffs(left: DiffSide, right: DiffSide): readonly FieldDiff[] {
  const byName = new Map<string, { name: string; left: string[]; right: string[] }>();
  for (const side of ["left", "right"] as const) {
    for (const [name, value] of (side === "left" ? left : right).fields) {
      const key = name.toLowerCase();
      const entry = byName.get(key) ?? { name, left: [], right: [] };
      entry[side].push(value);
      byName.set(key, entry);
    }
  }
  return Array.from(byName, ([key, entry]) => ({ ...entry, kind: fieldKind(entry), isVolatile: VOLATILE.has(key) }));
}

function fieldKind({ left, right }: { left: readonly string[]; right: readonly string[] }): FieldDiff["kind"] {
  if (left.length === 0) return "added";
  if (right.length === 0) return "removed";
  return left.length === right.length && left.every((value, i) => value === right[i]) ? "same" : "changed";
}

function bodyDiff(left: DiffSide, right: DiffSide): BodyDiff {
  const firstDifference = firstDifferenceOf(left.body, right.body);
  if (firstDifference === -1) return { kind: "same" };
  const views = [left, right].map((side) => contentKind(contentTypeOf(side), side.body).view);
  if (!views.every((view) => TEXT_VIEWS.has(view))) return { kind: "bytes", firstDifference };
  const [leftText = "", rightText = ""] = [left, right].map((side) => decodeText(side.body, contentTypeOf(side)).text);
  const pretty = views.every((view) => view === "json") ? prettyLines(leftText, rightText) : undefined;
  const [leftLines, rightLines] = pretty ?? [linesOf(leftText), linesOf(rightText)];
  const isCut = leftLines.length > LINE_LIMIT || rightLines.length > LINE_LIMIT;
  const shown = { left: leftLines.slice(0, LINE_LIMIT), right: rightLines.slice(0, LINE_LIMIT) };
  return { kind: "lines", ...shown, runs: lineDiff(shown.left, shown.right), isPretty: pretty !== undefined, isCut };
}

function contentTypeOf(side: DiffSide): string | undefined {
  return side.fields.find(([name]) => name.toLowerCase() === "content-type")?.[1];
}

/** -1 when the bytes are the same. */
function firstDifferenceOf(left: Uint8Array, right: Uint8Array): number {
  const most = Math.min(left.length, right.length);
  for (let i = 0; i < most; i++) if (left[i] !== right[i]) return i;
  return left.length === right.length ? -1 : most;
}

function linesOf(text: string): readonly string[] {
  return text === "" ? [] : text.split(/\r\n|[\r\n]/, LINE_LIMIT + 1);
}

/** `undefined` unless both are JSON, and differ as such: two spellings of the same are compared as they stand. */
function prettyLines(
  left: string,
  right: string,
): readonly [left: readonly string[], right: readonly string[]] | undefined {
  const [leftReading, rightReading] = [readJson(left), readJson(right)];
  if (leftReading.syntaxError !== undefined || rightReading.syntaxError !== undefined) return undefined;
  const [leftLines, rightLines] = [jsonLines(leftReading.rows), jsonLines(rightReading.rows)];
  const isSame = leftLines.length === rightLines.length && leftLines.every((line, i) => line === rightLines[i]);
  return isSame ? undefined : [leftLines, rightLines];
}

function jsonLines(rows: JsonRows): readonly string[] {
  return Array.from({ length: Math.min(rows.count, LINE_LIMIT + 1) }, (_, index) => {
    const { depth, name, text, hasComma } = rows.row(index);
    const indent = "  ".repeat(Math.min(depth, INDENT_LIMIT));
    return `${indent}${name === undefined ? "" : `${name}: `}${text}${hasComma ? "," : ""}`;
  });
}
