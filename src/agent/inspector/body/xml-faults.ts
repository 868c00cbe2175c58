import { excerpt, placeOf, syntaxFault, type SyntaxFault } from "./syntax-fault.ts";

/** What is known when the parser (package saxes) refuses to go on. */
export interface XmlRefusal {
  /** The parser's own sentence. It has no codes, so its sentences are told apart here, and nowhere else. */
  readonly message: string;
  /** Index behind the character that was read last. */
  readonly position: number;
  /** Index behind the last complete piece: tag, comment, instruction. */
  readonly at: number;
  /** Where the innermost open element begins. */
  readonly openAt: number | undefined;
}

/** Names of entities longer than this are taken for a mistake when their text does not end well. */
const LOOSE_AMPERSAND = /&(?!#?[\p{L}\p{N}_.:-]{1,64};)/gu;
const LOOSE_REASON = "an & that begins no entity must be written as &amp;";
/** Where an ampersand is an ordinary character. */
const VERBATIM = /^<(?:!|\?)/;

type Span = readonly [offset: number, length: number];

interface Rule {
  readonly when: RegExp;
  /** In plain words; gets the piece of text at the place. */
  readonly reason: string | ((piece: string) => string);
  readonly where: (text: string, refusal: XmlRefusal) => Span;
}

/** The first rule that fits counts. */
const RULES: readonly Rule[] = [
  { when: /^disallowed character\.$/, where: lastCharacter, reason: characterReason },
  { when: /^malformed comment/, where: before(3), reason: "-- cannot stand inside a comment" },
  {
    when: /^undefined entity/,
    where: lastEntity,
    reason: (piece) => `the entity ${excerpt(piece)} is not declared`,
  },
  { when: /character entity/, where: lastEntity, reason: (piece) => `${excerpt(piece)} names no character` },
  { when: /entity name/, where: looseAmpersand, reason: LOOSE_REASON },
  { when: /tag name$/, where: currentMark, reason: "a < that begins no tag must be written as &lt;" },
  { when: /in tag name\.$/, where: lastCharacter, reason: "this character cannot stand in the name of an element" },
  { when: /^text data outside/, where: strayText, reason: "text can only stand inside the root element" },
  { when: /doctype/, where: currentMark, reason: "a document type can stand only once, before the root element" },
  { when: /^incorrect syntax/, where: currentMark, reason: "<! can only begin a comment, CDATA or DOCTYPE" },
  {
    when: /^an XML decl|must appear/,
    where: currentMark,
    reason: "the XML declaration must stand at the very start",
  },
  { when: /instruction/, where: currentMark, reason: "<? must be followed by the name of an instruction" },
  {
    when: /XML decl|name\/value|^expected|^value |must match|^whitespace/,
    where: declaration,
    reason: "the XML declaration is not complete",
  },
  { when: /only one root/, where: currentMark, reason: "there can be only one root element" },
  { when: /forward-slash/, where: lastCharacter, reason: "a / in a tag must be followed by >" },
  { when: /^attribute without/, where: lastWord, reason: (piece) => `the attribute ${excerpt(piece)} has no value` },
  { when: /^unquoted/, where: lastCharacter, reason: "the value of an attribute must stand in quotes" },
  { when: /^no whitespace/, where: lastCharacter, reason: "a space is missing between two attributes" },
  { when: /attribute name/, where: lastCharacter, reason: "this character cannot stand in the name of an attribute" },
  { when: /closing tag\.$/, where: lastCharacter, reason: "this character cannot stand in a closing tag" },
  { when: /is disallowed in char data/, where: before(3), reason: "]]> must be written as ]]&gt; in text" },
  {
    when: /^unmatched closing/,
    where: currentMark,
    reason: (piece) => `${excerpt(piece)} closes nothing: no element is open`,
  },
  { when: /^weird empty/, where: currentMark, reason: "</> names no element" },
  { when: /^duplicate attr/, where: currentMark, reason: "an attribute stands twice in this tag" },
  {
    when: /^malformed name/,
    where: currentMark,
    reason: "a name in this tag has more than one colon, or an empty part",
  },
  {
    when: /prefix|xmlns|namespace/,
    where: currentMark,
    reason: "the names xml and xmlns are reserved, and an empty namespace has no prefix",
  },
];

/** The place and the reason in plain words. */
export function xmlFault(text: string, refusal: XmlRefusal): SyntaxFault {
  const { message, position } = refusal;
  if (/^(?:unclosed tag|unexpected end|document must)/.test(message)) return endFault(text, refusal);
  const [, prefix] = /^unbound namespace prefix: "(.*)"\.$/.exec(message) ?? [];
  if (prefix !== undefined) return prefixFault(text, prefix, refusal);
  const rule = RULES.find(({ when }) => when.test(message));
  if (rule === undefined) return syntaxFault(text, position - 1, 1, "this is not well-formed XML");
  const [offset, length] = rule.where(text, refusal);
  const { reason } = rule;
  const words = typeof reason === "string" ? reason : reason(text.slice(offset, offset + length));
  return syntaxFault(text, offset, length, words);
}

/** An end tag that closes another element than the innermost open one, which begins at `openAt`. */
export function mismatchFault(text: string, tag: Span, openAt: number): SyntaxFault {
  const [offset, length] = tag;
  const name = /^<[^\s/>]*/.exec(text.slice(openAt, openAt + 100))?.[0] ?? "<";
  const wrong = excerpt(text.slice(offset, offset + length));
  const reason = `${wrong} cannot close ${excerpt(name)}> of line ${placeOf(text, openAt).line}`;
  return syntaxFault(text, offset, length, reason);
}

function endFault(text: string, { at, openAt }: XmlRefusal): SyntaxFault {
  const unfinished = text.indexOf("<", at);
  const loose = looseAmpersandAt(text, at);
  const isVerbatim = unfinished !== -1 && VERBATIM.test(text.slice(unfinished, unfinished + 2));
  if (loose !== undefined && (!isVerbatim || loose < unfinished)) return syntaxFault(text, loose, 1, LOOSE_REASON);
  if (unfinished !== -1) {
    const piece = excerpt(text.slice(unfinished, unfinished + 100));
    return syntaxFault(text, text.length, 0, `the text ends inside ${piece} of line ${placeOf(text, unfinished).line}`);
  }
  if (openAt === undefined) return syntaxFault(text, text.length, 0, "there is no root element");
  const name = /^<[^\s/>]*/.exec(text.slice(openAt, openAt + 100))?.[0] ?? "<";
  const reason = `the text ends here, but ${excerpt(name)}> of line ${placeOf(text, openAt).line} is not closed`;
  return syntaxFault(text, text.length, 0, reason);
}

function prefixFault(text: string, prefix: string, { at, position }: XmlRefusal): SyntaxFault {
  const tag = text.indexOf("<", at);
  const found = text.indexOf(`${prefix}:`, tag);
  const offset = found === -1 || found >= position ? tag : found;
  const shown = excerpt(prefix);
  return syntaxFault(text, offset, prefix.length, `the prefix ${shown} is not bound: xmlns:${shown} is missing`);
}

function characterReason(character: string): string {
  return character === "<"
    ? "a < in the value of an attribute must be written as &lt;"
    : "this character is not allowed in XML";
}

function lastCharacter(text: string, { position }: XmlRefusal): Span {
  const code = text.charCodeAt(position - 1);
  const isPair = code >= 0xdc00 && code <= 0xdfff;
  return isPair ? [position - 2, 2] : [position - 1, 1];
}

function before(count: number): Rule["where"] {
  return (_text, { position }) => [position - count, count];
}

function lastEntity(text: string, { position }: XmlRefusal): Span {
  const offset = text.lastIndexOf("&", position - 1);
  return [offset, position - offset];
}

/** The parser reads on to the next semicolon, wherever that is; the fault is the first & that begins nothing. */
function looseAmpersand(text: string, { at, position }: XmlRefusal): Span {
  return [looseAmpersandAt(text, at) ?? position - 1, 1];
}

function looseAmpersandAt(text: string, at: number): number | undefined {
  const search = new RegExp(LOOSE_AMPERSAND);
  search.lastIndex = at;
  return search.exec(text)?.index;
}

/** The tag, comment or other piece that is being read. */
function currentMark(text: string, { at, position }: XmlRefusal): Span {
  const offset = text.indexOf("<", at);
  return offset === -1 ? [position - 1, 1] : [offset, position - offset];
}

function declaration(text: string, { position }: XmlRefusal): Span {
  return [0, text.startsWith("<?xml") ? position : 1];
}

function strayText(text: string, { at, position }: XmlRefusal): Span {
  let offset = at;
  while (offset < position - 1 && /\s/.test(text.charAt(offset))) offset++;
  const end = text.indexOf("<", offset + 1);
  return [offset, (end === -1 ? text.length : end) - offset];
}

/** The word before the last character, white space between them left out. */
function lastWord(text: string, { position, at }: XmlRefusal): Span {
  let end = position - 1;
  while (end > at && /\s/.test(text.charAt(end - 1))) end--;
  let start = end;
  while (start > at && !/[\s"'<]/.test(text.charAt(start - 1))) start--;
  return start === end ? [position - 1, 1] : [start, end - start];
}
