import { UsageError } from "../../base/errors.ts";
import { DialError } from "../../net/dial-error.ts";

/** The words of a failure of the network, or of what the user gave. Everything else is a fault of ours, and thrown on. */
export function expectedReason(error: unknown): string {
  if (error instanceof DialError || error instanceof UsageError) return error.message;
  throw error;
}
