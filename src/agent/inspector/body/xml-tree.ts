import { SaxesParser } from "saxes";
import { declaredEntities } from "./xml-entities.ts";
import { mismatchFault, xmlFault } from "./xml-faults.ts";
import { XmlRows } from "./xml-rows.ts";
import { syntaxFault, type SyntaxFault } from "./syntax-fault.ts";

/** Deeper nesting is refused. A page indents no further, and looking up a namespace costs a step a level. */
export const XML_NESTING_LIMIT = 512;

/** An XML text as rows. */
export interface XmlReading {
  /** The rows up to the syntax error, if there is one; what was open there ends at the last row. */
  readonly rows: XmlRows;
  readonly syntaxError: SyntaxFault | undefined;
}

/** Thrown out of the parser's callbacks: it would go on after an error, and what it says then is guesswork. */
class FaultFound extends Error {
  readonly fault: SyntaxFault;

  constructor(fault: SyntaxFault) {
    super(fault.reason);
    this.fault = fault;
  }
}

/**
 * Reads well-formed XML 1.0 with namespaces. Nothing is fetched and no entity is expanded: rows show the text as written, so
 * nested entities cost nothing. One pass; the text is kept, the rows are slices of it made on demand.
 */
export function readXml(text: string): XmlReading {
  const rows = new XmlRows(text);
  // The parser would join half a pair with whatever follows it, a tag for example.
  const half = text.isWellFormed() ? -1 : text.search(/\p{Surrogate}/u);
  const syntaxError = half === -1 ? parseInto(rows, text) : syntaxFault(text, half, 1, "this is no whole character");
  rows.finish();
  return { rows, syntaxError };
}

function parseInto(rows: XmlRows, text: string): SyntaxFault | undefined {
  const parser = new SaxesParser({ xmlns: true, position: false });
  // Everything between two marks up to `<` is character data, and the next mark begins there.
  let at = 0;
  const tokenStart = (): number => {
    const start = text.indexOf("<", at);
    return start === -1 ? text.length : start;
  };
  const take = (kind: "cdata" | "comment" | "instruction" | "declaration", end: number): void => {
    const start = tokenStart();
    rows.add("text", at, start);
    rows.add(kind, start, end);
    at = end;
  };
  parser.on("error", (error) => {
    const { position } = parser;
    throw new FaultFound(xmlFault(text, { message: error.message, position, at, openAt: rows.openAt }));
  });
  parser.on("opentag", () => {
    const start = tokenStart();
    if (rows.openElements >= XML_NESTING_LIMIT) {
      const reason = `nested deeper than ${XML_NESTING_LIMIT} levels, which is as far as this view goes`;
      throw new FaultFound(syntaxFault(text, start, parser.position - start, reason));
    }
    rows.add("text", at, start);
    rows.open(start, parser.position);
    at = parser.position;
  });
  parser.on("closetag", (tag) => {
    const start = tag.isSelfClosing ? at : tokenStart();
    if (!tag.isSelfClosing && !isEndOf(tag.name, text.slice(start, parser.position))) {
      throw new FaultFound(mismatchFault(text, [start, parser.position - start], rows.openAt ?? 0));
    }
    rows.add("text", at, start);
    rows.close(start, parser.position);
    at = parser.position;
  });
  // The parser tells of a comment before it has seen the last character of its end.
  parser.on("comment", () => take("comment", Math.min(parser.position + 1, text.length)));
  parser.on("cdata", () => take("cdata", parser.position));
  parser.on("processinginstruction", () => take("instruction", parser.position));
  parser.on("xmldecl", () => take("declaration", parser.position));
  parser.on("doctype", (doctype) => {
    take("declaration", parser.position);
    for (const name of declaredEntities(doctype)) parser.ENTITIES[name] = `&${name};`;
  });
  try {
    parser.write(text).close();
    return undefined;
  } catch (error) {
    if (error instanceof FaultFound) return error.fault;
    return syntaxFault(text, parser.position, 1, "this is not well-formed XML");
  }
}

/** The parser closes the innermost element first and finds out afterwards that the tag was another's. */
function isEndOf(name: string, tag: string): boolean {
  return tag.startsWith(`</${name}`) && /^[\s>]/.test(tag.slice(name.length + 2));
}
