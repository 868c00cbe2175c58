import { JsonReader } from "./json-reader.ts";
import { JsonRows } from "./json-rows.ts";
import type { SyntaxFault } from "./syntax-fault.ts";

/** A JSON text as rows. */
export interface JsonReading {
  /** The rows up to the syntax error, if there is one; what was open there ends at the last row. */
  readonly rows: JsonRows;
  readonly syntaxError: SyntaxFault | undefined;
}

/**
 * Reads strict JSON (RFC 8259): comments and trailing commas are errors, duplicate names are all kept. One pass, no
 * recursion; nesting has a limit (`json-reader.ts`). The text is kept, the rows are slices of it made on demand.
 */
export function readJson(text: string): JsonReading {
  const rows = new JsonRows(text);
  const syntaxError = new JsonReader(text, rows).read();
  rows.close();
  return { rows, syntaxError };
}
