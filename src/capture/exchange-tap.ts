import type { Clock } from "../base/clock.ts";
import type { MessageHead } from "../protocol/http1/message-head.ts";
import type { RequestHead } from "../protocol/http1/request-head.ts";
import type { ResponseHead } from "../protocol/http1/response-head.ts";
import { type PassingBody, passingBody } from "./passing-body.ts";
import { EventWatch } from "./event-watch.ts";
import type { ExchangeOutcome } from "./exchange.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import type { ExchangeRecorder } from "./exchange-recorder.ts";
import { RequestWatch } from "./request-watch.ts";
import { ResponseWatch } from "./response-watch.ts";
import { WebSocketWatch } from "./websocket-watch.ts";

/** Requests of one connection that wait for their responses. Whoever sends more of them is not watched any more. */
export const PIPELINE_LIMIT = 100;

export interface TapOptions {
  readonly clock: Clock;
  /** Hears of faults of ours; the connection is not watched any more then. */
  readonly onFault: (fault: unknown) => void;
}

/**
 * Watches one upstream connection: is shown what passes, and records the exchanges that it finds. Never throws, and keeps
 * no reference to what it is shown: the octets may change when a call has returned. Once it cannot tell where messages
 * begin it looks no more.
 */
export class ExchangeTap {
  readonly #recorder: ExchangeRecorder;
  readonly #options: TapOptions;
  readonly #requests: RequestWatch;
  readonly #responses: ResponseWatch;
  /** In the order of their requests; the first is being answered, the last may still be arriving. */
  readonly #open: ExchangeRecord[] = [];
  /** The visitor ended in the middle of the last request. It may be answered all the same, like those before it. */
  #isRequestCut = false;
  #requestBody: PassingBody | undefined;
  #responseBody: PassingBody | undefined;
  /** The connection carries something else than HTTP; what it is may not be known here. */
  #isUpgraded = false;
  #webSocket: WebSocketWatch | undefined;
  #isOver = false;
  #nowMs = 0;
  /** First octet of the request that arrives, by both clocks; undefined when the next octet is that. */
  #startedAtMs: number | undefined;
  #startMs = 0;
  /** Octets of a body were added that the ring has not been told of. */
  #hasGrown = false;

