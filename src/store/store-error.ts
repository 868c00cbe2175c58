import type { RecordType } from "../model/records/records.ts";

export type StoreFailure =
  | "diskFull"
  /** The database does not answer, or is not there any more. */
  | "gone"
  /** It was lost, or did not answer, while it was to keep a change: that may have been made or not. */
  | "unsure"
  /** A newer version of the program has changed the tables. */
  | "newerSchema"
  /** What lies there is no database of ours, or damaged. */
  | "damaged"
  | "notWritable"
  /** Another process holds the database for too long. */
  | "busy"
  /** Sealed values were sealed with another key. */
  | "wrongKey"
  /** A row names another one that is not there. Records are checked before, so only what is online gets so far. */
  | "missing"
  /** Anything else that the database refused: a fault of ours. */
  | "refused";

/** The database failed, and nothing has changed, unless the failure is `unsure`. `message` names the database, the reason and the remedy. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly failure: StoreFailure;

  constructor(failure: StoreFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

export type ConflictReason =
  /** Another record has this value, which must be unique. */
  | "taken"
  /** It names a record that does not exist, or belongs to another account. */
  | "missing"
  /** Another record needs it. */
  | "inUse";

/** A change that does not go together with the other records. Nothing has happened. */
export class ConflictError extends Error {
  override readonly name = "ConflictError";
  readonly reason: ConflictReason;
  /** Of the record that was to be changed; for `inUse` of the record that needs it. */
  readonly type: RecordType;
  /** The field in question; the last of several that are unique together. */
  readonly field: string;

  constructor(reason: ConflictReason, type: RecordType, field: string, value: string) {
    super(EXPLANATIONS[reason](type, field, value));
    this.reason = reason;
    this.type = type;
    this.field = field;
  }
}

const EXPLANATIONS: Readonly<Record<ConflictReason, (type: string, field: string, value: string) => string>> = {
  taken: (type, field, value) => `another ${type} has the ${field} ${value}: choose another, or remove that one first`,
  missing: (type, field, value) => `the ${field} of the ${type} names ${value}, which is not there: make it first`,
  inUse: (type, field, value) => `${value} is the ${field} of a ${type}: remove or change that one first`,
};
