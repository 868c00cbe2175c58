/**
 * A YAML text that is changed key by key and printed anew. Comments, order and quotes stay; blanks in front of comments do not.
 * Every scalar is its source text, as in yaml-source.ts, so that a token of digits stays exact.
 */
import { Document, isAlias, isMap, isScalar, isSeq, Pair, parseDocument, Scalar, visit, YAMLMap, YAMLSeq } from "yaml";
import type { YamlValue } from "../yaml-source.ts";

const USUAL_INDENT = 2;
const MAX_INDENT = 8;
/** These texts mean nothing at all unless they stand in quotes. */
const NULL_WORDS = new Set(["", "~", "null", "Null", "NULL"]);

export class EditableYaml {
  readonly root: EditableMap;
  /** Anchors, merge keys and tags were written out, which costs the comments. */
  readonly isExpanded: boolean;
  readonly #document: Document;
  readonly #indent: number;
  readonly #newline: string;

  /** `value` is what readYaml makes of the text, which must be a map, or nothing. */
  constructor(text: string, value: YamlValue) {
    const parsed: Document = parseDocument(text, { schema: "failsafe" });
    this.isExpanded = parsed.errors.length > 0 || needsExpansion(parsed);
    this.#document = this.isExpanded ? new Document(nodeOf(value), { schema: "failsafe" }) : parsed;
    if (!isMap(this.#document.contents)) this.#document.contents = new YAMLMap();
    const map = this.#document.contents as YAMLMap; // made above when it was something else
    this.root = new EditableMap(map, isJson(map) ? "QUOTE_DOUBLE" : "PLAIN");
    this.#indent = Math.min(/^( +)[^ #\n]/m.exec(text)?.[1]?.length ?? USUAL_INDENT, MAX_INDENT);
    this.#newline = text.includes("\r\n") ? "\r\n" : "\n";
  }

  /** What stands above the first key, up to the last blank line, is about the file and stays on top of it. */
  keepHeading(): void {
    const key = this.root.firstKey;
    const comment = key?.commentBefore;
    const end = comment?.lastIndexOf("\n\n") ?? -1;
    if (key === undefined || typeof comment !== "string" || end < 0) return;
    this.#document.commentBefore = comment.slice(0, end);
    key.commentBefore = comment.slice(end + 2);
  }

  toString(): string {
    const text = this.#document.toString({ lineWidth: 0, indent: this.#indent }).trimEnd();
    return `${text}\n`.replaceAll("\n", this.#newline);
  }
}

export class EditableMap {
  readonly #map: YAMLMap;
  /** How new words are written: in quotes where the file is JSON. */
  readonly #style: Scalar.Type;

  constructor(map: YAMLMap, style: Scalar.Type) {
    this.#map = map;
    this.#style = style;
  }

  get keys(): readonly string[] {
    return this.#map.items.map((pair) => keyText(pair)).filter((key) => key !== undefined);
  }

  get firstKey(): Scalar | undefined {
    const key = this.#map.items[0]?.key;
    return isScalar(key) ? key : undefined;
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  /** Undefined when it is absent, empty, null, a list or a map: what counts as unset, or cannot be read as a text. */
  text(key: string): string | undefined {
    const node = this.#find(key)?.value;
    if (!isScalar(node) || typeof node.value !== "string" || node.value === "") return undefined;
    return isPlain(node) && NULL_WORDS.has(node.value) ? undefined : node.value;
  }

  /** Of a list, or of a text that stands for a list of one. Undefined for everything else. */
  texts(key: string): readonly string[] | undefined {
    const node = this.#find(key)?.value;
    const single = this.text(key);
    if (single !== undefined) return [single];
    if (!isSeq(node)) return undefined;
    return node.items.map((item) => (isScalar(item) && typeof item.value === "string" ? item.value : ""));
  }

  map(key: string): EditableMap | undefined {
    const node = this.#find(key)?.value;
    return isMap(node) ? new EditableMap(node, this.#style) : undefined;
  }

  /** Whether something other than nothing stands there. */
  isSet(key: string): boolean {
    const node = this.#find(key)?.value;
    return this.text(key) !== undefined || isMap(node) || isSeq(node);
  }

  /** What was there under the new name goes. */
  rename(from: string, to: string): void {
    if (from === to) return;
    if (this.has(from)) this.remove(to);
    const key = this.#find(from)?.key;
    if (isScalar(key)) key.value = to;
  }

  /** The comments above it go with it. */
  remove(key: string): void {
    const index = this.#map.items.findIndex((pair) => keyText(pair) === key);
    if (index >= 0) this.#map.items.splice(index, 1);
  }

  /** Behind the others, or in the place of what is there. */
  set(key: string, value: string | readonly string[], style: Scalar.Type = this.#style): void {
    const node = typeof value === "string" ? scalar(value, style) : list(value, style);
    const pair = this.#find(key);
    if (pair === undefined) this.#map.items.push(new Pair(scalar(key, this.#style), node));
    else pair.value = withComments(node, pair.value);
  }

  /** The first key of all; one that is there already stays where it is. */
  setFirst(key: string, value: string, style: Scalar.Type = this.#style): void {
    if (!this.has(key)) this.#map.items.unshift(new Pair(scalar(key, this.#style), scalar(value, style)));
    else this.set(key, value, style);
  }

  /** Moves these keys, in their order, into a new map where the first of them stood; behind `anchor`, or in front, when none is there. */
  gather(keys: readonly string[], below: string, anchor: string): void {
    const isGathered = (pair: Pair): boolean => keys.includes(keyText(pair) ?? "");
    const first = this.#map.items.findIndex(isGathered);
    const inner = new YAMLMap();
    inner.items = this.#map.items.filter(isGathered);
    inner.flow = this.#map.flow === true || inner.items.length === 0;
    const at = first < 0 ? this.keys.indexOf(anchor) + 1 : first;
    this.#map.items = this.#map.items.filter((pair) => !isGathered(pair));
    this.#map.items.splice(at, 0, new Pair(scalar(below, this.#style), inner));
  }

  #find(key: string): Pair | undefined {
    return this.#map.items.find((pair) => keyText(pair) === key);
  }
}

function keyText({ key }: Pair): string | undefined {
  return isScalar(key) && typeof key.value === "string" ? key.value : undefined;
}

function isPlain({ type }: Scalar): boolean {
  return type === undefined || type === "PLAIN";
}

function scalar(text: string, style: Scalar.Type): Scalar {
  const node = new Scalar(text);
  node.type = style === "PLAIN" && NULL_WORDS.has(text) ? "QUOTE_DOUBLE" : style;
  return node;
}

function list(texts: readonly string[], style: Scalar.Type): YAMLSeq {
  const node = new YAMLSeq();
  node.flow = true;
  node.items = texts.map((text) => scalar(text, style));
  return node;
}

function withComments<N extends Scalar | YAMLSeq>(node: N, former: unknown): N {
  if (isScalar(former) && typeof former.comment === "string") node.comment = former.comment;
  return node;
}

function isJson(map: YAMLMap): boolean {
  const key = map.items[0]?.key;
  return map.flow === true && isScalar(key) && key.type === "QUOTE_DOUBLE";
}

/** What a change in one place could not leave as it is; what a tag asks for, the library insists on when it prints. */
function needsExpansion(document: Document): boolean {
  const found = { any: false };
  visit(document, {
    Node: (_, node) => {
      found.any ||= isAlias(node) || node.anchor !== undefined || node.tag !== undefined;
    },
    Pair: (_, pair) => {
      found.any ||= keyText(pair) === "<<";
    },
  });
  return found.any;
}

function nodeOf(value: YamlValue): Scalar | YAMLMap | YAMLSeq {
  if (value === null) return new Scalar("");
  if (typeof value === "string") return scalar(value, "PLAIN");
  if (isList(value)) {
    const node = new YAMLSeq();
    node.items = value.map(nodeOf);
    return node;
  }
  const node = new YAMLMap();
  node.items = Object.entries(value).map(([key, inner]) => new Pair(scalar(key, "PLAIN"), nodeOf(inner)));
  return node;
}

function isList(value: readonly YamlValue[] | { readonly [key: string]: YamlValue }): value is readonly YamlValue[] {
  return Array.isArray(value);
}
