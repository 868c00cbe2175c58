/** What a reader of HTTP/1 makes of octets, in one form for every reader, so that readings can be compared. */
import { ChunkedBody } from "../../src/protocol/http1/chunked-body.ts";
import type { Fault } from "../../src/protocol/http1/faults.ts";
import type { MessageHead } from "../../src/protocol/http1/message-head.ts";
import type { RequestHead } from "../../src/protocol/http1/request-head.ts";
import { RequestReader } from "../../src/protocol/http1/request-reader.ts";
import { ResponseHead } from "../../src/protocol/http1/response-head.ts";
import { ResponseReader } from "../../src/protocol/http1/response-reader.ts";
import { octets, text } from "./http-transcript.ts";

type Fields = readonly (readonly [name: string, value: string])[];

export interface ReadMessage {
  /** Method and target, or the status. */
  readonly start: string;
  readonly fields: Fields;
  /** Without the coding. */
  readonly body: string;
  readonly trailers: Fields;
  /** Its end was seen. */
  readonly isWhole: boolean;
}

export interface Reading<Message extends ReadMessage = ReadMessage> {
  readonly messages: readonly Message[];
  /** Why it reads no further; `undefined` when it would. */
  readonly fault: string | undefined;
}

/** A message as our readers hand it on. */
export interface OwnMessage<Head extends MessageHead = MessageHead> extends ReadMessage {
  readonly head: Head;
  /** The body as framed. */
  readonly framedBody: string;
}

export interface OwnReading<Head extends MessageHead = MessageHead> extends Reading<OwnMessage<Head>> {
  readonly fault: Fault | undefined;
  /** Whether octets behind the last message would be read as a message. */
  readonly readsOn: boolean;
  /** The octets ended where a message was open or owed. */
  readonly isCut: boolean;
}

/** What came over one connection, in pieces, up to where we would not read on: behind a message that is the last by its own word, and behind CONNECT. */
export function readOwnRequests(...wire: readonly string[]): OwnReading<RequestHead> {
  const collector = new Collector<RequestHead>(({ method, target }) => `${method} ${target}`);
  const reader: RequestReader = new RequestReader(
    collector.handler(({ head }) => {
      const readsOn = head.keepAlive && head.method !== "CONNECT";
      if (readsOn) reader.next();
      return readsOn;
    }),
  );
  for (const piece of wire) reader.receive(octets(piece));
  reader.end();
  return collector.reading;
}

/** The answers, in pieces, to requests of these methods, interim ones included, up to where we would not read on. */
export function readOwnResponses(methods: readonly string[], ...wire: readonly string[]): OwnReading<ResponseHead> {
  const waiting = [...methods];
  const collector = new Collector<ResponseHead>(({ status }) => String(status));
  const reader: ResponseReader = new ResponseReader(
    collector.handler(({ head }) => {
      const method = head.keepAlive ? waiting.shift() : undefined;
      if (method !== undefined) reader.next(method);
      return method !== undefined;
    }),
  );
  const first = waiting.shift();
  if (first !== undefined) reader.next(first);
  for (const piece of wire) reader.receive(octets(piece));
  reader.end();
  return collector.reading;
}

/** The messages with their heads changed as `send` does it, which hears whether it is the last, and nothing else. */
export function sentOn<Head extends MessageHead>(
  messages: readonly OwnMessage<Head>[],
  send: (head: Head, isLast: boolean) => Uint8Array,
): string {
  const last = messages.at(-1)?.head;
  return messages.map(({ head, framedBody }) => text(send(head, head === last)) + framedBody).join("");
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Makes a reading of the calls of a reader. */
class Collector<Head extends MessageHead> {
  readonly #messages: Mutable<OwnMessage<Head>>[] = [];
  readonly #startOf: (head: Head) => string;
  #fault: Fault | undefined;
  #readsOn = true;
  #isCut = false;
  /** Takes the coding off the last message. */
  #chunked: ChunkedBody | undefined;

  constructor(startOf: (head: Head) => string) {
    this.#startOf = startOf;
  }

  get reading(): OwnReading<Head> {
    const readsOn = this.#fault === undefined && this.#readsOn;
    return { messages: this.#messages, fault: this.#fault, readsOn, isCut: this.#isCut };
  }

  /** `onWhole` hears of every message that came to its end, and answers whether it has asked for a next one. */
  handler(onWhole: (message: OwnMessage<Head>) => boolean) {
    const messages = this.#messages;
    const addToBody = (data: Uint8Array): void => {
      const message = messages.at(-1);
      if (message !== undefined) message.body += text(data);
    };
    return {
      onHead: (head: Head): void => {
        const isWhole = head instanceof ResponseHead && (head.interim || head.upgraded);
        if (head instanceof ResponseHead && head.upgraded) this.#readsOn = false;
        const message = { start: this.#startOf(head), fields: [...head], head, framedBody: "", isWhole };
        messages.push({ ...message, body: "", trailers: [] });
        this.#chunked = head.framing.type === "chunked" ? new ChunkedBody(addToBody) : undefined;
      },
      onBody: (bytes: Uint8Array): void => {
        const message = messages.at(-1);
        if (message === undefined) return;
        message.framedBody += text(bytes);
        this.#chunked?.receive(bytes);
        if (this.#chunked === undefined) message.body = message.framedBody;
      },
      onComplete: (): void => {
        const message = messages.at(-1);
        if (message === undefined) return;
        message.isWhole = true;
        message.trailers = this.#chunked?.trailers ?? [];
        this.#readsOn = onWhole(message);
      },
      onNoMore: (): void => {},
      onCut: (): void => {
        this.#isCut = true;
      },
      onRefused: ({ fault }: { readonly fault: Fault }): void => {
        this.#fault = fault;
      },
    };
  }
}
