/** What the edge changes in the heads that pass through it (reference.md 7.4, 7.9); everything else stays as received. */
import { removeForeignOptions } from "../../protocol/http1/foreign-options.ts";
import { HeadEdits } from "../../protocol/http1/head-edits.ts";
import { writeLatin1 } from "../../protocol/http1/latin1.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import type { ResponseHead } from "../../protocol/http1/response-head.ts";
import { ipOf } from "./visitor-ip.ts";

/** Only the edge itself may say that an answer is the edge's own. */
const ERROR_CODE_FIELD = "ngrok-error-code";

const asOwnAnswer = new HeadEdits().remove(ERROR_CODE_FIELD);
const asLastAnswer = new HeadEdits().remove(ERROR_CODE_FIELD).set("Connection", "close");

/**
 * The head of a request as the upstream gets it: it tells who asks, how, and for which host. The last entry of both lists is
 * ours, whatever the visitor sent, and no option of Connection has the next reader drop it. The visitor's address is `ip:port` or `[ip6]:port`; `edits` come first, and are used up.
 */
export function forwardedRequest(
  head: RequestHead,
  visitor: { readonly address: string; readonly scheme: string },
  edits?: HeadEdits,
): Uint8Array {
  const ip = ipOf(visitor.address);
  const host = head.get("host") ?? "";
  if (edits === undefined && !head.hasForeignOptions && !FORWARDED_FIELDS.some((name) => head.fields.find(name) >= 0)) {
    return endedBy(
      head,
      `X-Forwarded-For: ${ip}\r\nX-Forwarded-Proto: ${visitor.scheme}\r\nX-Forwarded-Host: ${host}\r\n`,
    );
  }
  const all = edits ?? new HeadEdits();
  removeForeignOptions(head, all);
  all.append("X-Forwarded-For", ip).append("X-Forwarded-Proto", visitor.scheme);
  if (head.get("x-forwarded-host") === undefined) all.set("X-Forwarded-Host", host);
  return all.applyTo(head);
}

const FORWARDED_FIELDS = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"] as const;

/** What {@link HeadEdits} make of nearly every request, in a fraction of the time. The lines are well-formed. */
function endedBy({ raw }: RequestHead, lines: string): Uint8Array {
  const head = new Uint8Array(raw.length + lines.length);
  head.set(raw);
  writeLatin1(head, writeLatin1(head, raw.length - 2, lines), "\r\n");
  return head;
}

/**
 * The head of a response as the visitor gets it; `announcesClose`: the connection ends after it. `edits` come first, and are used
 * up.
 */
export function forwardedResponse(
  head: ResponseHead,
  { announcesClose }: { readonly announcesClose: boolean },
  edits?: HeadEdits,
): Uint8Array {
  if (edits !== undefined) {
    edits.remove(ERROR_CODE_FIELD);
    return (announcesClose ? edits.set("Connection", "close") : edits).applyTo(head);
  }
  if (announcesClose && !head.interim && !head.upgraded) return asLastAnswer.applyTo(head);
  return head.get(ERROR_CODE_FIELD) === undefined ? head.raw : asOwnAnswer.applyTo(head);
}
