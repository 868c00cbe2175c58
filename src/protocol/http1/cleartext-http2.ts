import { ownOptions } from "./connection-options.ts";
import type { HeadEdits } from "./head-edits.ts";
import type { RequestHead } from "./request-head.ts";

const PROTOCOL = "h2c";

/**
 * Whether the sender would go on in HTTP/2 (RFC 7540 section 3.2, given up by RFC 9113). Who passes that on lets through, behind one request
 * that it has looked at, as many others as the peers like.
 */
export function offersCleartextHttp2(head: RequestHead): boolean {
  return head.upgrade?.some(isCleartextHttp2) === true;
}

/** Takes the offer away; other protocols stay on offer. */
export function removeCleartextHttp2(head: RequestHead, edits: HeadEdits): void {
  const others = (head.upgrade ?? []).filter((protocol) => !isCleartextHttp2(protocol));
  edits.remove("HTTP2-Settings");
  if (others.length > 0) {
    edits.set("Upgrade", others.join(", "));
    return;
  }
  const options = ownOptions(head.values("connection")).filter((option) => option.toLowerCase() !== "upgrade");
  edits.remove("Upgrade");
  if (options.length === 0) edits.remove("Connection");
  else edits.set("Connection", options.join(", "));
}

function isCleartextHttp2(protocol: string): boolean {
  return protocol.toLowerCase() === PROTOCOL;
}
