/**
 * Go's flag syntax (reference.md 1.1): one dash or two for every long name, the value behind `=` or as the next word, booleans
 * bare or with `=` only. Knows words, not commands.
 */
import { UsageError } from "../base/errors.ts";
import { nearestWord } from "../base/nearest-word.ts";
import type { FlagSpec } from "./flag-spec.ts";

/** A word that begins with a dash, taken apart. */
export interface FlagWord {
  readonly name: string;
  /** Behind `=`. */
  readonly value: string | undefined;
  /** A single dash and a single letter: looked up among letters first. */
  readonly isLetter: boolean;
}

/** `undefined` for a word that is no flag: an argument, a lone `-`, or the `--` that ends flags. */
export function readFlagWord(word: string): FlagWord | undefined {
  const match = /^(--?)([^-=][^=]*)(?:=([^]*))?$/.exec(word);
  if (match === null) return undefined;
  const [, dashes, name = "", value] = match;
  return { name, value, isLetter: dashes === "-" && name.length === 1 };
}

/** As people should see it in a message: never with its value, which may be a secret. */
export function shownFlag(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}

const TRUE_WORDS = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const FALSE_WORDS = new Set(["0", "f", "F", "false", "FALSE", "False"]);

/** The value of a boolean flag, `undefined` for a bare one. Throws {@link UsageError}. */
export function parseBoolean(name: string, value: string | undefined): boolean {
  if (value === undefined || TRUE_WORDS.has(value)) return true;
  if (FALSE_WORDS.has(value)) return false;
  throw new UsageError(`Flag ${shownFlag(name)} takes true or false, not '${value}'.`);
}

/** A flag on the line. */
export interface GivenFlag {
  /** The name as it was typed, for messages: another name of it, or a letter. */
  readonly typed: string;
  /** `undefined`: bare. */
  readonly value: string | undefined;
}

/** All values given for one flag, in the order of the line, as the command reads them. Throws {@link UsageError}. */
export function flagValue(
  spec: FlagSpec,
  given: readonly GivenFlag[],
): boolean | string | readonly string[] | undefined {
  if (spec.type === "boolean") return given.map(({ typed, value }) => parseBoolean(typed, value)).at(-1);
  const texts = given.flatMap(({ typed, value = "" }) => textsOf(spec, value, typed));
  return spec.type === "list" ? texts : texts.at(-1);
}

function textsOf(spec: FlagSpec, value: string, typed: string): readonly string[] {
  const texts = spec.splitsAtCommas === true ? value.split(",") : [value];
  const kept = spec.choices === undefined && spec.splitsAtCommas === undefined ? texts : texts.filter(isNotEmpty);
  for (const text of kept) checkChoice(typed, spec, text);
  return kept;
}

function isNotEmpty(text: string): boolean {
  return text !== "";
}

function checkChoice(name: string, { choices }: FlagSpec, text: string): void {
  if (choices === undefined || choices.includes(text)) return;
  const meant = nearestWord(text, choices);
  const remedy = meant === undefined ? "" : `\nDid you mean ${meant}?`;
  throw new UsageError(`Flag ${shownFlag(name)} takes one of ${choices.join(", ")}; not '${text}'.${remedy}`);
}
