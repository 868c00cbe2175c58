/**
 * YAML text to plain values, with the place of each value kept for messages. Every scalar becomes its source text, so that a
 * token of digits stays exact; what a value means is decided by the schema that reads it.
 */
import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";

/** Counted from 1, as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type YamlValue = string | null | readonly YamlValue[] | { readonly [key: string]: YamlValue };

export interface YamlSource {
  /** `null` for an empty text. */
  readonly value: YamlValue;
  /** Where the value (or key, when only that exists) of a path stands; its nearest parent when it does not exist. */
  readonly positionOf: (path: readonly PropertyKey[]) => Position;
}

/** A text that is no YAML, or YAML that we refuse. */
export class YamlProblem extends Error {
  override readonly name = "YamlProblem";
  readonly position: Position;

  constructor(message: string, position: Position) {
    super(message);
    this.position = position;
  }
}

/** Aliases can blow a small text up; no configuration comes near this many values or this depth. */
export const MAX_YAML_VALUES = 100_000;
export const MAX_YAML_DEPTH = 64;

/** In place of the library's words where those name its inner workings. */
const PLAIN_WORDS: Readonly<Record<string, string>> = {
  RESOURCE_EXHAUSTION: "values are nested too deep",
  TAB_AS_INDENT: "tabs may not indent; use spaces",
  MULTIPLE_DOCS: "the file holds more than one document; use one file each",
  BLOCK_AS_IMPLICIT_KEY: "a value with another key behind it; put the text in quotes, or the key on its own line",
};

/** Parses one YAML (or JSON) document. Throws {@link YamlProblem}. */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  // The library compares each key with all others of its map.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, uniqueKeys: false });
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const [error] = document.errors;
  if (error !== undefined) throw new YamlProblem(PLAIN_WORDS[error.code] ?? error.message, positionAt(error.pos[0]));
  const walk = new Walk(document, positionAt);
  const value = walk.valueOf(document.contents, []);
  return { value, positionOf: (path) => walk.positionOf(path) };
}

/** One pass over the syntax tree. */
class Walk {
  readonly #targets: ReadonlyMap<Alias, Node>;
  readonly #positionAt: (offset: number) => Position;
  readonly #offsets = new Map<string, number>();
  #values = 0;

  constructor(document: Document.Parsed, positionAt: (offset: number) => Position) {
    this.#targets = targetsOf(document);
    this.#positionAt = positionAt;
  }

  positionOf(path: readonly PropertyKey[]): Position {
    for (let length = path.length; length >= 0; length--) {
      const offset = this.#offsets.get(keyOf(path.slice(0, length)));
      if (offset !== undefined) return this.#positionAt(offset);
    }
    return { line: 1, column: 1 };
  }

  valueOf(node: Node | null | undefined, path: readonly string[]): YamlValue {
    const offset = node?.range?.[0];
    if (offset !== undefined && !this.#offsets.has(keyOf(path))) this.#offsets.set(keyOf(path), offset);
    this.#values++;
    if (this.#values > MAX_YAML_VALUES) throw this.#problem("the file has too many values", offset);
    if (path.length > MAX_YAML_DEPTH) throw this.#problem("values are nested too deep", offset);
    if (isAlias(node)) {
      const target = this.#targets.get(node);
      if (target === undefined) throw this.#problem(`nothing is named &${node.source}`, offset);
      return this.valueOf(target, path);
    }
    if (isScalar(node)) return scalarText(node.value, node.source);
    if (isSeq(node)) return node.items.map((item, index) => this.valueOf(asNode(item), [...path, String(index)]));
    if (isMap(node)) return this.#mapOf(node, path);
    return null;
  }

  #mapOf(map: YAMLMap, path: readonly string[]): YamlValue {
    const own = new Map<string, YamlValue>();
    const merged: [string, YamlValue][] = [];
    for (const pair of map.items) {
      const key = this.#keyText(pair);
      const place = [...path, key];
      const keyOffset = asNode(pair.key)?.range?.[0];
      if (own.has(key)) throw this.#problem("this key stands twice in the same map; remove one", keyOffset);
      if (keyOffset !== undefined) this.#offsets.set(keyOf(place), keyOffset);
      const value = this.valueOf(asNode(pair.value), place);
      if (key === "<<") merged.push(...mergedEntries(value));
      else own.set(key, value);
    }
    return Object.fromEntries([...merged, ...own]);
  }

  #keyText(pair: Pair): string {
    const key = asNode(pair.key);
    const text = isScalar(key) ? scalarText(key.value, key.source) : null;
    if (text === null) throw this.#problem("a key must be a plain text", key?.range?.[0]);
    return text;
  }

  #problem(message: string, offset: number | undefined): YamlProblem {
    return new YamlProblem(message, this.#positionAt(offset ?? 0));
  }
}

/** What each alias stands for, found in one pass: the library looks through the whole document for each of them. */
function targetsOf(document: Document.Parsed): ReadonlyMap<Alias, Node> {
  const anchored = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Alias: (_, alias) => {
      const target = anchored.get(alias.source);
      if (target !== undefined) targets.set(alias, target);
    },
    Value: (_, node) => {
      if (node.anchor !== undefined) anchored.set(node.anchor, node);
    },
  });
  return targets;
}

/** `<<: *defaults` or a list of maps, of which the earlier ones win (the YAML merge key). */
function mergedEntries(value: YamlValue): [string, YamlValue][] {
  if (typeof value === "string" || value === null) return [];
  if (isList(value)) return value.toReversed().flatMap(mergedEntries);
  return Object.entries(value);
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}

function scalarText(value: unknown, source: string | undefined): string | null {
  if (value === null) return null;
  return typeof value === "string" ? value : (source ?? JSON.stringify(value));
}

/** What the library types as unknown is, in a parsed document, a node, a pair's null or an alias's target. */
function asNode(value: unknown): Node | undefined {
  return typeof value === "object" && value !== null && !isPair(value) ? (value as Node) : undefined;
}

function keyOf(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String));
}
