/**
 * One visitor connection that speaks HTTP/2 (RFC 9113): each of its streams is an exchange of its own, see {@link Http2Lane}.
 * Frames, compression and windows are the library's business; what strangers may cost is bounded here.
 */
import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { PublicError } from "../../base/errors.ts";
import { STREAM_PIPE_BYTES } from "../../net/pipe.ts";
import type { Duplex } from "../../net/duplex.ts";
import type { Watched } from "../../net/idle-watch.ts";
import { nodeStream } from "../../net/node-stream.ts";
import { HEAD_LIMIT_BYTES } from "../../protocol/http1/head-scanner.ts";
import { noFields, MalformedHttp2, pairsOf } from "../../protocol/http2/field-pairs.ts";
import { FloodGuard } from "../../protocol/http2/flood-guard.ts";
import { http1Request } from "../../protocol/http2/request-from-http2.ts";
import type { OpenVisitor } from "../open-visitors.ts";
import type { MayStay } from "./account-guard.ts";
import type { Scheme, VisitorConnection } from "./admission.ts";
import { errorAnswer } from "./error-page.ts";
import { Http2Lane } from "./http2-lane.ts";
import type { HttpVisitorServices } from "./http-visitor.ts";

/** Requests of one connection at a time; what RFC 9113 section 6.5.2 asks for at least, and what browsers use. */
export const MAX_CONCURRENT_STREAMS = 100;
/** Of a request body, on its way: as much as one mux stream starts with. */
const STREAM_WINDOW_BYTES = 256 * 1024;
/** Of one request, on its way to who does not read it yet. */
const BODY_AHEAD_BYTES = STREAM_WINDOW_BYTES + STREAM_PIPE_BYTES;
const WEBSOCKET_KEY_BYTES = 16;

const SETTINGS = {
  maxConcurrentStreams: MAX_CONCURRENT_STREAMS,
  initialWindowSize: STREAM_WINDOW_BYTES,
  maxHeaderListSize: HEAD_LIMIT_BYTES,
  enableConnectProtocol: true,
};

export class Http2Visitor implements OpenVisitor {
  readonly #connection: Duplex;
  readonly #services: HttpVisitorServices;
  readonly #kind: VisitorConnection;
  readonly #guard = new FloodGuard();
  #idle: Watched;
  /** Those that wait for a request, the one used last at the end. */
  readonly #idleLanes: Http2Lane[] = [];
  readonly #busyLanes = new Set<Http2Lane>();
  #session: ServerHttp2Session | undefined;
  #headDeadline: Watched | undefined;
  #isDraining = false;
  /** The fields of a request have come. */
  #hasAsked = false;
  #isOver = false;
  #isGone = false;

  constructor(connection: Duplex, services: HttpVisitorServices, kind: VisitorConnection) {
    this.#connection = connection;
    this.#services = services;
    this.#kind = kind;
    this.#idle = services.idleWatch.watch(services.idleMs, () => this.#onIdle());
  }

