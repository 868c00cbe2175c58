/** A visitor with one connection of HTTP/2 whose requests are written octet for octet: no library corrects what they ask for. */
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import { framesIn, headerBlock, type Http2Frame, http2Frame, PREFACE } from "./http2-frames.ts";
import { RawEnd } from "./raw-end.ts";
import type { Place } from "./tunnel-system.ts";

/** What came on one stream, which has ended. */
export interface Http2Answer {
  /** Of those that have a number of their own in RFC 7541 appendix A; `undefined`: another one, or the stream was reset. */
  readonly status: number | undefined;
  /** In Latin 1. */
  readonly body: string;
}

/** Fields that are one octet on the wire. */
const STATUSES = new Map([200, 204, 206, 304, 400, 404, 500].map((status, at) => [0x88 + at, status]));

const FRAME_HEAD_BYTES = 9;
const END_STREAM = 1;
const END_HEADERS = 4;
const ACK = 1;
/** More than any test reads. */
const WIDE_WINDOW = Buffer.from("3fffffff", "hex");

export class RawHttp2Visitor implements Disposable {
  readonly #end: RawEnd;
  readonly #authority: string;
  #stream = -1;
  /** Of a frame that is not whole yet. */
  #rest: Buffer = Buffer.alloc(0);
  #status: number | undefined;
  #body = "";
  #hasEnded = true;

  private constructor(end: RawEnd, authority: string) {
    this.#end = end;
    this.#authority = authority;
    end.heard.onBytes = (bytes) => this.#take(bytes);
    const own = [http2Frame("settings", 0, 0), http2Frame("windowUpdate", 0, 0, WIDE_WINDOW)];
    end.connection.write(Buffer.concat([PREFACE, ...own, http2Frame("settings", ACK, 0)]));
  }

  /** Of a place of https; patient with every step. */
  static async open({ host, port, authority, caPem }: Place, patienceMs: number): Promise<RawHttp2Visitor> {
    const plain = await dialTcp({ host: "127.0.0.1", port }, { timeoutMs: patienceMs });
    const context = clientTlsContext([caPem]);
    const tls = { context, serverName: host, verify: true, alpn: ["h2"], timeoutMs: patienceMs };
    const { connection } = await connectTls(plain, tls);
    return new RawHttp2Visitor(new RawEnd(connection, patienceMs), authority);
  }

  /** One request at a time; the path goes out as UTF-8, whatever stands in it. */
  async get(path: string): Promise<Http2Answer> {
    const fields = [
      [":method", "GET"],
      [":scheme", "https"],
      [":authority", this.#authority],
      [":path", Buffer.from(path).toString("latin1")],
    ] as const;
    this.#stream += 2;
    this.#status = undefined;
    this.#body = "";
    this.#hasEnded = false;
    this.#end.connection.write(http2Frame("headers", END_HEADERS | END_STREAM, this.#stream, headerBlock(fields)));
    await this.#end.heard.until(() => this.#hasEnded || this.#end.heard.isClosed);
    if (!this.#hasEnded) throw new Error(`the connection has ended at ${path}`);
    return { status: this.#status, body: this.#body };
  }

  #take(bytes: Uint8Array): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= FRAME_HEAD_BYTES) {
      const length = FRAME_HEAD_BYTES + this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < length) return;
      for (const frame of framesIn(this.#rest.subarray(0, length))) this.#hear(frame);
      this.#rest = this.#rest.subarray(length);
    }
  }

  #hear({ type, flags, stream, payload }: Http2Frame): void {
    if (stream !== this.#stream) return;
    if (type === "headers") this.#status ??= STATUSES.get(payload[0] ?? 0);
    if (type === "data") this.#body += payload.toString("latin1");
    const mayEnd = type === "headers" || type === "data";
    if (type === "reset" || (mayEnd && (flags & END_STREAM) !== 0)) this.#hasEnded = true;
  }

  [Symbol.dispose](): void {
    this.#end.connection.reset();
  }
}
