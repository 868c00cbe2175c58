/**
 * One way through the edge for the requests of a visitor that speaks HTTP/2: each becomes an exchange of HTTP/1.1 with an
 * {@link HttpVisitor} at the other end of a pipe, so that routing, policies and errors are those of every visitor. Requests of
 * the same connection use it one after the other, as HTTP/1.1 visitors use a connection.
 */
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { CloseCause, Duplex, DuplexHandler } from "../../net/duplex.ts";
import { resetHttp2Stream } from "../../net/http2-reset.ts";
import { pipe, STREAM_PIPE_BYTES } from "../../net/pipe.ts";
import { ChunkedBody } from "../../protocol/http1/chunked-body.ts";
import { TRAILER_LIMIT_BYTES } from "../../protocol/http1/chunked-scanner.ts";
import { writeChunk, writeLastChunk } from "../../protocol/http1/chunked-writer.ts";
import type { FieldLines } from "../../protocol/http1/field-lines.ts";
import type { ResponseHead } from "../../protocol/http1/response-head.ts";
import { type ResponseHandler, ResponseReader } from "../../protocol/http1/response-reader.ts";
import { http2Fields, pairsOf, passableTrailers } from "../../protocol/http2/field-pairs.ts";
import type { Http1Request } from "../../protocol/http2/request-from-http2.ts";
import { http2Response } from "../../protocol/http2/response-to-http2.ts";
import type { MayStay } from "./account-guard.ts";
import type { VisitorKeeper } from "../open-visitors.ts";
import type { VisitorConnection } from "./admission.ts";
import { HttpVisitor, type HttpVisitorServices } from "./http-visitor.ts";

export interface LaneServices {
  readonly http: HttpVisitorServices;
  readonly kind: VisitorConnection;
  /** The visitor's connection: its addresses count. */
  readonly connection: Pick<Duplex, "remoteAddress" | "localAddress">;
  /** Something moved in either direction. */
  readonly onActivity: () => void;
  /** No request is under way any more; {@link Http2Lane.isUsable} tells whether another may come. */
  readonly onFree: (lane: Http2Lane) => void;
}

/** The request that is under way. */
interface Passage {
  readonly stream: ServerHttp2Stream;
  readonly request: Http1Request;
  bytesSent: number;
  trailers: FieldLines;
  requestDone: boolean;
  responseDone: boolean;
  /** What comes back is no HTTP any more. */
  isTunnel: boolean;
  body: ChunkedBody | undefined;
}

export class Http2Lane implements DuplexHandler, ResponseHandler {
  readonly #services: LaneServices;
  readonly #visitor: HttpVisitor;
  readonly #end: Duplex;
  readonly #reader: ResponseReader;
  #passage: Passage | undefined;
  #authority: string | undefined;
  /** The {@link HttpVisitor} takes no further request. */
  #hasEnded = false;
  #keepsAlive = true;

  constructor(services: LaneServices) {
    this.#services = services;
    const { remoteAddress, localAddress } = services.connection;
    const remoteAddresses = [remoteAddress, "<http/2>"] as const;
    const [visitorEnd, ownEnd] = pipe({ remoteAddresses, localAddress, highWaterBytes: STREAM_PIPE_BYTES });
    this.#end = ownEnd;
    this.#reader = new ResponseReader(this);
    ownEnd.listen(this);
    const visitors = this.#keeper(services.http.visitors);
    this.#visitor = new HttpVisitor(visitorEnd, { ...services.http, visitors }, services.kind);
    this.#visitor.start(new Uint8Array(0));
  }

  /** The host of its last request: the stream to the agent that it keeps leads there. */
  get authority(): string | undefined {
    return this.#authority;
  }

  get isUsable(): boolean {
    return !this.#hasEnded && this.#keepsAlive && this.#passage === undefined;
  }

