/** The opening handshake of a WebSocket, as its server sees it (RFC 6455 section 4.2). */
import { createHash } from "node:crypto";
import { listMembers } from "../http1/list-members.ts";
import type { RequestHead } from "../http1/request-head.ts";

const VERSION = "13";
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;
/** Section 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** What relays of bytes have agreed to call themselves. */
const BINARY = "binary";

/** `none`: nobody asks for a WebSocket, or not in its way. `version`: for another one than ours, 13. */
export type Handshake = { readonly type: "none" | "version" } | { readonly type: "webSocket"; readonly key: string };

export function readHandshake(request: RequestHead): Handshake {
  const isAsked = request.upgrade?.some((protocol) => protocol.toLowerCase() === "websocket") === true;
  const keys = request.values("sec-websocket-key");
  const [key = ""] = keys;
  if (!isAsked || request.method !== "GET" || request.framing.type !== "none") return { type: "none" };
  const versions = request.values("sec-websocket-version");
  if (versions.length !== 1 || versions[0] !== VERSION) return { type: "version" };
  return keys.length === 1 && KEY.test(key) ? { type: "webSocket", key } : { type: "none" };
}

/**
 * The head that takes the handshake up, for a stream of bytes and without extensions. Browsers give up when they offer
 * subprotocols and none is chosen: `binary` where it is offered, else the first.
 */
export function acceptingHead(request: RequestHead, key: string): Uint8Array {
  const accept = createHash("sha1").update(key).update(GUID).digest("base64");
  const offered = listMembers(request.values("sec-websocket-protocol"));
  const protocol = offered.find((each) => each.toLowerCase() === BINARY) ?? offered[0];
  const chosen = protocol === undefined ? "" : `Sec-WebSocket-Protocol: ${protocol}\r\n`;
  return Buffer.from(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n${chosen}\r\n`,
    "latin1",
  );
}