  /** Takes the connection over. `initial` are bytes that were read from it before. */
  start(initial: Uint8Array): void {
    this.#services.visitors.add(this, this.#connection.remoteAddress);
    const stream = nodeStream(this.#connection, {
      initial,
      onRead: (bytes) => this.#onRead(bytes),
      onDrain: () => this.#idle.touch(),
      onGone: () => this.#onGone(),
    });
    // Errors of the connection end the session too, which tells of them.
    stream.on("error", () => {});
    stream.on("close", () => this.#onClose());
    // There are no connections open in one direction here, and the library waits for more.
    stream.on("end", () => setImmediate(() => this.#session?.destroy()));
    const session = performServerHandshake(stream, { settings: SETTINGS });
    this.#session = session;
    session.on("stream", (each, _headers, flags, raw?: readonly string[]) => this.#onStream(each, flags, raw ?? []));
    // Whoever breaks the protocol is not waited for.
    session.on("error", () => this.cut());
    session.on("close", () => {
      this.#onClose();
      // The library would wait for the visitor's end.
      stream.end(() => {
        this.#onSent();
        stream.destroy();
      });
    });
    this.#connection.resume();
    if (this.#isDraining) this.drain();
  }

  get protocol(): Scheme {
    return this.#kind.scheme;
  }

  drain(): void {
    this.#isDraining = true;
    if (this.#session === undefined || this.#isOver) return;
    for (const lane of this.#idleLanes.splice(0)) lane.close();
    // GOAWAY; what is under way goes on to its end.
    this.#session.close();
  }

  cut(): void {
    this.#connection.reset();
  }

  recheck(mayStay: MayStay): void {
    for (const lane of this.#busyLanes) lane.recheck(mayStay);
  }

  #onRead(bytes: Uint8Array): void {
    const { clock, idleWatch, headMs } = this.#services;
    if (!this.#guard.receive(bytes, clock.nowMs())) {
      queueMicrotask(() => this.#onFlood());
      return;
    }
    const isHeadDue = !this.#guard.hasBegun || this.#guard.isHeadOpen;
    if (!isHeadDue) {
      this.#headDeadline?.stop();
      this.#headDeadline = undefined;
    } else this.#headDeadline ??= idleWatch.watch(headMs, () => this.cut());
  }

  /** Not from inside a call of the library. */
  #onFlood(): void {
    this.#session?.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
    this.#connection.reset();
  }

  #onStream(stream: ServerHttp2Stream, flags: number, raw: readonly string[]): void {
    this.#idle.touch();
    if (!this.#hasAsked) {
      this.#hasAsked = true;
      this.#services.visitors.onAsked(this);
    }
    // The close that follows is what counts.
    stream.on("error", () => {});
    const hasBody = (flags & constants.NGHTTP2_FLAG_END_STREAM) === 0;
    const webSocketKey = (): string => crypto.getRandomValues(new Uint8Array(WEBSOCKET_KEY_BYTES)).toBase64();
    const fields = pairsOf(raw);
    const request = http1Request(fields, { scheme: this.#kind.scheme, hasBody, webSocketKey });
    if (request instanceof MalformedHttp2) {
      const accept = fields.find(([name]) => name === "accept")?.[1];
      this.#refuse(stream, new PublicError("ERR_GINNEL_BAD_REQUEST", { reason: request.reason }), accept);
      return;
    }
    const lane = this.#laneFor(request.authority);
    this.#busyLanes.add(lane);
    lane.serve(stream, request);
  }

  /** Some libraries show the answer, others only the error that a reset would be. */
  #refuse(stream: ServerHttp2Stream, error: PublicError, accept: string | undefined): void {
    const { status, fields, body } = errorAnswer(error, accept, 400);
    this.#services.observer?.onMalformedHead(status, this.#connection.remoteAddress);
    const head = noFields();
    for (const [name, value] of fields) head[name.toLowerCase()] = value;
    stream.respond(Object.assign(head, { ":status": status, "content-length": `${body.length}` }));
    stream.end(body);
    stream.resume();
  }

  /** One that led to the same host before still has its stream to the agent. */
  #laneFor(authority: string): Http2Lane {
    const lanes = this.#idleLanes;
    for (let at = lanes.length - 1; at >= 0; at -= 1) if (lanes[at]?.isUsable !== true) lanes.splice(at, 1);
    const fitting = lanes.findLastIndex((lane) => lane.authority === authority);
    const [lane] = lanes.splice(fitting < 0 ? lanes.length - 1 : fitting, 1);
    return lane ?? this.#newLane();
  }

  #newLane(): Http2Lane {
    return new Http2Lane({
      http: this.#services,
      kind: { ...this.#kind, bodyAheadBytes: BODY_AHEAD_BYTES },
      connection: this.#connection,
      onActivity: () => this.#idle.touch(),
      onFree: (lane) => this.#onFree(lane),
    });
  }

  #onFree(lane: Http2Lane): void {
    this.#busyLanes.delete(lane);
    if (!lane.isUsable) return;
    if (this.#isOver || this.#isDraining) lane.close();
    else this.#idleLanes.push(lane);
  }

  /**
   * Requests that are under way and do not move end with a reset, and so does a visitor that does not take the last answers, or
   * not end its side behind them; else it is told in order.
   */
  #onIdle(): void {
    if (this.#busyLanes.size > 0 || this.#isDraining || this.#isOver) return this.cut();
    // The library waits for answers that the visitor does not take.
    this.#idle = this.#services.idleWatch.watch(this.#services.idleMs, () => this.cut());
    this.#session?.close();
  }

  /** Nothing more is asked or answered, while what was may still be on its way. */
  #onClose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#idle.touch();
    this.#headDeadline?.stop();
    for (const lane of this.#idleLanes.splice(0)) lane.close();
    for (const lane of this.#busyLanes) lane.cut();
  }

  /** The connection has taken everything. A slow visitor may still be reading what the kernel holds for it. */
  #onSent(): void {
    if (this.#isGone) return;
    this.#services.visitors.onServed(this, this.#hasAsked ? undefined : this.#connection.remoteAddress);
  }

  #onGone(): void {
    this.#isGone = true;
    this.#onClose();
    this.#idle.stop();
    this.#services.visitors.remove(this);
  }
}
