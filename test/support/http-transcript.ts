import { Buffer } from "node:buffer";
import type { Fault } from "../../src/protocol/http1/faults.ts";
import type { HeadLimits } from "../../src/protocol/http1/head-scanner.ts";
import type { MessageHead } from "../../src/protocol/http1/message-head.ts";
import type { RequestHead } from "../../src/protocol/http1/request-head.ts";
import { RequestReader } from "../../src/protocol/http1/request-reader.ts";
import type { ResponseHead } from "../../src/protocol/http1/response-head.ts";
import { ResponseReader } from "../../src/protocol/http1/response-reader.ts";

/** What a reader told, one text per call. Adjoining pieces of a body are joined, so that cuts leave no trace. */
export type Transcript = readonly string[];

/** Collects the calls of a reader. */
export class TranscriptWriter<Head extends MessageHead = MessageHead> {
  readonly calls: string[] = [];
  readonly heads: Head[] = [];

  onHead(head: Head): void {
    this.heads.push(head);
    this.calls.push(`head ${text(head.raw)}`);
  }

  onBody(bytes: Uint8Array): void {
    const last = this.calls.at(-1);
    if (last?.startsWith("body ") === true) this.calls[this.calls.length - 1] = last + text(bytes);
    else this.calls.push(`body ${text(bytes)}`);
  }

  onComplete(): void {
    this.calls.push("complete");
  }

  onNoMore(): void {
    this.calls.push("end");
  }

  onCut(): void {
    this.calls.push("cut");
  }

  onRefused(error: { readonly fault: Fault }): void {
    this.calls.push(`refused ${error.fault}`);
  }
}

/** Reads requests one after the other, then the end. */
export function readRequests(chunks: readonly Uint8Array[], limits: HeadLimits = {}): Transcript {
  const writer = new TranscriptWriter<RequestHead>();
  const reader: RequestReader = new RequestReader(
    goingOn(writer, () => reader.next()),
    limits,
  );
  for (const chunk of chunks) reader.receive(chunk);
  reader.end();
  return writer.calls;
}

/** Reads the responses to requests of these methods, then the end. Octets behind the last are the call `rest …`. */
export function readResponses(chunks: readonly Uint8Array[], methods: readonly string[]): Transcript {
  const writer = new TranscriptWriter<ResponseHead>();
  const waiting = [...methods];
  const reader: ResponseReader = new ResponseReader(goingOn(writer, goOn));
  goOn();
  for (const chunk of chunks) reader.receive(chunk);
  reader.end();
  if (reader.unreadBytes > 0) writer.calls.push(`rest ${reader.takeRest().map(text).join("")}`);
  return writer.calls;

  function goOn(): void {
    const method = waiting.shift();
    if (method !== undefined) reader.next(method);
  }
}

/** The one head of a request, which must be acceptable. */
export function requestHead(source: string): RequestHead {
  const writer = new TranscriptWriter<RequestHead>();
  new RequestReader(writer).receive(octets(source));
  const [head] = writer.heads;
  if (head === undefined) throw new Error(`no head: ${writer.calls.join(" ")}`);
  return head;
}

/** The one head of a response, which must be acceptable. */
export function responseHead(source: string, method = "GET"): ResponseHead {
  const writer = new TranscriptWriter<ResponseHead>();
  const reader = new ResponseReader(writer);
  reader.next(method);
  reader.receive(octets(source));
  const [head] = writer.heads;
  if (head === undefined) throw new Error(`no head: ${writer.calls.join(" ")}`);
  return head;
}

/** One octet per character. */
export function octets(source: string): Uint8Array {
  return Uint8Array.from(Buffer.from(source, "latin1"));
}

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/** Every way to cut the bytes in two, and octet by octet. */
export function everyCut(bytes: Uint8Array): Uint8Array[][] {
  const inTwo = Array.from({ length: bytes.length + 1 }, (_, at) => [bytes.slice(0, at), bytes.slice(at)]);
  return [...inTwo, Array.from(bytes, (octet) => Uint8Array.of(octet))];
}

function goingOn<Head extends MessageHead>(writer: TranscriptWriter<Head>, goOn: () => void) {
  return {
    onHead: (head: Head) => writer.onHead(head),
    onBody: (bytes: Uint8Array) => writer.onBody(bytes),
    onComplete: () => {
      writer.onComplete();
      goOn();
    },
    onNoMore: () => writer.onNoMore(),
    onCut: () => writer.onCut(),
    onRefused: (error: { readonly fault: Fault }) => writer.onRefused(error),
  };
}
