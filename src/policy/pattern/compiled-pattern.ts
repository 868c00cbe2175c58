import { PublicError } from "../../base/errors.ts";
import { Pattern, PatternFault } from "./pattern.ts";

/** A pattern that a user wrote. @throws PublicError 2261 naming it and its fault */
export function compiledPattern(source: string): Pattern {
  try {
    return new Pattern(source);
  } catch (cause) {
    if (!(cause instanceof PatternFault)) throw cause;
    throw new PublicError("ERR_NGROK_2261", { pattern: source, reason: cause.message }, { cause });
  }
}
