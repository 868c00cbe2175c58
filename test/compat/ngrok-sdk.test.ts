/** The official SDK (npm @ngrok/ngrok) as agent of our edge, each a process of its own. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { CuttableRelay } from "../support/cuttable-relay.ts";
import { EDGE_DOMAIN, EdgeProcess } from "../support/edge-process.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { SdkAgent } from "../support/sdk-agent.ts";
import { makeTestCertificates } from "../support/test-certificates.ts";
import { eventually } from "../support/turns.ts";
import { visit, type Visited } from "../support/visit.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
const LONG_MS = 60_000;

let edge: EdgeProcess;
beforeAll(async () => {
  edge = await EdgeProcess.start();
}, LONG_MS);
afterAll(() => edge[Symbol.asyncDispose]());

const nameOf = (label: string): string => `${label}.${EDGE_DOMAIN}`;
const overHttps = (host: string, more: object = {}): Promise<Visited> =>
  visit(host, { port: edge.ports.https, caPem: edge.caPem, ...more });
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Answers with what it was asked. */
function echoingUpstream(): Bun.Server<undefined> {
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    maxRequestBodySize: 1 << 30,
    fetch: async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname === "/bytes") return new Response(patternedBytes(Number(searchParams.get("count"))));
      const body = await request.bytes();
      const headers = Object.fromEntries(request.headers);
      return Response.json({ path: pathname, headers, bytes: body.length, sha256: sha256(body) });
    },
  });
}

/** Sends back what it gets, after the greeting. */
function echoingTcp(greeting = ""): ReturnType<typeof listenTcp> {
  return listenTcp({ hostname: "127.0.0.1", port: 0 }, (connection) => {
    if (greeting !== "") connection.write(Buffer.from(greeting));
    connection.listen({
      onData: (bytes) => void connection.write(bytes),
      onDrain: () => {},
      onEnd: () => connection.end(),
      onClose: () => {},
    });
  });
}

describe.each(["node", "bun"] as const)("the SDK on %s", (host) => {
  test(
    "forwards https, http and tcp over one session, with metadata",
    async () => {
      using upstream = echoingUpstream();
      using tcp = echoingTcp("hello ");
      const before = edge.timesLogged("agent session established");
      await using agent = new SdkAgent(edge, host);
      const addr = `127.0.0.1:${upstream.port}`;
      const secure = await agent.forward({ addr, domain: nameOf(`secure-${host}`), metadata: "made up" });
      const plain = await agent.forward({ addr, domain: nameOf(`plain-${host}`), schemes: "http" });
      const raw = await agent.forward({ addr: `127.0.0.1:${tcp.port}`, proto: "tcp" });
      expect(edge.timesLogged("agent session established")).toBe(before + 1);

      expect(secure).toMatchObject({
        url: `https://${nameOf(`secure-${host}`)}:${edge.ports.https}`,
        metadata: "made up",
      });
      const answered = JSON.parse((await overHttps(nameOf(`secure-${host}`), { path: "/a" })).body.toString());
      expect(answered).toMatchObject({
        path: "/a",
        headers: { "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https" },
      });
      expect(plain.url).toBe(`http://${nameOf(`plain-${host}`)}:${edge.ports.http}`);
      expect((await visit(nameOf(`plain-${host}`), { port: edge.ports.http })).status).toBe(200);
      const { port } = new URL(raw.url);
      const visitor = await dialTcp({ host: "127.0.0.1", port: Number(port) }, { timeoutMs: 5_000 });
      const heard = new RecordingListener(visitor);
      visitor.write(Buffer.from("you"));
      visitor.end();
      await heard.until(() => heard.isClosed);
      expect([heard.text, heard.cause]).toEqual(["hello you", undefined]);
    },
    LONG_MS,
  );

  test(
    "is told why its token or name is refused, with the code",
    async () => {
      await using agent = new SdkAgent(edge, host);
      expect(await agent.refusalOf({ addr: 1, authtoken: "unknown-authtoken" })).toBe("ERR_NGROK_107");
      expect(await agent.refusalOf({ addr: 1, domain: "www.example.org" })).toBe("ERR_NGROK_319");
      const name = nameOf(`taken-${host}`);
      await agent.forward({ addr: 1, domain: name });
      await using other = new SdkAgent(edge, host);
      expect(await other.refusalOf({ addr: 1, domain: name })).toBe("ERR_NGROK_334");
    },
    LONG_MS,
  );
});

