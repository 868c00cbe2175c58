import type { Exchange, ExchangeOutcome } from "./exchange.ts";
import type { ExchangeOrigin, ExchangeRecord } from "./exchange-record.ts";
import { RequestRecord, ResponseRecord } from "./message-record.ts";

/** An exchange is packed as these numbers, and behind them the octets of both messages up to a multiple of eight. */
const NUMBERS = 11;
const NUMBER_BYTES = 8;
const HEADER_BYTES = NUMBERS * NUMBER_BYTES;
const SERIAL = 0;
const ORIGIN = 1; // its place in the list of them
const STARTED_AT = 2; // since the epoch
const REQUEST_END = 3; // these three in milliseconds since the start; NaN stands for undefined
const FIRST_BYTE = 4;
const END = 5;
const REQUEST_BYTES = 6;
const REQUEST_HEAD_BYTES = 7;
const RESPONSE_BYTES = 8; // ABSENT: there is none
const RESPONSE_HEAD_BYTES = 9;
const VERDICT = 10; // place of the outcome in the list of them, and flags
const ABSENT = -1;
const OUTCOMES: readonly ExchangeOutcome[] = ["complete", "visitorCut", "upstreamCut", "unreachable", "unreadable"];
const OUTCOME_MASK = 7;
const REQUEST_WHOLE = 8;
const RESPONSE_WHOLE = 16;
const RESPONSE_GENERATED = 32;

/** References to an exchange, here and in the ring's index; measured. */
const RECORD_BYTES = 72;
/** The objects of a connection; measured. */
const ORIGIN_BYTES = 160;

/**
 * Exchanges that are over, as octets one behind the other. There are very many and most are never looked at: packed like
 * this they take half the memory, and give the garbage collector nothing to look through.
 */
export class ExchangeSlab {
  readonly #octets: Uint8Array;
  readonly #numbers: Float64Array;
  /** Of each exchange. Mostly the same few, over and over. */
  readonly #origins: ExchangeOrigin[] = [];
  #filled = 0;
  #changesOfOrigin = 0;

  /** `bytes`: a multiple of eight. */
  constructor(bytes: number) {
    this.#octets = new Uint8Array(bytes);
    this.#numbers = new Float64Array(this.#octets.buffer);
  }

  /** Room that an exchange takes, infinite when it cannot be packed: it has more to it than two messages. */
  static sizeOf({ request, response, stream }: ExchangeRecord): number {
    const isPlain = stream === undefined && request.isPlain && response?.isPlain !== false;
    return isPlain ? HEADER_BYTES + aligned(request.wireBytes + (response?.wireBytes ?? 0)) : Infinity;
  }

  /** Filled or not. */
  get memoryBytes(): number {
    return this.#octets.length + this.#origins.length * RECORD_BYTES + this.#changesOfOrigin * ORIGIN_BYTES;
  }

