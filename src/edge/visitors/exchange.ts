import type { ErrorCode } from "../../base/error-catalogue.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import type { Endpoint } from "../endpoint.ts";
import type { LeaveWait } from "../returning/waiting-visitors.ts";
import type { GatheredBody } from "./gathered-body.ts";
import type { UnchunkedBody } from "./http10-response.ts";
import type { PolicyPassage } from "./policy-passage.ts";
import type { SiteCall } from "./site-call.ts";

/** One request of a visitor and what has become of it. */
export interface Exchange {
  readonly request: RequestHead;
  /** Absent when the edge answers itself. */
  endpoint: Endpoint | undefined;
  requestDone: boolean;
  responseDone: boolean;
  /** Some byte of a response, be it interim, went to the visitor. */
  isAnswered: boolean;
  /** Both sides leave their connection open after this exchange. */
  keepsAlive: boolean;
  /** When the request's head was whole, by the clock of the edge. */
  readonly startedMs: number;
  /** Of the final response; 0 before it. */
  status: number;
  /** Heads and bodies as the visitor sent and gets them. */
  bytesIn: number;
  bytesOut: number;
  /** Until it is known it is `cut`. In the edge's own answers the code of the error, or a word for what was answered. */
  outcome: ExchangeOutcome;
  /** The rule of the endpoint that turned the visitor away; a word of ours. */
  refusedBy: string | undefined;
  /** The internal URL that the request was not forwarded to; not for visitors. */
  unreached: string | undefined;
  /** While its visitor waits for an endpoint that is on its way back: ends that. May be called at any time. */
  leaveWait: LeaveWait | undefined;
  /** Absent for an endpoint without a policy. */
  passage: PolicyPassage | undefined;
  /** What will go on as a WebSocket that is a stream of bytes, once the request is whole. */
  webSocket: AcceptedWebSocket | undefined;
  /** Of a request for the edge itself. */
  siteCall: SiteCall | undefined;
  /** The request's, where the edge has to have it whole, until it goes on; dropped with the exchange at the latest. */
  body: GatheredBody | undefined;
  /** Of a response in chunks to a visitor who knows none. */
  unchunked: UnchunkedBody | undefined;
}

export interface AcceptedWebSocket {
  readonly endpoint: Endpoint;
  /** The visitor's, of the handshake. */
  readonly key: string;
}

export type ExchangeOutcome = "answered" | "upgraded" | "cut" | OwnOutcome;
export type OwnOutcome = ErrorCode | "unauthorized" | "challenge" | "https_only" | "policy";

/** Methods that may be sent again when a kept connection was closed under the request (RFC 9110 section 9.2.2). */
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"]);

export function newExchange(request: RequestHead, startedMs: number): Exchange {
  return {
    request,
    endpoint: undefined,
    requestDone: false,
    responseDone: false,
    isAnswered: false,
    keepsAlive: request.keepAlive,
    startedMs,
    status: 0,
    bytesIn: 0,
    bytesOut: 0,
    outcome: "cut",
    refusedBy: undefined,
    unreached: undefined,
    leaveWait: undefined,
    passage: undefined,
    webSocket: undefined,
    siteCall: undefined,
    body: undefined,
    unchunked: undefined,
  };
}

/** Whether a second try does no harm. Bodies are not kept for one. */
export function maySendAgain({ request }: Exchange): boolean {
  return request.framing.type === "none" && IDEMPOTENT.has(request.method);
}

/** A visitor that asked for none, or is not done asking, would not read what follows as we do. */
export function mayUpgrade({ request, requestDone }: Exchange): boolean {
  return requestDone && request.upgrade !== undefined;
}