describe("the SDK", () => {
  test(
    "has TLS passed through to its upstream, or ended at the edge with its certificate",
    async () => {
      const { server, caPem } = await makeTestCertificates();
      using secure = Bun.listen({
        hostname: "127.0.0.1",
        port: 0,
        tls: { cert: server.certPem, key: server.keyPem },
        socket: { data: (socket, bytes) => void socket.write(bytes) },
      });
      using plain = echoingTcp();
      await using agent = new SdkAgent(edge);
      await agent.forward({ addr: `127.0.0.1:${secure.port}`, proto: "tls", domain: nameOf("through") });
      const pair = { crt: server.certPem, key: server.keyPem };
      await agent.forward({ addr: `127.0.0.1:${plain.port}`, proto: "tls", domain: nameOf("ended"), ...pair });
      for (const name of ["through", "ended"]) expect(await echoOverTls(nameOf(name), caPem)).toBe("ping");
    },
    LONG_MS,
  );

  test(
    "has its basic auth checked at the edge",
    async () => {
      using upstream = echoingUpstream();
      await using agent = new SdkAgent(edge);
      const name = nameOf("protected");
      await agent.forward({ addr: `127.0.0.1:${upstream.port}`, domain: name, basic_auth: ["user:password"] });
      expect((await overHttps(name)).status).toBe(401);
      const headers = { Authorization: `Basic ${btoa("user:password")}` };
      expect((await overHttps(name, { headers })).status).toBe(200);
    },
    LONG_MS,
  );

  test(
    "takes an endpoint offline at once by close, and only that",
    async () => {
      using upstream = echoingUpstream();
      await using agent = new SdkAgent(edge);
      const addr = `127.0.0.1:${upstream.port}`;
      const closed = await agent.forward({ addr, domain: nameOf("closed") });
      await agent.forward({ addr, domain: nameOf("kept") });
      await agent.close(closed.url);
      const gone = await overHttps(nameOf("closed"));
      expect([gone.status, gone.headers["ngrok-error-code"]]).toEqual([404, "ERR_NGROK_3200"]);
      expect((await overHttps(nameOf("kept"))).status).toBe(200);
      await using other = new SdkAgent(edge);
      expect((await other.forward({ addr, domain: nameOf("closed") })).url).toBe(closed.url);
    },
    LONG_MS,
  );

  test(
    "carries large bodies both ways unchanged",
    async () => {
      using upstream = echoingUpstream();
      await using agent = new SdkAgent(edge);
      await agent.forward({ addr: `127.0.0.1:${upstream.port}`, domain: nameOf("large") });
      const body = patternedBytes(24 * 1024 * 1024);
      const [up, down] = await Promise.all([
        overHttps(nameOf("large"), { method: "POST", body }),
        overHttps(nameOf("large"), { path: `/bytes?count=${body.length}` }),
      ]);
      expect(JSON.parse(up.body.toString())).toMatchObject({ bytes: body.length, sha256: sha256(body) });
      expect(sha256(down.body)).toBe(sha256(body));
    },
    LONG_MS,
  );

  test(
    "carries WebSocket messages of npm ws",
    async () => {
      using upstream = Bun.serve({
        hostname: "127.0.0.1",
        port: 0,
        fetch: (request, server) => (server.upgrade(request) ? undefined : new Response("no upgrade", { status: 426 })),
        websocket: { message: (socket, message) => void socket.send(message), maxPayloadLength: 1 << 24 },
      });
      await using agent = new SdkAgent(edge);
      await agent.forward({ addr: `127.0.0.1:${upstream.port}`, domain: nameOf("socket") });
      const facts = { url: `wss://${nameOf("socket")}:${edge.ports.https}/`, ca: edge.caPem };
      const asked = JSON.stringify({ ...facts, texts: ["one", "two"], binaryBytes: 1 << 20 });
      const visitor = Bun.spawn(["node", join(import.meta.dir, "ws-visitor.mjs"), asked], { stdout: "pipe" });
      expect(await visitor.stdout.json()).toEqual({ heard: ["one", "two", 1 << 20], code: 4001 });
      expect(await visitor.exited).toBe(0);
    },
    LONG_MS,
  );

  test(
    "has a PROXY header written in front of the visitor's bytes",
    async () => {
      using upstream = echoingTcp();
      await using agent = new SdkAgent(edge);
      const { url } = await agent.forward({ addr: `127.0.0.1:${upstream.port}`, proto: "tcp", proxy_proto: "1" });
      const port = Number(new URL(url).port);
      const visitor = await dialTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 });
      const heard = new RecordingListener(visitor);
      const own = visitor.localAddress.split(":")[1];
      visitor.write(Buffer.from("bytes"));
      visitor.end();
      await heard.until(() => heard.isClosed);
      expect(heard.text).toBe(`PROXY TCP4 127.0.0.1 127.0.0.1 ${own} ${port}\r\nbytes`);
    },
    LONG_MS,
  );

  test(
    "lets its upstream know that a visitor has gone, although nothing is being sent",
    async () => {
      const asked = Promise.withResolvers<Request>();
      using upstream = Bun.serve({
        hostname: "127.0.0.1",
        port: 0,
        idleTimeout: 0,
        fetch: (request) => {
          asked.resolve(request);
          return new Promise<Response>(() => {});
        },
      });
      await using agent = new SdkAgent(edge);
      await agent.forward({ addr: `127.0.0.1:${upstream.port}`, domain: nameOf("left"), schemes: "http" });
      const visitor = await dialTcp({ host: "127.0.0.1", port: edge.ports.http }, { timeoutMs: 5_000 });
      visitor.write(Buffer.from(`GET / HTTP/1.1\r\nHost: ${nameOf("left")}\r\n\r\n`));
      const { signal } = await asked.promise;
      visitor.reset();
      await eventually("the upstream's connection has ended", () => signal.aborted);
    },
    LONG_MS,
  );

  test(
    "survives more visitors than it can take: those beyond its limit are told so, and nobody waits in vain",
    async () => {
      const visitors = 600;
      const all = Promise.withResolvers<void>();
      let [arrived, refused] = [0, 0];
      const look = (): void => {
        if (arrived + refused === visitors) all.resolve();
      };
      using upstream = Bun.serve({
        hostname: "127.0.0.1",
        port: 0,
        idleTimeout: 0,
        fetch: async () => {
          arrived += 1;
          look();
          await all.promise;
          return new Response("served");
        },
      });
      await using agent = new SdkAgent(edge);
      await agent.forward({ addr: `127.0.0.1:${upstream.port}`, domain: nameOf("crowd"), schemes: "http" });
      const sessions = edge.timesLogged("agent session established");
      const once = async (): Promise<number> => {
        const { status, headers } = await visit(nameOf("crowd"), { port: edge.ports.http });
        if (status !== 200) {
          expect([status, headers["ngrok-error-code"]]).toEqual([503, "ERR_GINNEL_BUSY"]);
          refused += 1;
          look();
        }
        return status;
      };
      const statuses = await Promise.all(Array.from({ length: visitors }, once));
      // Its own heartbeat and calls count among the 500 streams.
      const served = statuses.filter((status) => status === 200).length;
      expect(served).toBeWithin(495, 501);
      expect(await once()).toBe(200);
      expect(edge.timesLogged("agent session established")).toBe(sessions);
    },
    LONG_MS,
  );
});