  /** In the order in which they were added. */
  get serials(): readonly number[] {
    const found: number[] = [];
    for (let place = 0; place < this.#filled;) {
      found.push(this.#number(place, SERIAL));
      place += this.#sizeAt(place);
    }
    return found;
  }

  hasRoom(bytes: number): boolean {
    return this.#filled + bytes <= this.#octets.length;
  }

  /** Copies an exchange that is over and for which there is room. Answers where it is now. */
  add(exchange: ExchangeRecord): number {
    const { request, response, origin } = exchange;
    const place = this.#filled;
    const at = place / NUMBER_BYTES;
    const numbers = this.#numbers;
    numbers[at + SERIAL] = exchange.serial;
    numbers[at + ORIGIN] = this.#origins.length;
    numbers[at + STARTED_AT] = exchange.startedAtMs;
    numbers[at + REQUEST_END] = exchange.requestEndMs ?? Number.NaN;
    numbers[at + FIRST_BYTE] = exchange.firstByteMs ?? Number.NaN;
    numbers[at + END] = exchange.endMs ?? Number.NaN;
    numbers[at + REQUEST_BYTES] = request.wireBytes;
    numbers[at + REQUEST_HEAD_BYTES] = request.headBytes;
    numbers[at + RESPONSE_BYTES] = response?.wireBytes ?? ABSENT;
    numbers[at + RESPONSE_HEAD_BYTES] = response?.headBytes ?? 0;
    numbers[at + VERDICT] = verdictOf(exchange);
    const octetsAt = place + HEADER_BYTES;
    this.#octets.set(request.raw, octetsAt);
    if (response !== undefined) this.#octets.set(response.raw, octetsAt + request.wireBytes);
    this.#filled = octetsAt + aligned(request.wireBytes + (response?.wireBytes ?? 0));
    if (this.#origins.at(-1) !== origin) this.#changesOfOrigin += 1;
    this.#origins.push(origin);
    return place;
  }

  tunnelNameAt(place: number): string | undefined {
    return this.#origins[this.#number(place, ORIGIN)]?.tunnelName;
  }

  /** A copy of the exchange at that place, which is the caller's. */
  read(place: number, id: string): Exchange {
    const { tunnelName = "", visitorAddress = "", replayOf } = this.#origins[this.#number(place, ORIGIN)] ?? {};
    const verdict = this.#number(place, VERDICT);
    const requestBytes = this.#number(place, REQUEST_BYTES);
    const responseBytes = this.#number(place, RESPONSE_BYTES);
    const octetsAt = place + HEADER_BYTES;
    const responseAt = octetsAt + requestBytes;
    const request = new RequestRecord({
      raw: this.#octets.slice(octetsAt, responseAt),
      headBytes: this.#number(place, REQUEST_HEAD_BYTES),
      isWhole: (verdict & REQUEST_WHOLE) !== 0,
    });
    const response =
      responseBytes === ABSENT
        ? undefined
        : new ResponseRecord((verdict & RESPONSE_GENERATED) !== 0, {
            raw: this.#octets.slice(responseAt, responseAt + responseBytes),
            headBytes: this.#number(place, RESPONSE_HEAD_BYTES),
            isWhole: (verdict & RESPONSE_WHOLE) !== 0,
          });
    return {
      id,
      serial: this.#number(place, SERIAL),
      tunnelName,
      visitorAddress,
      startedAt: new Date(this.#number(place, STARTED_AT)),
      replayOf,
      request,
      response,
      outcome: OUTCOMES[verdict & OUTCOME_MASK] ?? "unreadable",
      requestEndMs: this.#time(place, REQUEST_END),
      firstByteMs: this.#time(place, FIRST_BYTE),
      endMs: this.#time(place, END),
      stream: undefined,
      messages: [],
      droppedMessages: 0,
      memoryBytes: this.#sizeAt(place),
    };
  }

  /** Forgets all. */
  clear(): void {
    this.#filled = 0;
    this.#origins.length = 0;
    this.#changesOfOrigin = 0;
  }

  /** Room that the exchange at that place takes. */
  #sizeAt(place: number): number {
    const responseBytes = Math.max(0, this.#number(place, RESPONSE_BYTES));
    return HEADER_BYTES + aligned(this.#number(place, REQUEST_BYTES) + responseBytes);
  }

  #number(place: number, index: number): number {
    return this.#numbers[place / NUMBER_BYTES + index] ?? 0;
  }

  #time(place: number, index: number): number | undefined {
    const time = this.#number(place, index);
    return Number.isNaN(time) ? undefined : time;
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / NUMBER_BYTES) * NUMBER_BYTES;
}

function verdictOf({ outcome, request, response }: ExchangeRecord): number {
  const flags =
    (request.isWhole ? REQUEST_WHOLE : 0) |
    (response?.isWhole ? RESPONSE_WHOLE : 0) |
    (response?.isGenerated ? RESPONSE_GENERATED : 0);
  return OUTCOMES.indexOf(outcome) | flags;
}
