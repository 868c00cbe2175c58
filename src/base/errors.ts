/**
 * Who is to blame when something fails. Three kinds: a {@link PublicError} is safe to show to whoever asked, a
 * {@link ProtocolError} means that a peer broke the rules of a protocol, everything else is a fault of ours.
 */
import { ERRORS, type ErrorCode, type FactsOf } from "./error-catalogue.ts";

/** A failure with a code of the catalogue. `message` is the filled-in text; the cause is for the log only. */
export class PublicError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "PublicError";
  readonly code: C;
  readonly status: number;
  readonly hint: string;
  /** What the text was filled with. */
  readonly facts: FactsOf<C>;

  constructor(code: C, facts: FactsOf<C>, options?: ErrorOptions) {
    const entry = ERRORS[code];
    // The code ties text and hint to their facts.
    super((entry.text as (facts: FactsOf<C>) => string)(facts), options);
    this.code = code;
    this.facts = facts;
    this.status = entry.status;
    this.hint = typeof entry.hint === "string" ? entry.hint : (entry.hint as (facts: FactsOf<C>) => string)(facts);
  }
}

/** A peer broke the rules of the protocol it speaks. The owner of the stream or session ends it. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** A file, flag or value that the user gave cannot be used. `message` names the input, the reason and the remedy. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
