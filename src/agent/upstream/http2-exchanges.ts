/**
 * The requests of one visitor on their way to an upstream that speaks HTTP/2: they come as HTTP/1.1, one after the other, and
 * each becomes a stream of the connection that all visitors of the tunnel share. The responses go back the same way.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, constants, type IncomingHttpHeaders } from "node:http2";
import type { Duplex } from "../../net/duplex.ts";
import { resetHttp2Stream } from "../../net/http2-reset.ts";
import { ChunkedBody } from "../../protocol/http1/chunked-body.ts";
import { TRAILER_LIMIT_BYTES } from "../../protocol/http1/chunked-scanner.ts";
import { writeChunk, writeLastChunk } from "../../protocol/http1/chunked-writer.ts";
import type { FieldLines } from "../../protocol/http1/field-lines.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import { RequestReader } from "../../protocol/http1/request-reader.ts";
import { http2Fields, MalformedHttp2, pairsOf, passableTrailers } from "../../protocol/http2/field-pairs.ts";
import { http2Request } from "../../protocol/http2/request-to-http2.ts";
import { type Http1Response, http1Response } from "../../protocol/http2/response-from-http2.ts";
import { RESET_CODES } from "../../protocol/mux/reset-codes.ts";

export interface Http2ExchangesOptions {
  /** The shared connection, dialled anew when it has ended. Rejects when that fails. */
  readonly session: () => Promise<ClientHttp2Session>;
  readonly scheme: "http" | "https";
  /** The visitor has gone. May be called twice. */
  readonly onGone?: () => void;
}

interface Passage {
  readonly request: RequestHead;
  readonly stream: ClientHttp2Stream;
  /** Takes the chunks off the request. */
  readonly body: ChunkedBody | undefined;
  response: Http1Response | undefined;
  bytesReceived: number;
  trailers: FieldLines;
  requestDone: boolean;
  responseDone: boolean;
}

export class Http2Exchanges {
  readonly #end: Duplex;
  readonly #options: Http2ExchangesOptions;
  readonly #reader: RequestReader;
  #passage: Passage | undefined;
  #isOver = false;

