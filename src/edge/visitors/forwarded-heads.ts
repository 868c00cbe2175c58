/** What the edge changes in the heads that pass through it (reference.md 7.4, 7.9); everything else stays as received. */
import { HeadEdits } from "../../protocol/http1/head-edits.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import type { ResponseHead } from "../../protocol/http1/response-head.ts";

/** Only the edge itself may say that an answer is the edge's own. */
const ERROR_CODE_FIELD = "ngrok-error-code";

const asOwnAnswer = new HeadEdits().remove(ERROR_CODE_FIELD);
const asLastAnswer = new HeadEdits().remove(ERROR_CODE_FIELD).set("Connection", "close");

/** Tells the upstream who asks: for the requests of one visitor connection. */
export class ForwardedHeads {
  readonly #visitorIp: string;
  readonly #scheme: string;
  /** For requests that say themselves which host was asked for. */
  readonly #plain: HeadEdits;
  /** For those that do not; the host is nearly always the same. */
  #withHost: { readonly host: string; readonly edits: HeadEdits } | undefined;

  /** `visitorAddress` is `ip:port` or `[ip6]:port`. */
  constructor(visitorAddress: string, scheme: string) {
    this.#visitorIp = visitorAddress.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
    this.#scheme = scheme;
    this.#plain = this.#edits();
  }

  request(head: RequestHead): Uint8Array {
    if (head.get("x-forwarded-host") !== undefined) return this.#plain.applyTo(head);
    const host = head.get("host") ?? "";
    if (this.#withHost?.host !== host) {
      this.#withHost = { host, edits: this.#edits().set("X-Forwarded-Host", host) };
    }
    return this.#withHost.edits.applyTo(head);
  }

  /** The last entry of both lists is ours, whatever the visitor sent. */
  #edits(): HeadEdits {
    return new HeadEdits().append("X-Forwarded-For", this.#visitorIp).append("X-Forwarded-Proto", this.#scheme);
  }
}

/** The head of a response as the visitor gets it; `announcesClose`: the connection ends after it. */
export function forwardedResponse(
  head: ResponseHead,
  { announcesClose }: { readonly announcesClose: boolean },
): Uint8Array {
  if (announcesClose && !head.interim && !head.upgraded) return asLastAnswer.applyTo(head);
  return head.get(ERROR_CODE_FIELD) === undefined ? head.raw : asOwnAnswer.applyTo(head);
}
