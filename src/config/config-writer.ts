/**
 * Setting one value in a configuration file's text. Only the bytes of that value change: comments, order, quotes and line ends of
 * everything else stay, because the text is spliced at the positions of its syntax tree, not printed anew.
 */
import { isDeepStrictEqual } from "node:util";
import { isMap, isScalar, parseDocument, type Node, type Pair, type YAMLMap } from "yaml";
import { UsageError } from "../base/errors.ts";
import { versionOf } from "./agent-file.ts";
import type { ConfigVersion } from "./agent-settings.ts";
import { blameFile, readSource } from "./config-problem.ts";
import type { YamlValue } from "./yaml-source.ts";

/** What the commands `authtoken`, `config add-authtoken`, `add-api-key` and `add-connect-url` set. */
export type WritableSetting = "authtoken" | "apiKey" | "serverAddress";

const KEY: Readonly<Record<WritableSetting, Readonly<Record<ConfigVersion, string>>>> = {
  authtoken: { 1: "authtoken", 2: "authtoken", 3: "authtoken" },
  apiKey: { 1: "api_key", 2: "api_key", 3: "api_key" },
  serverAddress: { 1: "server_addr", 2: "server_addr", 3: "connect_url" },
};

/** Version of a file that we begin. One that exists without a version is version 1 and stays so. */
export const NEW_FILE_VERSION: ConfigVersion = 3;

const INDENT = "    ";

/** A replacement of `[start, end)` by a text. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The text with the setting at its place for the file's version (clients.md K-055): at the top in versions 1 and 2, below `agent` in
 * version 3. Throws UsageError, naming `file`, when the text is no YAML or its shape leaves no safe place.
 */
export function setInConfig(file: string, text: string, setting: WritableSetting, value: string): string {
  if (!/^[^\p{Cc}]+$/u.test(value)) {
    // Never the value itself: it may be a secret.
    throw new UsageError(`The value for ${KEY[setting][3]} is empty or holds control characters. Give it as one line.`);
  }
  const source = readSource(file, text);
  if (source.value === null) return beginFile(text, setting, value);
  const version = versionOf(source.value, blameFile(file, source));
  const path = version === 3 ? ["agent", KEY[setting][version]] : [KEY[setting][version]];
  const root = parseDocument(text).contents;
  if (!isMap(root)) throw unsafe(file);
  const splice = new Splicer(file, text).set(root, path, value);
  const after = text.slice(0, splice.start) + splice.text + text.slice(splice.end);
  // Unusual but legal YAML may put the value somewhere else than meant; then nothing is written.
  if (!isDeepStrictEqual(readSource(file, after).value, withValue(source.value, path, value))) throw unsafe(file);
  return after;
}

function withValue(tree: YamlValue, path: readonly string[], value: string): YamlValue {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const map = tree !== null && typeof tree === "object" && !Array.isArray(tree) ? tree : {};
  const entries = new Map<string, YamlValue>(Object.entries(map));
  return Object.fromEntries(entries.set(key, withValue(entries.get(key) ?? null, rest, value)));
}

/** Whatever the text holds (comments, a document start) stays in front. */
function beginFile(text: string, setting: WritableSetting, value: string): string {
  const newline = newlineOf(text);
  const head = text === "" || text.endsWith("\n") ? text : text + newline;
  const line = `${INDENT}${KEY[setting][NEW_FILE_VERSION]}: ${quoted(value)}`;
  return [`${head}version: "${NEW_FILE_VERSION}"`, "agent:", line, ""].join(newline);
}

