import { ownOptions } from "./connection-options.ts";
import type { HeadEdits } from "./head-edits.ts";
import type { MessageHead } from "./message-head.ts";

/**
 * Takes from Connection every option but `close`, `keep-alive`, `upgrade` and `te`. By RFC 9110 section 7.6.1 the next reader drops
 * the fields that such options name, so that a stranger could have it drop what we add: X-Forwarded-For, or what authenticates. The
 * fields themselves stay: who sent them could have left them out.
 */
export function removeForeignOptions(head: MessageHead, edits: HeadEdits): void {
  if (!head.hasForeignOptions) return;
  const own = ownOptions(head.values("connection"));
  if (own.length === 0) edits.remove("Connection");
  else edits.set("Connection", own.join(", "));
}
