/** What to tell a visitor when no response came back from the agent. */
import { PublicError } from "../../base/errors.ts";
import { resetReasonOf, type ResetReason } from "../../protocol/mux/reset-codes.ts";
import type { Endpoint } from "../endpoint.ts";
import type { StreamFailure } from "./proxy-stream.ts";

/** Sentences behind "could not connect to …:". */
const CONNECT_FAILURES: Readonly<Partial<Record<ResetReason, string>>> = {
  upstreamRefused: "connection refused",
  upstreamTimedOut: "the connection timed out",
  upstreamNameUnresolved: "the name cannot be resolved",
  upstreamUnreachable: "the address cannot be reached",
  upstreamTlsFailed: "the TLS handshake failed",
};

/** The agent knows why, the reset code does not say more. */
const NO_HTTP = "what it sent breaks the rules of HTTP/1.1";

/** Why an endpoint that was found has no stream to give. */
export function noStreamError(endpoint: Endpoint): PublicError {
  return new PublicError(endpoint.isOnline ? "ERR_GINNEL_BUSY" : "ERR_NGROK_3210", { host: endpoint.host });
}

export function failureError(failure: StreamFailure, endpoint: Endpoint): PublicError {
  const { facts } = endpoint;
  const upstream = facts.forwardsTo;
  if (failure.type === "refused") return new PublicError("ERR_NGROK_3004", { upstream, reason: failure.error.reason });
  if (failure.type === "ended") return closedWithoutAnswer(upstream);
  const reason = resetReasonOf(failure.cause?.resetCode);
  if (failure.cause?.code === "SESSION_ENDED" || reason === "unknownBind") {
    return new PublicError("ERR_NGROK_3210", { host: facts.host });
  }
  if (reason === "noWayToAgent") return noStreamError(endpoint);
  if (reason === "upstreamProtocolError") return new PublicError("ERR_NGROK_3004", { upstream, reason: NO_HTTP });
  const connectFailure = reason === undefined ? undefined : CONNECT_FAILURES[reason];
  return connectFailure === undefined
    ? closedWithoutAnswer(upstream)
    : new PublicError("ERR_NGROK_8012", { upstream, reason: connectFailure });
}

function closedWithoutAnswer(upstream: string): PublicError {
  return new PublicError("ERR_NGROK_3004", { upstream, reason: "it closed the connection without an answer" });
}