  constructor(recorder: ExchangeRecorder, options: TapOptions) {
    this.#recorder = recorder;
    this.#options = options;
    this.#requests = new RequestWatch({
      onHead: (head, restBytes) => this.#onRequest(head, restBytes),
      onBody: (bytes) => {
        this.#requestBody?.add(bytes);
        this.#hasGrown = true;
      },
      onComplete: () => this.#onRequestComplete(),
      onCut: () => {
        this.#isRequestCut = true;
      },
      onUnreadable: () => this.#endAll("unreadable"),
    });
    this.#responses = new ResponseWatch({
      onHead: (head, restBytes) => this.#onResponse(head, restBytes),
      onBody: (bytes) => {
        this.#responseBody?.add(bytes);
        this.#hasGrown = true;
      },
      onComplete: () => this.#onResponseComplete(),
      onCut: () => this.#endAll("upstreamCut"),
      onUnreadable: () => this.#endAll("unreadable"),
      onUpgraded: (rest) => this.#onUpgraded(rest),
    });
  }

  /** False when nothing that passes can be of use any more. */
  get isWatching(): boolean {
    return !this.#isOver && (!this.#isUpgraded || this.#webSocket !== undefined);
  }

  /** The start of a request is here; it is shown when there is somebody to send it to. */
  requestArrived(): void {
    this.#watch(() => void this.#beginRequest());
  }

  /** Octets for the upstream, which passed then. */
  fromVisitor(bytes: Uint8Array, atMs = this.#options.clock.nowMs()): void {
    this.#watch(() => this.#showVisitor(bytes), atMs);
  }

  /** Octets from the upstream, which passed then. */
  fromUpstream(bytes: Uint8Array, atMs = this.#options.clock.nowMs()): void {
    this.#watch(() => this.#showUpstream(bytes), atMs);
  }

  /** No more octets for the upstream, in order. */
  visitorEnded(): void {
    this.#watch(() => this.#requests.end());
  }

  /** No more octets from the upstream, in order. May be told twice. */
  upstreamEnded(): void {
    this.#watch(() => {
      if (!this.#isUpgraded) this.#responses.end();
    });
  }

  /** Nothing follows. By `both`: in order. */
  closed(by: "both" | "visitor" | "upstream"): void {
    this.#watch(() => {
      if (by === "both" && this.#isUpgraded) this.#endAll("complete");
      else this.#endAll(by === "visitor" ? "visitorCut" : "upstreamCut");
    });
  }

  /** The upstream could not be connected to, and the visitor gets this response, or one like it. */
  unreachable(response: Uint8Array): void {
    this.#watch(() => {
      for (const exchange of this.#open) {
        exchange.openResponse(true).addGenerated(response);
        this.#recorder.responded(exchange);
      }
      this.#endAll("unreachable");
    });
  }

  #watch(look: () => void, nowMs = this.#options.clock.nowMs()): void {
    if (this.#isOver) return;
    this.#nowMs = nowMs;
    try {
      look();
    } catch (fault) {
      this.#giveUp();
      this.#options.onFault(fault);
    }
  }

  #giveUp(): void {
    this.#isOver = true;
    for (const exchange of this.#open.splice(0)) {
      try {
        this.#recorder.end(exchange, "unreadable", this.#nowMs);
      } catch {
        // Whoever listens has failed before, and is told of by the first fault.
      }
    }
  }

  #showVisitor(bytes: Uint8Array): void {
    if (this.#isUpgraded) return this.#webSocket?.fromVisitor(bytes, this.#nowMs);
    if (this.#startedAtMs === undefined) this.#beginRequest();
    this.#requests.receive(bytes);
    this.#tellGrown(this.#open.at(-1));
  }

  #showUpstream(bytes: Uint8Array): void {
    if (this.#isUpgraded) return this.#webSocket?.fromUpstream(bytes, this.#nowMs);
    const first = this.#open[0];
    // Nobody asked for this: it could be taken for the answer to the next request.
    if (first === undefined) return this.#endAll("unreadable");
    if (first.response === undefined && this.#responses.isIdle) first.responseBegan(this.#nowMs);
    this.#responses.receive(bytes);
    this.#tellGrown(first);
  }

  /** Heads and ends were told of at once. */
  #tellGrown(exchange: ExchangeRecord | undefined): void {
    if (this.#hasGrown && exchange?.outcome === "open") this.#recorder.grown(exchange);
    this.#hasGrown = false;
  }

  #beginRequest(): number {
    const { clock } = this.#options;
    this.#startMs = this.#nowMs;
    this.#startedAtMs = clock.date().getTime() - (clock.nowMs() - this.#nowMs);
    return this.#startedAtMs;
  }

  /** A request that begins in the middle of a piece starts now. */
  #createExchange(method: string): ExchangeRecord {
    return this.#recorder.create(method, this.#startedAtMs ?? this.#beginRequest(), this.#startMs);
  }

  #onRequest(head: RequestHead, restBytes: number): void {
    // The reader goes on to the end of the piece in which the watching ended.
    if (this.#isOver) return;
    if (this.#open.length === PIPELINE_LIMIT) return this.#endAll("unreadable");
    const exchange = this.#createExchange(head.method);
    exchange.request.addHead(head.raw, bodyBytesHere(head, restBytes));
    this.#requestBody = passingBody(exchange.request, head);
    this.#open.push(exchange);
    if (this.#open.length === 1) this.#responses.expect(head.method);
    this.#recorder.started(exchange, this.#nowMs);
  }

  #onRequestComplete(): void {
    const exchange = this.#open.at(-1);
    this.#requestBody?.complete();
    this.#requestBody = undefined;
    this.#startedAtMs = undefined;
    if (exchange === undefined) return;
    exchange.requestEnded(this.#nowMs);
    this.#tellGrown(exchange);
    if (exchange.response?.isWhole) this.#finishFirst();
  }

  #onResponse(head: ResponseHead, restBytes: number): void {
    const [exchange] = this.#open;
    if (exchange === undefined) return;
    if (exchange.firstByteMs === undefined) exchange.responseBegan(this.#nowMs);
    const response = exchange.openResponse();
    response.addHead(head.raw, bodyBytesHere(head, restBytes));
    const events = EventWatch.begin(exchange, this.#recorder, head);
    this.#responseBody = passingBody(response, head, events && ((bytes) => events.receive(bytes, this.#nowMs)));
    if (head.upgraded) {
      this.#isUpgraded = true;
      response.complete();
      // A request that goes on behind the switch leaves open where it ends and the new protocol begins.
      if (exchange.request.isWhole) this.#webSocket = WebSocketWatch.begin(exchange, this.#recorder, head);
    } else if (this.#open.length === 1) this.#requests.goOn();
    this.#recorder.responded(exchange);
  }

  #onUpgraded(rest: readonly Uint8Array[]): void {
    const early = this.#requests.takeEarly();
    if (early.length > 0) this.#webSocket?.fromVisitor(early, this.#nowMs);
    for (const bytes of rest) this.#webSocket?.fromUpstream(bytes, this.#nowMs);
  }

  #onResponseComplete(): void {
    const [exchange] = this.#open;
    this.#responseBody?.complete();
    this.#responseBody = undefined;
    exchange?.responseEnded(this.#nowMs);
    if (exchange?.request.isWhole) this.#finishFirst();
  }

  #finishFirst(): void {
    const first = this.#open.shift();
    if (first !== undefined) this.#recorder.end(first, "complete", this.#nowMs);
    const next = this.#open[0];
    if (next !== undefined) this.#responses.expect(next.method);
  }

  #endAll(outcome: Exclude<ExchangeOutcome, "open">): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#recordUnread();
    const cut = this.#isRequestCut ? this.#open.at(-1) : undefined;
    for (const exchange of this.#open) {
      // Whoever was answered in full may leave out the rest of a request.
      const isAnswered = !this.#isUpgraded && outcome !== "unreachable" && exchange.response?.isWhole;
      const unanswered = exchange === cut && outcome !== "unreachable" ? "visitorCut" : outcome;
      this.#recorder.end(exchange, isAnswered ? "complete" : unanswered, this.#nowMs);
    }
    this.#open.length = 0;
    this.#requestBody = undefined;
    this.#responseBody = undefined;
    this.#webSocket = undefined;
  }

  /** Heads that are not whole, or none, are shown as far as they came. */
  #recordUnread(): void {
    const response = this.#responses.takeUnread();
    const [answered] = this.#open;
    if (response.length > 0 && answered?.response === undefined) answered?.openResponse().add(response);
    const request = this.#requests.takeUnread();
    if (request.length === 0 || this.#requestBody !== undefined) return;
    const exchange = this.#createExchange("");
    exchange.request.add(request);
    this.#open.push(exchange);
    this.#recorder.started(exchange, this.#nowMs);
  }
}

function bodyBytesHere({ framing }: MessageHead, restBytes: number): number {
  return framing.type === "length" ? Math.min(framing.bytes, restBytes) : restBytes;
}