  /** Takes the connection over, on which HTTP/1.1 comes. */
  constructor(end: Duplex, options: Http2ExchangesOptions) {
    this.#end = end;
    this.#options = options;
    this.#reader = new RequestReader({
      onHead: (head) => this.#onRequest(head),
      onBody: (bytes) => this.#onRequestBody(bytes),
      onComplete: () => this.#onRequestComplete(),
      onNoMore: () => end.end(),
      onCut: () => this.#giveUp(undefined),
      onRefused: () => this.#giveUp(undefined),
    });
  }

  start(): void {
    this.#end.listen({
      onData: (bytes) => {
        this.#reader.receive(bytes);
        if (this.#reader.unreadBytes > 0) this.#end.pause();
      },
      onDrain: () => this.#passage?.stream.resume(),
      onEnd: () => this.#reader.end(),
      onClose: () => this.#onClosed(),
    });
    this.#end.resume();
  }

  /** The reader waits until there is a stream. */
  #onRequest(request: RequestHead): void {
    this.#reader.pause();
    this.#options
      .session()
      .then((session) => this.#send(request, session))
      // The connection may end between the two, and then takes no request any more.
      .catch(() => this.#giveUp(RESET_CODES.upstreamClosedWithoutAnswer));
  }

  #send(request: RequestHead, session: ClientHttp2Session): void {
    if (this.#isOver) return;
    const isChunked = request.framing.type === "chunked";
    const fields = http2Request(request, this.#options.scheme);
    const stream = session.request(fields, { endStream: request.framing.type === "none", waitForTrailers: isChunked });
    const body = isChunked ? new ChunkedBody((bytes) => this.#toUpstream(bytes), TRAILER_LIMIT_BYTES) : undefined;
    const passage: Passage = {
      request,
      stream,
      body,
      response: undefined,
      bytesReceived: 0,
      trailers: [],
      requestDone: false,
      responseDone: false,
    };
    this.#passage = passage;
    this.#listen(passage);
    this.#reader.resume();
    if (this.#reader.unreadBytes === 0) this.#end.resume();
  }

  #listen(passage: Passage): void {
    const { stream, body } = passage;
    type Heads = (headers: IncomingHttpHeaders, flags: number, raw?: readonly string[]) => void;
    const onHead: Heads = (_headers, flags, raw) => this.#onResponseHead(passage, flags, pairsOf(raw ?? []));
    const onTrailers: Heads = (_headers, _flags, raw) => {
      passage.trailers = passableTrailers(pairsOf(raw ?? []));
    };
    stream.on("headers", onHead);
    stream.on("response", onHead);
    stream.on("trailers", onTrailers);
    stream.on("wantTrailers", () => stream.sendTrailers(http2Fields(passableTrailers(body?.trailers ?? []))));
    stream.on("data", (bytes: Buffer) => this.#onResponseBody(passage, bytes));
    stream.on("drain", () => {
      if (this.#reader.unreadBytes === 0) this.#end.resume();
    });
    stream.on("end", () => this.#onResponseEnd(passage));
    // The close that follows is what counts.
    stream.on("error", () => {});
    stream.on("close", () => this.#onStreamClosed(passage));
  }

  #onRequestBody(bytes: Uint8Array): void {
    const passage = this.#passage;
    if (passage === undefined || passage.responseDone) return;
    if (passage.body === undefined) this.#toUpstream(bytes);
    else passage.body.receive(bytes);
  }

  #toUpstream(bytes: Uint8Array): void {
    const stream = this.#passage?.stream;
    if (stream === undefined || !stream.writable || bytes.length === 0) return;
    if (!stream.write(bytes)) this.#end.pause();
  }

  #onRequestComplete(): void {
    const passage = this.#passage;
    if (passage === undefined) return;
    passage.requestDone = true;
    if (!passage.stream.writableEnded) passage.stream.end();
    this.#advance(passage);
  }

  #onResponseHead(passage: Passage, flags: number, fields: FieldLines): void {
    const hasBody = (flags & constants.NGHTTP2_FLAG_END_STREAM) === 0;
    const response = http1Response(fields, { request: passage.request, hasBody });
    if (response instanceof MalformedHttp2) return this.#giveUp(RESET_CODES.upstreamProtocolError);
    this.#end.write(Buffer.from(response.head, "latin1"));
    if (!fields[0]?.[1].startsWith("1")) passage.response = response;
  }

  #onResponseBody(passage: Passage, bytes: Buffer): void {
    const { response, stream } = passage;
    if (response === undefined || response.coding === "none") return;
    passage.bytesReceived += bytes.length;
    if (response.coding === "length" && passage.bytesReceived > response.contentLength) return this.#giveUp(undefined);
    if (bytes.length === 0) return;
    if (!this.#end.write(response.coding === "chunked" ? writeChunk(bytes) : bytes)) stream.pause();
  }

  #onResponseEnd(passage: Passage): void {
    const { response, stream } = passage;
    if (response === undefined || passage.responseDone || stream.rstCode !== constants.NGHTTP2_NO_ERROR) return;
    if (response.coding === "length" && passage.bytesReceived !== response.contentLength)
      return this.#giveUp(undefined);
    if (response.coding === "chunked") this.#end.write(writeLastChunk(passage.trailers));
    passage.responseDone = true;
    if (response.coding === "close") this.#finish();
    else this.#advance(passage);
  }

  #onStreamClosed(passage: Passage): void {
    if (this.#passage !== passage || passage.responseDone) return;
    this.#giveUp(passage.response === undefined ? RESET_CODES.upstreamClosedWithoutAnswer : undefined);
  }

  /** What of a request comes behind its response is read and dropped. */
  #advance(passage: Passage): void {
    if (!passage.requestDone || !passage.responseDone || this.#isOver) return;
    this.#passage = undefined;
    this.#reader.next();
    if (this.#reader.unreadBytes === 0) this.#end.resume();
  }

  #finish(): void {
    this.#isOver = true;
    this.#passage = undefined;
    this.#end.end();
    this.#end.resume();
  }

  #giveUp(code: number | undefined): void {
    if (this.#isOver) return;
    this.#end.reset(code);
    this.#onClosed();
  }

  #onClosed(): void {
    this.#isOver = true;
    const stream = this.#passage?.stream;
    this.#passage = undefined;
    if (stream !== undefined) resetHttp2Stream(stream);
    this.#options.onGone?.();
  }
}
