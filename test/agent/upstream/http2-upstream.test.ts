import { afterEach, expect, test } from "bun:test";
import { once } from "node:events";
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { openUpstream } from "../../../src/agent/upstream/open-upstream.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { DialError } from "../../../src/net/dial-error.ts";
import { nodeStream } from "../../../src/net/node-stream.ts";
import { listenTcp } from "../../../src/net/tcp-listen.ts";
import { RecordingListener } from "../../support/recording-listener.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { makeTestCertificates } from "../../support/test-certificates.ts";
import { httpTunnel } from "../../support/tunnel-definitions.ts";

const { server: identity } = await makeTestCertificates();
const PEM = { cert: identity.certPem, key: identity.keyPem };
const GET = Buffer.from("GET /x HTTP/1.1\r\nHost: app.test\r\n\r\n");
const NEVER = new AbortController().signal;

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const end of cleanups.splice(0)) end();
});

/** Answers every request with its scheme. */
function answering<S extends Http2Server>(server: S): S {
  server.on("session", (session: ServerHttp2Session) => {
    session.on("error", () => {});
    cleanups.push(() => session.destroy());
  });
  server.on("stream", (stream: ServerHttp2Stream, head: IncomingHttpHeaders) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200 });
    stream.end(`over ${String(head[":scheme"])}`);
  });
  return server;
}

async function portOf(server: Pick<Server, "listen" | "address" | "close" | "once">): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server as Server, "listening"); // every server of Node is an emitter
  cleanups.push(() => void server.close());
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

function upstreamAt(url: string) {
  return openUpstream(httpTunnel({ upstream: url, upstreamProtocol: "http2" }), {
    clock: systemClock,
    log: recordingLog().log,
  });
}

test.each([
  ["http", () => answering(createServer())],
  ["https", () => answering(createSecureServer(PEM) as unknown as Http2Server)], // both have what is used here
])("Http2Upstream brings a request over %s, and the next on the same connection", async (scheme, make) => {
  const server = make();
  let connections = 0;
  server.on("session", () => (connections += 1));
  const upstream = await upstreamAt(`${scheme}://127.0.0.1:${await portOf(server)}`);
  for (let time = 0; time < 2; time += 1) {
    const connection = await upstream.connect(NEVER, undefined);
    const heard = new RecordingListener(connection);
    connection.write(GET);
    await heard.until(() => heard.text.endsWith("0\r\n\r\n"));
    expect(heard.text).toStartWith("HTTP/1.1 200 \r\n");
    expect(heard.text).toContain(`over ${scheme}`);
    connection.end();
    await heard.until(() => heard.isClosed);
  }
  expect(connections).toBe(1);
});

test("Http2Upstream is not reached when TLS does not agree on HTTP/2", async () => {
  const server = createTlsServer({ ...PEM, ALPNProtocols: ["http/1.1"] });
  server.on("tlsClientError", () => {});
  const upstream = await upstreamAt(`https://127.0.0.1:${await portOf(server)}`);
  const failure = await upstream.connect(NEVER, undefined).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DialError);
  expect(failure).toMatchObject({ reason: "tls" });
});

test("Http2Upstream writes a PROXY header in front of a connection that one visitor has for itself", async () => {
  const http2 = answering(createServer());
  const seen: string[] = [];
  const header = Buffer.from("PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n");
  using listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, (connection) => {
    connection.listen({
      onData: (bytes) => {
        seen.push(Buffer.from(bytes.subarray(0, header.length)).toString());
        http2.emit("connection", nodeStream(connection, { initial: bytes.subarray(header.length) }));
      },
      onDrain: () => {},
      onEnd: () => {},
      onClose: () => {},
    });
  });
  const upstream = await upstreamAt(`http://127.0.0.1:${listening.port}`);
  for (let time = 0; time < 2; time += 1) {
    const connection = await upstream.connect(NEVER, header);
    const heard = new RecordingListener(connection);
    connection.write(GET);
    await heard.until(() => heard.text.endsWith("0\r\n\r\n"));
    connection.end();
    await heard.until(() => heard.isClosed);
  }
  expect(seen).toEqual([header.toString(), header.toString()]);
});
