/** One request and its answer over a connection of its own. Follows nothing, repeats nothing. */
import { Buffer } from "node:buffer";
import type { Clock } from "../../base/clock.ts";
import type { Duplex } from "../../net/duplex.ts";
import { lingeringEnd } from "../../net/linger.ts";
import { ChunkedBody } from "../../protocol/http1/chunked-body.ts";
import type { ResponseHead } from "../../protocol/http1/response-head.ts";
import { ResponseReader } from "../../protocol/http1/response-reader.ts";

/** For the whole answer. */
export const ANSWER_TIMEOUT_MS = 60_000;
/** A page of a hundred records with the largest policies there are, twice over. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

export interface HttpRequest {
  readonly method: string;
  /** Path and query, encoded. */
  readonly target: string;
  /** Names and values as they stand on the wire; nothing of them is checked. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Why there is no answer; the message is for people. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/** Takes the connection over. @throws NoAnswer */
export function exchange(connection: Duplex, request: HttpRequest, options: ExchangeOptions): Promise<HttpAnswer> {
  return new Exchange(connection, options).run(request);
}

class Exchange {
  readonly #connection: Duplex;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #outcome = Promise.withResolvers<HttpAnswer>();
  readonly #reader: ResponseReader;
  #head: ResponseHead | undefined;
  #chunked: ChunkedBody | undefined;
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;
  #isOver = false;

  constructor(connection: Duplex, { clock, signal }: ExchangeOptions) {
    this.#connection = connection;
    this.#clock = clock;
    this.#signal = signal;
    const cut = (): void => this.#fail("the connection ended before the answer did");
    this.#reader = new ResponseReader({
      onHead: (head) => this.#onHead(head),
      onBody: (bytes) => (this.#chunked === undefined ? this.#keep(bytes) : this.#chunked.receive(bytes)),
      onComplete: () => this.#complete(),
      onNoMore: cut,
      onCut: cut,
      onRefused: ({ reason }) => this.#fail(`the answer is no HTTP: ${reason}`),
    });
  }

  async run(request: HttpRequest): Promise<HttpAnswer> {
    const cancel = this.#clock.after(ANSWER_TIMEOUT_MS, () =>
      this.#fail(`no answer within ${ANSWER_TIMEOUT_MS / 1000} seconds`),
    );
    const abort = (): void => this.#fail("the call was stopped");
    this.#signal.addEventListener("abort", abort, { once: true });
    this.#reader.next(request.method);
    this.#connection.listen({
      onData: (bytes) => this.#reader.receive(bytes),
      onDrain: () => {}, // one request, which the connection keeps until it has left
      onEnd: () => this.#reader.end(),
      onClose: () => this.#fail("the connection was cut before the answer was whole"),
    });
    if (this.#signal.aborted) abort();
    else this.#connection.write(requestBytes(request));
    try {
      return await this.#outcome.promise;
    } finally {
      cancel();
      this.#signal.removeEventListener("abort", abort);
    }
  }

  #onHead(head: ResponseHead): void {
    if (head.interim) return;
    if (head.upgraded) {
      this.#fail("the answer is no longer HTTP");
      return;
    }
    this.#head = head;
    if (head.framing.type === "chunked") this.#chunked = new ChunkedBody((bytes) => this.#keep(bytes));
  }

  #keep(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_ANSWER_BYTES) this.#fail(`the answer has more than ${MAX_ANSWER_BYTES} bytes`);
    else this.#pieces.push(bytes);
  }

  #complete(): void {
    if (this.#isOver || this.#head === undefined) return;
    this.#isOver = true;
    lingeringEnd(this.#connection, this.#clock);
    this.#outcome.resolve({ status: this.#head.status, body: Buffer.concat(this.#pieces) });
  }

  #fail(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#pieces.length = 0;
    this.#connection.reset();
    this.#outcome.reject(new NoAnswer(reason));
  }
}

function requestBytes({ method, target, headers, body }: HttpRequest): Uint8Array {
  const length: readonly (readonly [string, string])[] =
    body === undefined ? [] : [["Content-Length", String(Buffer.byteLength(body))]];
  const lines = [...headers, ...length, ["Connection", "close"]].map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`);
}
