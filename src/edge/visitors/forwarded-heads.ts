/** What the edge changes in the heads that pass through it (reference.md 7.4, 7.9); everything else stays as received. */
import { HeadEdits } from "../../protocol/http1/head-edits.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import type { ResponseHead } from "../../protocol/http1/response-head.ts";
import { ipOf } from "./visitor-ip.ts";

/** Only the edge itself may say that an answer is the edge's own. */
const ERROR_CODE_FIELD = "ngrok-error-code";

const asOwnAnswer = new HeadEdits().remove(ERROR_CODE_FIELD);
const asLastAnswer = new HeadEdits().remove(ERROR_CODE_FIELD).set("Connection", "close");

/**
 * The head of a request as the upstream gets it: it tells who asks, how, and for which host. The last entry of both lists is
 * ours, whatever the visitor sent. The visitor's address is `ip:port` or `[ip6]:port`; `edits` come first, and are used up.
 */
export function forwardedRequest(
  head: RequestHead,
  visitor: { readonly address: string; readonly scheme: string },
  edits = new HeadEdits(),
): Uint8Array {
  edits.append("X-Forwarded-For", ipOf(visitor.address)).append("X-Forwarded-Proto", visitor.scheme);
  if (head.get("x-forwarded-host") === undefined) edits.set("X-Forwarded-Host", head.get("host") ?? "");
  return edits.applyTo(head);
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
