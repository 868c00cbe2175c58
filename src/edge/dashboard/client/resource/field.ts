import type { ApiRecord } from "../data/api-record.ts";
import type { ListPlace } from "../data/record-pages.ts";

/** What a form holds of one field. */
export type DraftValue = string | boolean | readonly string[];

/**
 * How a field is filled in. `lines`: one entry a line; `pem`: a text or a file; `choice`: one of the options; `records`: any number of
 * records.
 */
export type FieldKind = "text" | "area" | "policy" | "pem" | "lines" | "check" | "choice" | "records";

export interface Option {
  readonly value: string;
  readonly label: string;
}

/** Records that can be chosen. */
export interface RecordOptions extends ListPlace {
  readonly labelOf: (record: ApiRecord) => string;
  /** "IP policies", for when there is none. */
  readonly nouns: string;
}

export interface Field {
  /** In the body of the call. */
  readonly name: string;
  readonly label: string;
  readonly kind: FieldKind;
  readonly hint?: string;
  readonly placeholder?: string;
  /** Can be said when the record is made, and never again. */
  readonly isFixed?: boolean;
  readonly isRequired?: boolean;
  /** Goes into the body as it is at first, and nobody sees it. */
  readonly isHidden?: boolean;
  /** When there is no record yet. */
  readonly initial?: DraftValue;
  /** Of an existing record; by default what stands under the name. */
  readonly read?: (record: ApiRecord) => DraftValue;
  /** What it becomes in the body; by default the value under the name. */
  readonly write?: (value: DraftValue) => Readonly<Record<string, unknown>>;
  readonly options?: readonly Option[];
  readonly records?: RecordOptions;
  /** Where a value that was taken away has to be deleted by a call of its own: its path behind that of the record. */
  readonly clearing?: (record: ApiRecord) => string | undefined;
  /** Codes of errors that are about this field. */
  readonly faults?: RegExp;
}

const MAX_DESCRIPTION = "Up to 255 bytes.";

/** What everybody may note about any record. */
export const NOTE_FIELDS: readonly Field[] = [
  { name: "description", label: "Description", kind: "text", hint: `For people. ${MAX_DESCRIPTION}` },
  { name: "metadata", label: "Metadata", kind: "area", hint: "For programs. Up to 4,096 bytes." },
];
