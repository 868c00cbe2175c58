/**
 * YAML that a stranger wrote, read with work that grows with its length and no faster. The parser alone needs the square of the length,
 * or more, for texts that are nested deeply, repeat keys or aliases; so what may cost that much is refused by its tokens.
 */
import { CST, isScalar, Lexer, parseDocument, visit, type YAMLMap } from "yaml";
import { UsageError } from "../../base/errors.ts";

/** Spaces, marks and line ends count too: three or four times what a list of addresses of 64 KiB has in items. */
export const MAX_TOKENS = 20_000;
/** Policies need about eight. */
export const MAX_DEPTH = 32;
/** Each costs a walk through the document. */
export const MAX_ALIASES = 50;

/** Marks of the lexer, which stand for no character of the text. */
const WIDTHLESS: ReadonlySet<string> = new Set(["\u{FEFF}", "\x02", "\x18", "\x1f"]);

/** Its value as JSON has it. @throws UsageError with the reason, in one line, and the place where there is one */
export function readBoundedYaml(text: string): unknown {
  checkTokens(text);
  // The parser compares each key with all others of its map.
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false });
  const [fault] = document.errors;
  if (fault !== undefined) throw new UsageError(`${fault.message} at ${placeOf(text, fault.pos[0])}`);
  visit(document, { Map: (_, { items }) => checkKeys(text, items) });
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    // Aliases of aliases, or of nothing.
    throw new UsageError(cause instanceof Error ? cause.message : "it cannot be resolved", { cause });
  }
}

/** @throws UsageError for a key that is no scalar, and for one that stands twice */
function checkKeys(text: string, items: YAMLMap["items"]): void {
  const known = new Set<string>();
  for (const { key } of items) {
    if (!isScalar(key)) throw new UsageError("a key of a map is no text");
    const name = String(key.value);
    if (known.has(name)) {
      const place = key.range ? ` at ${placeOf(text, key.range[0])}` : "";
      throw new UsageError(`the key ${JSON.stringify(name)} stands twice in a map${place}`);
    }
    known.add(name);
  }
}

/** @throws UsageError */
function checkTokens(text: string): void {
  let tokens = 0;
  let aliases = 0;
  let flowDepth = 0;
  let column = 0;
  /** Where the block collections begin that are open here; each further in than the one before. */
  const blocks: number[] = [];
  for (const token of new Lexer().lex(text)) {
    if (++tokens > MAX_TOKENS) throw new UsageError(`it has more than ${MAX_TOKENS} keys, values, marks and spaces`);
    const type = CST.tokenType(token);
    // A line further out than the brackets around it: the parser has left them all.
    if (type === "flow-error-end") flowDepth = 0;
    if (WIDTHLESS.has(token)) continue;
    if (type === "alias" && ++aliases > MAX_ALIASES) throw new UsageError(`it has more than ${MAX_ALIASES} aliases`);
    if (type === "flow-map-start" || type === "flow-seq-start") flowDepth++;
    if (type === "flow-map-end" || type === "flow-seq-end") flowDepth = Math.max(0, flowDepth - 1);
    // Between brackets nothing but brackets nests, however many keys stand in one line.
    if (flowDepth === 0 && (type === "seq-item-ind" || type === "explicit-key-ind" || type === "map-value-ind")) {
      while ((blocks.at(-1) ?? -1) >= column) blocks.pop();
      blocks.push(column);
    }
    if (flowDepth + blocks.length > MAX_DEPTH) throw new UsageError(`it is nested deeper than ${MAX_DEPTH} levels`);
    const lineEnd = token.lastIndexOf("\n");
    column = lineEnd === -1 ? column + token.length : token.length - lineEnd - 1;
  }
}

/** Both counted from 1. */
function placeOf(text: string, at: number): string {
  const before = text.slice(0, at).split("\n");
  return `line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`;
}
