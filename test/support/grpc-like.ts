/** A server that speaks HTTP/2 with prior knowledge as gRPC does, with trailers; and a visitor that does. */
import { once } from "node:events";
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { nodeStream } from "../../src/net/node-stream.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import type { Place } from "./tunnel-system.ts";

export class GrpcLikeServer implements AsyncDisposable {
  /** Connections that were made so far. */
  connections = 0;
  readonly #server = createServer();
  readonly #sessions = new Set<ServerHttp2Session>();

  constructor() {
    this.#server.on("session", (session) => {
      this.connections += 1;
      this.#sessions.add(session);
      session.on("close", () => this.#sessions.delete(session));
      session.on("error", () => {});
    });
    this.#server.on("stream", (stream: ServerHttp2Stream, head: IncomingHttpHeaders) => answer(stream, head));
  }

  /** Its port. */
  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("no port");
    return address.port;
  }

  /** Ends all connections that are open now. */
  cut(): void {
    for (const session of this.#sessions) session.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/**
 * `/echo` sends what it gets, and in trailers how much that was and what the trailers of the request were; `/refuse` answers in
 * its head alone; `/cut` sends a part and stops when
 * the request ends; everything else tells the head.
 */
function answer(stream: ServerHttp2Stream, head: IncomingHttpHeaders): void {
  stream.on("error", () => {});
  switch (head[":path"] ?? "/") {
    case "/echo": {
      let bytes = 0;
      let trailers: IncomingHttpHeaders = {};
      stream.on("trailers", (fields) => (trailers = fields));
      stream.on("wantTrailers", () =>
        stream.sendTrailers({ "grpc-status": "0", "x-bytes": String(bytes), "x-sum": trailers["x-sum"] ?? "none" }),
      );
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("data", (chunk: Buffer) => (bytes += chunk.length));
      stream.pipe(stream);
      return;
    }
    case "/refuse":
      stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "5" }, { endStream: true });
      return;
    case "/cut":
      stream.respond({ ":status": 200 });
      stream.write("part");
      stream.on("end", () => stream.destroy(new Error("cut")));
      stream.resume();
      return;
    default:
      stream.respond({ ":status": 200, "set-cookie": ["a=1", "b=2"] });
      stream.end(JSON.stringify(head));
  }
}

/** A visitor's connection that speaks HTTP/2. */
export async function http2Visitor(place: Place): Promise<ClientHttp2Session> {
  const plain = await dialTcp({ host: "127.0.0.1", port: place.port }, { timeoutMs: 10_000 });
  const context = clientTlsContext([place.caPem]);
  const { connection } = await connectTls(plain, { context, serverName: place.host, verify: true, alpn: ["h2"] });
  const stream = nodeStream(connection);
  const session = connect(`https://${place.authority}`, { createConnection: () => stream });
  for (const each of [stream, session]) each.on("error", () => {});
  return session;
}

export interface Http2Answer {
  readonly head: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly trailers: IncomingHttpHeaders;
  /** With which the stream was reset; 0: it was not. */
  readonly code: number | undefined;
}

/** One request and all that comes back. */
export function ask(
  session: ClientHttp2Session,
  head: OutgoingHttpHeaders,
  body?: {
    readonly pieces: readonly Uint8Array[];
    readonly trailers?: OutgoingHttpHeaders;
    readonly endsWhenAnswered?: boolean;
  },
): Promise<Http2Answer> {
  const stream = session.request(head, {
    endStream: body === undefined,
    waitForTrailers: body?.trailers !== undefined,
  });
  const got = { head: {} as IncomingHttpHeaders, trailers: {} as IncomingHttpHeaders }; // filled as they come
  const chunks: Buffer[] = [];
  stream.on("response", (fields) => (got.head = fields));
  stream.on("trailers", (fields) => (got.trailers = fields));
  stream.on("wantTrailers", () => stream.sendTrailers(body?.trailers ?? {}));
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("error", () => {});
  for (const piece of body?.pieces ?? []) stream.write(piece);
  if (body?.endsWhenAnswered === true) stream.once("data", () => stream.end());
  else stream.end();
  return new Promise((resolve) => {
    stream.on("close", () => resolve({ ...got, body: Buffer.concat(chunks), code: stream.rstCode }));
  });
}