describe("the SDK comes back", () => {
  test.each(["SIGTERM", "SIGKILL"] as const)(
    "with the same URLs when the edge was ended by %s and started again",
    async (signal) => {
      using upstream = echoingUpstream();
      using tcp = echoingTcp("hello");
      await using restarted = await EdgeProcess.start();
      await using agent = new SdkAgent(restarted);
      const addr = `127.0.0.1:${upstream.port}`;
      const random = await agent.forward({ addr });
      const named = await agent.forward({ addr, domain: nameOf("named"), schemes: "http" });
      const raw = await agent.forward({ addr: `127.0.0.1:${tcp.port}`, proto: "tcp" });

      const code = await restarted.end(signal);
      expect(code).toBe(signal === "SIGTERM" ? 0 : 137);
      await restarted.again();
      await Promise.all([random, named, raw].map(({ url }) => restarted.logged("endpoint online", url)));

      const { https, http } = restarted.ports;
      const { hostname } = new URL(random.url);
      expect((await visit(hostname, { port: https, caPem: restarted.caPem })).status).toBe(200);
      expect((await visit(nameOf("named"), { port: http })).status).toBe(200);
      const visitor = await dialTcp({ host: "127.0.0.1", port: Number(new URL(raw.url).port) }, { timeoutMs: 5_000 });
      const heard = new RecordingListener(visitor);
      await heard.until(() => heard.text === "hello");
      visitor.reset();
    },
    LONG_MS,
  );

  test(
    "and takes its endpoints over from a session that the edge thinks alive",
    async () => {
      using upstream = echoingUpstream();
      using tcp = echoingTcp("hello");
      using relay = new CuttableRelay(edge.ports.https);
      await using agent = new SdkAgent(edge);
      const way = { server_addr: `127.0.0.1:${relay.port}` };
      const named = await agent.forward({ ...way, addr: `127.0.0.1:${upstream.port}`, domain: nameOf("moved") });
      const raw = await agent.forward({ ...way, addr: `127.0.0.1:${tcp.port}`, proto: "tcp" });
      const from = edge.linesLogged;
      relay.cutNear();
      await Promise.all([named, raw].map(({ url }) => edge.logged("endpoint online", url, from)));
      expect((await overHttps(nameOf("moved"))).status).toBe(200);
      const visitor = await dialTcp({ host: "127.0.0.1", port: Number(new URL(raw.url).port) }, { timeoutMs: 5_000 });
      const heard = new RecordingListener(visitor);
      await heard.until(() => heard.text === "hello");
      visitor.reset();
      // The end of the old session takes nothing away.
      await edge.logged("agent session ended", "", from);
      expect((await overHttps(nameOf("moved"))).status).toBe(200);
    },
    LONG_MS,
  );

  test(
    "as another process and gets the name of one that no longer answers",
    async () => {
      using upstream = echoingUpstream();
      const config = { addr: `127.0.0.1:${upstream.port}`, domain: nameOf("frozen") };
      await using frozen = new SdkAgent(edge);
      const { url } = await frozen.forward(config);
      frozen.freeze();
      await using agent = new SdkAgent(edge);
      expect((await agent.forward(config)).url).toBe(url);
      expect((await overHttps(nameOf("frozen"))).status).toBe(200);
    },
    LONG_MS,
  );
});

/** What an echo behind a TLS endpoint answers; the certificate must be one of `caPem`'s, whatever its names. */
function echoOverTls(name: string, caPem: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls(
      {
        host: "127.0.0.1",
        port: edge.ports.https,
        servername: name,
        ca: caPem,
        rejectUnauthorized: true,
        checkServerIdentity: () => undefined,
      },
      () => socket.write("ping"),
    );
    socket.once("data", (bytes: Buffer) => {
      resolve(bytes.toString());
      socket.destroy();
    });
    socket.once("error", reject);
  });
}