class Splicer {
  readonly #file: string;
  readonly #text: string;
  readonly #newline: string;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
    this.#newline = newlineOf(text);
  }

  /** Sets the value at a path of one or two keys. */
  set(map: YAMLMap, path: readonly string[], value: string): Splice {
    const [key = "", ...rest] = path;
    const pair = pairOf(map, key);
    const inner = rest[0];
    if (pair === undefined) return this.#insert(map, inner === undefined ? [key, value] : [key, inner, value]);
    const node = nodeOf(pair.value);
    if (inner !== undefined && isMap(node) && node.items.length > 0) return this.set(node, rest, value);
    const content = inner === undefined ? quoted(value) : `{ ${JSON.stringify(inner)}: ${JSON.stringify(value)} }`;
    return this.#replace(pair, node, content);
  }

  #replace(pair: Pair, node: Node | undefined, content: string): Splice {
    const [start, end] = node?.range ?? [];
    const isText = isScalar(node) && !["BLOCK_LITERAL", "BLOCK_FOLDED"].includes(node.type ?? "");
    const isEmptyMap = isMap(node) && node.items.length === 0;
    if (start === undefined || end === undefined || !(isText || isEmptyMap)) throw unsafe(this.#file);
    if (end > start) return { start, end, text: content };
    // A key without a value: `key:` ends with the colon, which the empty value follows at once or after blanks.
    const keyEnd = nodeOf(pair.key)?.range?.[1] ?? start;
    const colon = this.#text.indexOf(":", keyEnd) + 1;
    return { start: colon, end: colon, text: ` ${content}` };
  }

  #insert(map: YAMLMap, words: readonly string[]): Splice {
    const first = map.items[0];
    const start = map.range?.[0];
    if (start === undefined) throw unsafe(this.#file);
    if (map.flow === true) {
      const [key, inner, value] = words.length === 3 ? words : [words[0], undefined, words[1]];
      const content =
        inner === undefined ? JSON.stringify(value) : `{ ${JSON.stringify(inner)}: ${JSON.stringify(value)} }`;
      const comma = first === undefined ? "" : ", ";
      return { start: start + 1, end: start + 1, text: `${JSON.stringify(key)}: ${content}${comma}` };
    }
    const anchor = pairOf(map, "version") ?? first;
    const isAfter = anchor !== undefined && pairOf(map, "version") === anchor;
    return this.#insertLines(anchor, isAfter, words);
  }

  /** Whole lines before the line of a pair, or after the line on which it ends. */
  #insertLines(anchor: Pair | undefined, isAfter: boolean, words: readonly string[]): Splice {
    const keyStart = nodeOf(anchor?.key)?.range?.[0];
    if (keyStart === undefined) throw unsafe(this.#file);
    const lineStart = this.#text.lastIndexOf("\n", keyStart - 1) + 1;
    const indent = this.#text.slice(lineStart, keyStart).replace(/^\uFEFF/, "");
    if (indent.trim() !== "") throw unsafe(this.#file);
    const lines = linesOf(words, indent).join(this.#newline);
    if (!isAfter) {
      const start = keyStart - indent.length;
      return { start, end: start, text: lines + this.#newline };
    }
    const valueEnd = nodeOf(anchor?.value)?.range?.[1] ?? keyStart;
    const lineEnd = this.#text.indexOf("\n", valueEnd);
    return lineEnd < 0
      ? { start: this.#text.length, end: this.#text.length, text: this.#newline + lines + this.#newline }
      : { start: lineEnd + 1, end: lineEnd + 1, text: lines + this.#newline };
  }
}

function linesOf(words: readonly string[], indent: string): readonly string[] {
  const [key = "", second = "", third] = words;
  if (third === undefined) return [`${indent}${key}: ${quoted(second)}`];
  return [`${indent}${key}:`, `${indent}${INDENT}${second}: ${quoted(third)}`];
}

/** Plain where YAML reads it back as the same text in every version, else in double quotes. */
function quoted(value: string): string {
  return /^[A-Za-z][\w.-]*$|^\w*[A-Za-z]_\w*$/.test(value) && parseDocument(value).toJS() === value
    ? value
    : JSON.stringify(value);
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
}

/** In a parsed document keys and values are nodes or null; the library types them as unknown. */
function nodeOf(value: unknown): Node | undefined {
  return typeof value === "object" && value !== null ? (value as Node) : undefined;
}

function newlineOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

function unsafe(file: string): UsageError {
  return new UsageError(`cannot change '${file}' without risk to the rest of it; please edit the file by hand`);
}