  /** Brings a request and its response through. Only while it {@link isUsable}. */
  serve(stream: ServerHttp2Stream, request: Http1Request): void {
    const passage: Passage = {
      stream,
      request,
      bytesSent: 0,
      trailers: [],
      requestDone: request.coding === "none" && !request.isWebSocket,
      responseDone: false,
      isTunnel: false,
      body: undefined,
    };
    this.#passage = passage;
    this.#authority = request.authority;
    stream.on("close", () => this.#onStreamClose(passage));
    stream.on("drain", () => this.#resume(passage));
    this.#reader.next(request.method);
    this.#write(passage, Buffer.from(request.head, "latin1"));
    if (passage.requestDone) stream.resume();
    else if (!request.isWebSocket) this.#takeBody(passage);
  }

  /** Ends in order; nothing is under way. */
  close(): void {
    this.#hasEnded = true;
    this.#end.end();
  }

  /** Ends now, and with it the request that is under way. */
  cut(): void {
    this.#end.reset();
  }

  /** See {@link HttpVisitor.recheck}. */
  recheck(mayStay: MayStay): void {
    this.#visitor.recheck(mayStay);
  }

  onData(bytes: Uint8Array): void {
    this.#services.onActivity();
    const passage = this.#passage;
    if (passage?.isTunnel === true) this.#toStream(passage, bytes);
    else this.#reader.receive(bytes);
  }

  onDrain(): void {
    this.#services.onActivity();
    this.#passage?.stream.resume();
  }

  onEnd(): void {
    this.#hasEnded = true;
    const passage = this.#passage;
    if (passage?.isTunnel === true) passage.stream.end();
    else this.#reader.end();
    this.#end.end();
  }

  onClose(cause: CloseCause | undefined): void {
    this.#hasEnded = true;
    const passage = this.#passage;
    if (passage === undefined) return;
    if (cause !== undefined && !passage.responseDone) this.#fail(passage);
    this.#free(passage);
  }

  onHead(head: ResponseHead): void {
    const passage = this.#passage;
    if (passage === undefined || passage.stream.destroyed || passage.stream.closed) return;
    const fields = http2Response(head);
    if (head.interim) {
      passage.stream.additionalHeaders(fields);
      return;
    }
    this.#keepsAlive &&= head.keepAlive;
    const isChunked = head.framing.type === "chunked";
    const endStream = head.framing.type === "none" && !head.upgraded;
    // Known to the library, though not to its types: no Date is added where the upstream sent none.
    const options = { endStream, waitForTrailers: isChunked, sendDate: false };
    passage.stream.respond(fields, options);
    if (isChunked) this.#expectChunks(passage);
    if (head.upgraded) this.#becomeTunnel(passage);
  }

  onBody(bytes: Uint8Array): void {
    const passage = this.#passage;
    if (passage === undefined) return;
    if (passage.body === undefined) this.#toStream(passage, bytes);
    else passage.body.receive(bytes);
  }

  onComplete(): void {
    const passage = this.#passage;
    if (passage === undefined) return;
    passage.responseDone = true;
    if (!passage.stream.writableEnded) passage.stream.end();
    this.#advance(passage);
  }

  onNoMore(): void {}

  onCut(): void {
    if (this.#passage !== undefined) this.#fail(this.#passage);
  }

  onRefused(): void {
    if (this.#passage !== undefined) this.#fail(this.#passage);
  }

  #keeper(edge: VisitorKeeper): VisitorKeeper {
    return {
      get isDraining() {
        return edge.isDraining;
      },
      // The connection counts once, whatever goes over it.
      add: () => {},
      onAsked: () => {},
      onServed: () => {
        this.#hasEnded = true;
      },
      remove: () => {
        this.#hasEnded = true;
      },
    };
  }

  #takeBody(passage: Passage): void {
    const { stream, request } = passage;
    stream.on("trailers", (_trailers: IncomingHttpHeaders, _flags: number, raw?: readonly string[]) => {
      passage.trailers = passableTrailers(pairsOf(raw ?? []));
    });
    stream.on("data", (bytes: Buffer) => {
      passage.bytesSent += bytes.length;
      if (request.coding === "chunked") this.#write(passage, writeChunk(bytes));
      // Bytes beyond would be taken for the next request.
      else if (passage.bytesSent <= request.contentLength) this.#write(passage, bytes);
      else this.#fail(passage);
    });
    stream.on("end", () => {
      if (passage.requestDone || this.#passage !== passage || stream.aborted) return;
      if (request.coding === "length" && passage.bytesSent !== request.contentLength) return this.#fail(passage);
      passage.requestDone = true;
      if (request.coding === "chunked") this.#write(passage, writeLastChunk(passage.trailers));
      this.#advance(passage);
    });
  }

  #becomeTunnel(passage: Passage): void {
    const { stream } = passage;
    passage.isTunnel = true;
    this.#keepsAlive = false;
    for (const bytes of this.#reader.takeRest()) this.#toStream(passage, bytes);
    stream.on("data", (bytes: Buffer) => this.#write(passage, bytes));
    stream.on("end", () => {
      if (!stream.aborted) this.#end.end();
    });
  }

  #expectChunks(passage: Passage): void {
    const body = new ChunkedBody((bytes) => this.#toStream(passage, bytes), TRAILER_LIMIT_BYTES);
    passage.body = body;
    passage.stream.on("wantTrailers", () => passage.stream.sendTrailers(http2Fields(passableTrailers(body.trailers))));
  }

  #write(passage: Passage, bytes: Uint8Array): void {
    this.#services.onActivity();
    if (bytes.length > 0 && !this.#end.write(bytes)) passage.stream.pause();
  }

  #toStream({ stream }: Passage, bytes: Uint8Array): void {
    if (bytes.length > 0 && !stream.destroyed && !stream.write(bytes)) this.#end.pause();
  }

  #resume(passage: Passage): void {
    this.#services.onActivity();
    if (this.#passage === passage) this.#end.resume();
  }

  #advance(passage: Passage): void {
    if (passage.requestDone && passage.responseDone) this.#free(passage);
  }

  /** The visitor must not take what it got for a whole response. */
  #fail(passage: Passage): void {
    this.#keepsAlive = false;
    resetHttp2Stream(passage.stream);
    this.#end.reset();
  }

  #onStreamClose(passage: Passage): void {
    if (this.#passage !== passage) return;
    // The visitor gave up, or was given up; behind a whole response nobody wants the rest of the request.
    if (!passage.requestDone || !passage.responseDone) this.#end.reset();
    this.#free(passage);
  }

  #free(passage: Passage): void {
    if (this.#passage !== passage) return;
    this.#passage = undefined;
    if (this.#hasEnded && !passage.requestDone && !passage.stream.closed) {
      // What the visitor still sends is not wanted (RFC 9113 section 8.1).
      passage.stream.close(constants.NGHTTP2_NO_ERROR);
    }
    this.#end.resume();
    this.#services.onFree(this);
  }
}
