import { spells } from "../protocol/http1/latin1.ts";
import { SEMICOLON, SP, TAB } from "../protocol/http1/octets.ts";
import type { ResponseHead } from "../protocol/http1/response-head.ts";
import { EventStream } from "./event-stream.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import type { ExchangeRecorder } from "./exchange-recorder.ts";

/** Records the events of a response while its body passes. */
export class EventWatch {
  readonly #exchange: ExchangeRecord;
  readonly #recorder: ExchangeRecorder;
  readonly #events: EventStream;
  #hasEvents = false;
  #nowMs = 0;

  private constructor(exchange: ExchangeRecord, recorder: ExchangeRecorder) {
    this.#exchange = exchange;
    this.#recorder = recorder;
    this.#events = new EventStream((event) => {
      exchange.addMessage("upstream", this.#nowMs, event);
      this.#hasEvents = true;
    });
    exchange.openStream("events", [this.#events]);
  }

  /** Undefined when the response carries no events that can be read. */
  static begin(exchange: ExchangeRecord, recorder: ExchangeRecorder, head: ResponseHead): EventWatch | undefined {
    return isEventStream(head) ? new EventWatch(exchange, recorder) : undefined;
  }

  /** Octets of the body, without chunked coding. */
  receive(bytes: Uint8Array, nowMs: number): void {
    if (this.#exchange.isDropped) return;
    this.#nowMs = nowMs;
    this.#hasEvents = false;
    this.#events.receive(bytes);
    // Once for all of a piece: there may be thousands in it.
    if (this.#hasEvents) this.#recorder.changed(this.#exchange);
  }
}

const EVENT_STREAM = "text/event-stream";

/** One whose octets are the events: they are not compressed. Asked for every response, so no text is made of its fields. */
function isEventStream({ raw, fields }: ResponseHead): boolean {
  const line = fields.find("content-type");
  if (line < 0) return false;
  const typeEnd = fields.valueStart(line) + EVENT_STREAM.length;
  if (!spells(raw, fields.valueStart(line), typeEnd, EVENT_STREAM)) return false;
  if (!isEndOfType(raw, typeEnd, fields.valueEnd(line))) return false;
  return (fields.get("content-encoding")?.toLowerCase() ?? "identity") === "identity";
}

/** Blanks may stand in front of the parameters (RFC 9110 section 5.6.6). */
function isEndOfType(raw: Uint8Array, typeEnd: number, valueEnd: number): boolean {
  let at = typeEnd;
  while (at < valueEnd && (raw[at] === SP || raw[at] === TAB)) at++;
  return at === valueEnd || raw[at] === SEMICOLON;
}
