/** A captured exchange in JSON: R of reference.md 3.4, with our additions. */
import { z } from "zod";
import type { CapturedMessage, CapturedRequest, CapturedResponse, Exchange } from "../../capture/exchange.ts";
import { rfc3339 } from "../../telemetry/wall-clock-text.ts";
import { fieldsView, fieldValue, octetText } from "./captured-fields-view.ts";
import { hostOfAddress } from "./visitor-host.ts";

const NANOSECONDS_PER_MS = 1e6;
const fieldsSchema = z.record(z.string(), z.array(z.string()));
const nanoseconds = z.int().nullable();

const SIZE = { bytes: z.int(), truncated: z.boolean() };
const REQUEST = { method: z.string(), proto: z.string(), uri: z.string(), ...SIZE };
const RESPONSE = {
  status: z.string(),
  status_code: z.int(),
  proto: z.string(),
  generated: z.boolean(),
  ...SIZE,
};
const HEADS = { headers: fieldsSchema, trailers: fieldsSchema };
const WHOLE = { headers: fieldsSchema, raw: z.base64(), trailers: fieldsSchema };
const BRIEF = { content_type: z.string() };

const EXCHANGE = {
  uri: z.string(),
  id: z.string(),
  tunnel_name: z.string(),
  remote_addr: z.string(),
  start: z.string(),
  duration: z.int(),
  outcome: z.enum(["open", "complete", "visitorCut", "upstreamCut", "unreachable", "unreadable"]),
  replay_of: z.string().nullable(),
  timing: z.object({ request_end: nanoseconds, first_byte: nanoseconds, end: nanoseconds }),
  stream: z.object({ kind: z.enum(["websocket", "events"]), messages: z.int(), dropped: z.int() }).nullable(),
};

export const exchangeSchema = z.object({
  ...EXCHANGE,
  request: z.object({ ...REQUEST, ...WHOLE }),
  response: z.object({ ...RESPONSE, ...WHOLE }).nullable(),
});

/** Without the octets: for searching in header fields. */
export const exchangeHeadsSchema = z.object({
  ...EXCHANGE,
  request: z.object({ ...REQUEST, ...HEADS }),
  response: z.object({ ...RESPONSE, ...HEADS }).nullable(),
});

/** Without what makes lists of thousands heavy. */
export const exchangeSummarySchema = z.object({
  ...EXCHANGE,
  request: z.object({ ...REQUEST, ...BRIEF }),
  response: z.object({ ...RESPONSE, ...BRIEF }).nullable(),
});

export type ExchangeView = z.infer<typeof exchangeSchema>;
export type ExchangeSummary = z.infer<typeof exchangeSummarySchema>;

export function exchangeView(exchange: Exchange): ExchangeView {
  const { request, response } = exchange;
  return {
    ...commonView(exchange),
    request: { ...requestView(request), ...wholeView(request, "host") },
    response: response === undefined ? null : { ...responseView(response), ...wholeView(response) },
  };
}

export function exchangeHeads(exchange: Exchange): z.infer<typeof exchangeHeadsSchema> {
  const { request, response } = exchange;
  return {
    ...commonView(exchange),
    request: { ...requestView(request), ...headView(request, "host") },
    response: response === undefined ? null : { ...responseView(response), ...headView(response) },
  };
}

export function exchangeSummary(exchange: Exchange): ExchangeSummary {
  const { request, response } = exchange;
  return {
    ...commonView(exchange),
    request: { ...requestView(request), ...briefView(request) },
    response: response === undefined ? null : { ...responseView(response), ...briefView(response) },
  };
}

/** Milliseconds with fractions as whole nanoseconds. */
export function nanosecondsOf(ms: number): number {
  return Math.round(ms * NANOSECONDS_PER_MS);
}

function commonView(exchange: Exchange): z.infer<z.ZodObject<typeof EXCHANGE>> {
  const { id, startedAt: date, requestEndMs, firstByteMs, endMs } = exchange;
  return {
    uri: `/api/requests/http/${id}`,
    id,
    tunnel_name: exchange.tunnelName,
    remote_addr: hostOfAddress(exchange.visitorAddress),
    start: rfc3339({ date, utcOffsetMinutes: -date.getTimezoneOffset() }),
    duration: nanosecondsOf(endMs ?? firstByteMs ?? requestEndMs ?? 0),
    outcome: exchange.outcome,
    replay_of: exchange.replayOf ?? null,
    timing: { request_end: orNull(requestEndMs), first_byte: orNull(firstByteMs), end: orNull(endMs) },
    stream: streamView(exchange),
  };
}

function streamView({ stream: kind, messages, droppedMessages: dropped }: Exchange): ExchangeView["stream"] {
  return kind === undefined ? null : { kind, messages: messages.length + dropped, dropped };
}

function requestView(request: CapturedRequest): z.infer<z.ZodObject<typeof REQUEST>> {
  const { method, version: proto, target } = request;
  return { method, proto, uri: octetText(target), ...sizeView(request) };
}

function responseView(response: CapturedResponse): z.infer<z.ZodObject<typeof RESPONSE>> {
  const { status, statusCode: status_code, version: proto, isGenerated: generated } = response;
  return { status: octetText(status), status_code, proto, generated, ...sizeView(response) };
}

function sizeView({ wireBytes: bytes, isTruncated: truncated }: CapturedMessage) {
  return { bytes, truncated };
}

/** Programs that know ngrok's agent expect the Host of a request in `raw` only. */
function headView({ head, trailers }: CapturedMessage, without?: string) {
  return { headers: fieldsView(head, without), trailers: fieldsView(trailers) };
}

function wholeView(message: CapturedMessage, without?: string) {
  const { headers, trailers } = headView(message, without);
  return { headers, raw: message.raw.toBase64(), trailers };
}

function briefView({ head }: CapturedMessage) {
  return { content_type: octetText(fieldValue(head, "content-type")) };
}

function orNull(ms: number | undefined): number | null {
  return ms === undefined ? null : nanosecondsOf(ms);
}
