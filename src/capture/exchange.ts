/**
 * What is kept of the exchanges that pass a tunnel, so that a developer can read and repeat them. This folder watches the
 * octets of one upstream connection and knows HTTP/1, WebSocket and event streams as far as showing them needs; it never
 * changes or delays what it watches, writes nothing to disk, and knows no tunnel, no face and no socket.
 */

/** Of each side of an exchange at most this much is kept, from the start line on (reference.md 3.4). */
export const CAPTURE_LIMIT_BYTES = 1024 * 1024;

/**
 * How an exchange ended. `unreachable`: the upstream could not be connected to, the response is ours. `unreadable`: one
 * side spoke no HTTP that can be understood in one way, so nobody knows where the exchange ends.
 */
export type ExchangeOutcome = "open" | "complete" | "visitorCut" | "upstreamCut" | "unreachable" | "unreadable";

/** Names as spelled and values, in the order received, one character for each octet. */
export type CapturedFields = readonly (readonly [name: string, value: string])[];

/** One side of an exchange, as forwarded to or received from the upstream. Grows while the exchange is open. */
export interface CapturedMessage {
  /** Without CR LF; what came of it when the head is not whole. */
  readonly startLine: string;
  readonly head: CapturedFields;
  /** Head and body as on the wire, chunked coding included; at most {@link CAPTURE_LIMIT_BYTES}. Not to be changed. */
  readonly raw: Uint8Array;
  /** The head, blank line included, is `raw.subarray(0, headBytes)`. */
  readonly headBytes: number;
  /** What passed in all, kept or not. */
  readonly wireBytes: number;
  /** More passed than is kept. */
  readonly isTruncated: boolean;
  /** The message has ended as HTTP says. */
  readonly isWhole: boolean;
  /** Of a body in chunked coding. */
  readonly trailers: CapturedFields;
}

export interface CapturedRequest extends CapturedMessage {
  /** Empty, like the two below, when the request is unreadable. */
  readonly method: string;
  readonly target: string;
  /** `HTTP/1.1` */
  readonly version: string;
}

export interface CapturedResponse extends CapturedMessage {
  /** 0 when the response is unreadable. */
  readonly statusCode: number;
  /** `502 Bad Gateway`; may lack the phrase. */
  readonly status: string;
  readonly version: string;
  /** Made by us because the upstream could not be reached; says why. */
  readonly isGenerated: boolean;
}

/** A WebSocket message or a server-sent event. */
export interface StreamedMessage {
  /** Counts all messages of the exchange from 0, also those that were dropped. */
  readonly index: number;
  readonly from: "visitor" | "upstream";
  /** `event` for event streams, all others for WebSockets. */
  readonly kind: "text" | "binary" | "close" | "ping" | "pong" | "event";
  /** Since the start of the exchange. */
  readonly atMs: number;
  /** Unmasked and decompressed; of an event its data. Not to be changed. */
  readonly bytes: Uint8Array;
  /** Before it was cut; for what could not be decompressed the compressed size. */
  readonly totalBytes: number;
  readonly isTruncated: boolean;
  readonly eventName?: string;
  readonly eventId?: string;
}

/** A live record: what it says grows until `outcome` is no longer `open`. */
export interface Exchange {
  /** `airt_` and 27 base62 characters; ascends as text in the order of starts (clients.md K-131). */
  readonly id: string;
  /** Counts the exchanges of this run of the agent. */
  readonly serial: number;
  readonly tunnelName: string;
  /** `ip:port` or `[ip6]:port` */
  readonly visitorAddress: string;
  /** When the first octet of the request came. */
  readonly startedAt: Date;
  /** Id of the exchange of which this one is a repetition. */
  readonly replayOf: string | undefined;
  readonly request: CapturedRequest;
  /** Undefined until its head has come; interim responses (1xx) are left out. */
  readonly response: CapturedResponse | undefined;
  readonly outcome: ExchangeOutcome;
  /** These three in milliseconds with fractions since the start. */
  readonly requestEndMs: number | undefined;
  /** First octet of the response. */
  readonly firstByteMs: number | undefined;
  /** End of the response, or of what there is of it. */
  readonly endMs: number | undefined;
  /** What an upgraded connection or an event stream carries; undefined for other exchanges. */
  readonly stream: "websocket" | "events" | undefined;
  /** The newest, oldest first. */
  readonly messages: readonly StreamedMessage[];
  /** Messages that had to make room for newer ones. */
  readonly droppedMessages: number;
  /** What it costs to keep it, by a careful estimate. */
  readonly memoryBytes: number;
}
