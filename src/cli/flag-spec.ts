/** Flags as data: what the parser accepts, what help prints and which type a command gets all come from here. */

export interface FlagSpec {
  /** `list` may be repeated. */
  readonly type: "string" | "boolean" | "list";
  /** One sentence for the help, without a full stop. */
  readonly help: string;
  /** What help prints for the value: `URL`. */
  readonly value?: string;
  /** Other full names. */
  readonly aliases?: readonly string[];
  /** One letter that stands for the name. */
  readonly letter?: string;
  /** The only values there are; an empty value counts as not given. */
  readonly choices?: readonly string[];
  /** `a,b` is the same as giving the flag twice. Only for lists whose values cannot hold a comma. */
  readonly splitsAtCommas?: true;
  /** Works, and warns in the log; names what to use instead. */
  readonly deprecated?: string;
  /** Known but refused: its feature does not exist yet. */
  readonly notYet?: true;
}

/** By full name, in the order of the help. */
export type FlagTable = Readonly<Record<string, FlagSpec>>;

/** What a command reads: every flag that was given, under its full name. */
export type FlagValues<T extends FlagTable> = {
  readonly [Name in keyof T as T[Name] extends { readonly notYet: true } ? never : Name]?: FlagValue<T[Name]>;
};

type FlagValue<S extends FlagSpec> = {
  readonly boolean: boolean;
  readonly list: readonly Choice<S>[];
  readonly string: Choice<S>;
}[S["type"]];

type Choice<S extends FlagSpec> = S extends { readonly choices: readonly (infer C extends string)[] } ? C : string;

/** The full name that a name or another name of it stands for. */
export function findFlag(table: FlagTable, name: string): string | undefined {
  if (Object.hasOwn(table, name)) return name;
  return Object.keys(table).find((full) => table[full]?.aliases?.includes(name) ?? false);
}

/** The full name behind a single letter. */
export function findLetter(table: FlagTable, letter: string): string | undefined {
  return Object.keys(table).find((full) => table[full]?.letter === letter);
}

/** Every name that may be typed, for the search of a nearest one. */
export function flagNames(table: FlagTable): readonly string[] {
  return Object.entries(table).flatMap(([name, spec]) => [name].concat(spec.aliases ?? []));
}
