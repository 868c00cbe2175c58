import { CLOSE, connectionOptions, FOREIGN, KEEP_ALIVE, UPGRADE } from "./connection-options.ts";
import type { FieldTable } from "./field-table.ts";

/** Line numbers of the fields that framing, routing and the life of a connection depend on. */
export interface NotableFields {
  readonly host: number;
  readonly contentLength: number;
  readonly transferEncoding: number;
  /** Options of all Connection lines that have a meaning here (RFC 9110 section 7.6.1). */
  readonly closes: boolean;
  readonly keepsAlive: boolean;
  readonly upgrades: boolean;
  readonly hasForeignOptions: boolean;
  readonly expect: number;
}

/** No line of that name. */
export const ABSENT = -1;
/** More than one line of that name. */
export const REPEATED = -2;

/** Finds them all in one walk over the lines. Lengths tell most names apart before a letter is compared. */
export function findNotableFields(fields: FieldTable): NotableFields {
  let host = ABSENT;
  let contentLength = ABSENT;
  let transferEncoding = ABSENT;
  let expect = ABSENT;
  let options = 0;
  for (let line = 0; line < fields.count; line++) {
    switch (fields.nameLength(line)) {
      case 4:
        if (fields.isNamed(line, "host")) host = host === ABSENT ? line : REPEATED;
        break;
      case 6:
        if (fields.isNamed(line, "expect")) expect = line;
        break;
      case 10:
        if (fields.isNamed(line, "connection")) options |= connectionOptions(fields, line);
        break;
      case 14:
        if (fields.isNamed(line, "content-length")) contentLength = contentLength === ABSENT ? line : REPEATED;
        break;
      case 17:
        if (fields.isNamed(line, "transfer-encoding")) transferEncoding = transferEncoding === ABSENT ? line : REPEATED;
        break;
      default:
    }
  }
  return {
    host,
    contentLength,
    transferEncoding,
    expect,
    closes: (options & CLOSE) !== 0,
    keepsAlive: (options & KEEP_ALIVE) !== 0,
    upgrades: (options & UPGRADE) !== 0,
    hasForeignOptions: (options & FOREIGN) !== 0,
  };
}
