/** A tap that is shown a made-up connection, and what it recorded. */
import { ExchangeRecorder } from "../../src/capture/exchange-recorder.ts";
import { ExchangeRing } from "../../src/capture/exchange-ring.ts";
import { ExchangeTap } from "../../src/capture/exchange-tap.ts";
import type { CapturedMessage, Exchange, StreamedMessage } from "../../src/capture/exchange.ts";
import { octets, text } from "./http-transcript.ts";
import { ManualClock } from "./manual-clock.ts";

export type Step =
  | { readonly from: "visitor" | "upstream"; readonly bytes: Uint8Array }
  | { readonly end: "visitor" | "upstream" }
  | { readonly closedBy: "both" | "visitor" | "upstream" };

export function visitor(source: string | Uint8Array): Step {
  return { from: "visitor", bytes: typeof source === "string" ? octets(source) : source };
}

export function upstream(source: string | Uint8Array): Step {
  return { from: "upstream", bytes: typeof source === "string" ? octets(source) : source };
}

export class TapScene {
  readonly clock = new ManualClock();
  readonly faults: unknown[] = [];
  readonly ring: ExchangeRing;
  readonly tap: ExchangeTap;

  constructor(limitBytes = 50_000_000) {
    this.ring = new ExchangeRing({ limitBytes });
    this.tap = this.newTap();
  }

  /** Of a further connection. */
  newTap(): ExchangeTap {
    const recorder = new ExchangeRecorder({ ring: this.ring, tunnelName: "web" }, "192.0.2.7:4711");
    return new ExchangeTap(recorder, { clock: this.clock, onFault: (fault) => this.faults.push(fault) });
  }

  play(steps: readonly Step[]): this {
    for (const step of steps) playStep(this.tap, step);
    if (this.faults.length > 0) throw this.faults[0];
    return this;
  }

  /** Oldest first. */
  get exchanges(): readonly Exchange[] {
    return this.ring.list().toReversed();
  }

  /** The one that there is. */
  get exchange(): Exchange {
    const [only, ...others] = this.exchanges;
    if (only === undefined || others.length > 0) throw new Error(`${this.exchanges.length} exchanges`);
    return only;
  }
}

export function playStep(tap: ExchangeTap, step: Step): void {
  if ("closedBy" in step) tap.closed(step.closedBy);
  else if ("end" in step) {
    if (step.end === "visitor") tap.visitorEnded();
    else tap.upstreamEnded();
  } else showAndSpoil(tap, step.from, step.bytes);
}

/** Whoever shows octets may change them afterwards. */
function showAndSpoil(tap: ExchangeTap, from: "visitor" | "upstream", bytes: Uint8Array): void {
  const shown = Uint8Array.from(bytes);
  if (from === "visitor") tap.fromVisitor(shown);
  else tap.fromUpstream(shown);
  shown.fill(0x58);
}

/** What an exchange says, but for its id and its times. */
export function told(exchange: Exchange) {
  const { request, response, outcome, stream, droppedMessages } = exchange;
  const { method, target, version } = request;
  return {
    request: { ...toldMessage(request), method, target, version },
    response: response && { ...toldMessage(response), status: response.status, isGenerated: response.isGenerated },
    outcome,
    stream,
    messages: exchange.messages.map(toldStreamed),
    droppedMessages,
  };
}

function toldMessage(message: CapturedMessage) {
  const { startLine, head, raw, headBytes, wireBytes, isTruncated, isWhole, trailers } = message;
  return { startLine, head, raw: text(raw), headBytes, wireBytes, isTruncated, isWhole, trailers };
}

/** The kind with its sender, and the text. */
export function toldStreamed({ from, kind, bytes, eventName, eventId }: StreamedMessage): string {
  const labels = [eventName && `event=${eventName}`, eventId && `id=${eventId}`].filter(Boolean).join(" ");
  return `${from} ${kind}${labels && ` ${labels}`}: ${text(bytes)}`;
}
