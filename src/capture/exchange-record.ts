import type { Exchange, ExchangeOutcome, StreamedMessage } from "./exchange.ts";
import { MessageLog, type PassingMessage } from "./message-log.ts";
import { RequestRecord, ResponseRecord } from "./message-record.ts";

/** Objects of one exchange, besides its two messages; measured. */
const RECORD_BYTES = 600;

/** Where the exchanges of one connection come from. */
export interface ExchangeOrigin {
  readonly tunnelName: string;
  readonly visitorAddress: string;
  readonly replayOf: string | undefined;
  /** The id of each by its serial number. */
  idOf(serial: number): string;
}

/** What is known of an exchange when it starts. */
export interface ExchangeStart {
  readonly serial: number;
  readonly origin: ExchangeOrigin;
  /** Of the request; empty when it is unreadable. */
  readonly method: string;
  /** Since the epoch. */
  readonly startedAtMs: number;
  /** The same moment by the clock that durations are measured with. */
  readonly startMs: number;
}

/** Holds a message that is not whole. */
export interface MessageReading {
  readonly memoryBytes: number;
}

/** An exchange while it passes. Times given to it are of that clock. */
export class ExchangeRecord implements Exchange {
  readonly serial: number;
  readonly origin: ExchangeOrigin;
  /** Kept beside the request, whose octets may be dropped: the response can only be understood with it. */
  readonly method: string;
  readonly request = new RequestRecord();
  /** Since the epoch. */
  readonly startedAtMs: number;
  /** By the clock of durations. */
  readonly #startMs: number;
  #response: ResponseRecord | undefined;
  #outcome: ExchangeOutcome = "open";
  #requestEndMs: number | undefined;
  #firstByteMs: number | undefined;
  #endMs: number | undefined;
  #stream: Exchange["stream"];
  #log: MessageLog | undefined;
  #readers: readonly MessageReading[] = [];
  #isDropped = false;

  constructor({ serial, origin, method, startedAtMs, startMs }: ExchangeStart) {
    this.serial = serial;
    this.origin = origin;
    this.method = method;
    this.startedAtMs = startedAtMs;
    this.#startMs = startMs;
  }

  get id(): string {
    return this.origin.idOf(this.serial);
  }

  get tunnelName(): string {
    return this.origin.tunnelName;
  }

  get visitorAddress(): string {
    return this.origin.visitorAddress;
  }

  get replayOf(): string | undefined {
    return this.origin.replayOf;
  }

  get startedAt(): Date {
    return new Date(this.startedAtMs);
  }

  get response(): ResponseRecord | undefined {
    return this.#response;
  }

  get outcome(): ExchangeOutcome {
    return this.#outcome;
  }

  get requestEndMs(): number | undefined {
    return this.#requestEndMs;
  }

  get firstByteMs(): number | undefined {
    return this.#firstByteMs;
  }

  get endMs(): number | undefined {
    return this.#endMs;
  }

  get stream(): Exchange["stream"] {
    return this.#stream;
  }

  get messages(): readonly StreamedMessage[] {
    return this.#log?.messages ?? [];
  }

  get droppedMessages(): number {
    return this.#log?.droppedMessages ?? 0;
  }

  get memoryBytes(): number {
    const messages = this.request.memoryBytes + (this.#response?.memoryBytes ?? 0);
    if (this.#log === undefined) return RECORD_BYTES + messages;
    const reading = this.#readers.reduce((sum, reader) => sum + reader.memoryBytes, 0);
    return RECORD_BYTES + messages + this.#log.memoryBytes + reading;
  }

  /** Nobody will look at it: nothing more needs to be kept. */
  get isDropped(): boolean {
    return this.#isDropped;
  }

  requestEnded(nowMs: number): void {
    this.#requestEndMs ??= nowMs - this.#startMs;
  }

  /** Of a response, or of an interim one in front of it: the last to say so counts. */
  responseBegan(nowMs: number): void {
    this.#firstByteMs = nowMs - this.#startMs;
  }

  /** The response, which is empty still. */
  openResponse(isGenerated = false): ResponseRecord {
    const response = new ResponseRecord(isGenerated);
    if (this.#isDropped) response.drop();
    this.#response = response;
    return response;
  }

  responseEnded(nowMs: number): void {
    this.#endMs ??= nowMs - this.#startMs;
  }

  /** What the exchange carries from now on is read by these. */
  openStream(stream: NonNullable<Exchange["stream"]>, readers: readonly MessageReading[]): void {
    this.#stream = stream;
    this.#log = new MessageLog();
    this.#readers = readers;
  }

  addMessage(from: StreamedMessage["from"], nowMs: number, message: PassingMessage): void {
    if (!this.#isDropped) this.#log?.add(from, nowMs - this.#startMs, message);
  }

  /** Nothing follows. */
  end(outcome: Exclude<ExchangeOutcome, "open">, nowMs: number): void {
    this.#outcome = outcome;
    this.responseEnded(nowMs);
    this.request.seal();
    this.#response?.seal();
    this.#readers = [];
  }

  /** It is no longer kept. Whoever still reads one that has ended may go on. */
  drop(): void {
    if (this.#outcome !== "open") return;
    this.#isDropped = true;
    this.request.drop();
    this.#response?.drop();
    this.#log?.drop();
    this.#readers = [];
  }
}
