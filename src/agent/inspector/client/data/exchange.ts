/** The shapes that the agent API answers with (reference.md 3.4 and its additions). Durations are nanoseconds. */

export type Outcome = "open" | "complete" | "visitorCut" | "upstreamCut" | "unreachable" | "unreadable";

export interface RequestSummary {
  readonly method: string;
  /** "HTTP/1.1". */
  readonly proto: string;
  /** Path and query as they were sent. */
  readonly uri: string;
  /** On the wire, head and body. */
  readonly bytes: number;
  /** Only a first part of it is kept. */
  readonly truncated: boolean;
  readonly content_type?: string;
  readonly headers?: FieldsByName;
}

export interface ResponseSummary {
  /** "502 Bad Gateway". */
  readonly status: string;
  readonly status_code: number;
  readonly proto: string;
  readonly bytes: number;
  readonly truncated: boolean;
  /** Made by the agent, because the upstream could not be reached. */
  readonly generated: boolean;
  readonly content_type?: string;
  readonly headers?: FieldsByName;
}

export interface StreamSummary {
  readonly kind: "websocket" | "events";
  readonly messages: number;
  readonly dropped: number;
}

/** What the list knows of an exchange. Ids ascend with time, as texts. */
export interface ExchangeSummary {
  readonly id: string;
  readonly tunnel_name: string;
  readonly remote_addr: string;
  /** RFC 3339. */
  readonly start: string;
  readonly duration: number;
  readonly outcome: Outcome;
  readonly replay_of: string | null;
  readonly request: RequestSummary;
  readonly response: ResponseSummary | null;
  readonly timing: {
    readonly request_end: number | null;
    readonly first_byte: number | null;
    readonly end: number | null;
  };
  readonly stream: StreamSummary | null;
}

/** Name and value, as they were sent. */
export type Field = readonly [name: string, value: string];

export type FieldsByName = Readonly<Record<string, readonly string[]>>;

/** One for each value. */
export function fieldsOf(byName: FieldsByName): readonly Field[] {
  return Object.entries(byName).flatMap(([name, values]) => values.map((value) => [name, value] as const));
}

interface Head {
  /** By canonical name; the request's Host stands in `raw` alone. */
  readonly headers: FieldsByName;
}

/** With headers, without bodies. */
export interface ExchangeHeads extends ExchangeSummary {
  readonly request: RequestSummary & Head;
  readonly response: (ResponseSummary & Head) | null;
}

interface CapturedSide extends Head {
  readonly trailers: FieldsByName;
  /** Base64 of what was kept of the message as it stood on the wire. */
  readonly raw: string;
}

export interface ExchangeDetail extends ExchangeSummary {
  readonly request: RequestSummary & CapturedSide;
  readonly response: (ResponseSummary & CapturedSide) | null;
}

export interface StreamedMessage {
  readonly index: number;
  readonly from: "visitor" | "upstream";
  readonly kind: "text" | "binary" | "close" | "ping" | "pong" | "event";
  /** Since the start of the exchange. */
  readonly at: number;
  readonly bytes: number;
  readonly truncated: boolean;
  readonly event?: string | null;
  readonly event_id?: string | null;
  readonly data: string;
}

/** A body without chunked and content coding. */
export interface DecodedBody {
  readonly content_type: string;
  readonly content_encoding: readonly string[];
  readonly bytes: number;
  readonly truncated: boolean;
  readonly error: string | null;
  readonly data: string;
}

export type Side = "request" | "response";
