import { PublicError } from "../../base/errors.ts";
import type { PolicyEnd } from "../../policy/policy-verdict.ts";
import type { Handshake } from "../../protocol/websocket/handshake.ts";
import type { Endpoint } from "../endpoint.ts";
import { failureError } from "./stream-failure.ts";

/** For a visitor of an endpoint that takes WebSockets only; who has another version is told ours (RFC 6455 section 4.4). */
export function noWebSocket({ type }: Handshake): PolicyEnd {
  const fields = type === "version" ? [["Sec-WebSocket-Version", "13"] as const] : [];
  return { type: "refuse", error: new PublicError("ERR_NGROK_3206", {}), fields };
}

/** What a Close frame says when the agent has reset its stream with this code. */
export function lostUpstreamReason(resetCode: number | undefined, endpoint: Endpoint): string {
  const cause = { code: "RESET", ...(resetCode === undefined ? {} : { resetCode }) };
  const error = failureError({ type: "reset", cause }, endpoint);
  return error.code === "ERR_NGROK_8012" ? `${error.code} ${error.message}` : "the upstream cut the connection";
}
