/** HTTP/2 on the side of the visitors, of the upstream, and of both. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ClientHttp2Session } from "node:http2";
import { curl } from "../support/curl.ts";
import { ask, GrpcLikeServer, http2Visitor } from "../support/grpc-like.ts";
import { LAYOUTS, type Place, START_MS, TunnelSystem } from "../support/tunnel-system.ts";

const MEBIBYTE = 1024 * 1024;
const BULK = Buffer.alloc(8 * MEBIBYTE, "0123456789abcdef");

describe.each(LAYOUTS)("Through %s", (layout) => {
  let grpc: GrpcLikeServer;
  let plain: Bun.Server<undefined>;
  let system: TunnelSystem;
  const visitors: ClientHttp2Session[] = [];
  beforeAll(async () => {
    grpc = new GrpcLikeServer();
    plain = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async (request) => {
        const { pathname } = new URL(request.url);
        if (pathname === "/echo") return new Response(await request.bytes());
        return Response.json({ method: request.method, ...Object.fromEntries(request.headers) });
      },
    });
    const addr = await grpc.listen();
    system = await TunnelSystem.start(layout, {
      grpc: { addr, app_protocol: "http2" },
      uninspected: { addr, app_protocol: "http2", inspect: false },
      renamed: { addr, app_protocol: "http2", host_header: "inside.test" },
      plain: { addr: plain.port ?? 0 },
      wrong: { addr: plain.port ?? 0, app_protocol: "http2" },
    });
  }, START_MS);
  afterAll(async () => {
    for (const visitor of visitors) visitor.destroy();
    await system[Symbol.asyncDispose]();
    await grpc[Symbol.asyncDispose]();
    await plain.stop(true);
  });

  async function visitor(place: Place): Promise<ClientHttp2Session> {
    const session = await http2Visitor(place);
    visitors.push(session);
    return session;
  }

  test("curl speaks HTTP/2 to an upstream of HTTP/1.1", async () => {
    const version = ["-w", "\n%{http_version}"];
    const { stdout } = await curl(system.place("plain"), "/a", "--http2", ...version, "-b", "x=1");
    const [body = "", spoken] = stdout.split("\n");
    expect(spoken).toBe("2");
    expect(JSON.parse(body)).toMatchObject({ method: "GET", cookie: "x=1", "x-forwarded-proto": "https" });
  });

  test("a visitor that offers only HTTP/1.1 gets it", async () => {
    const { stdout } = await curl(system.place("plain"), "/a", "--http1.1", "-o", "/dev/null", "-w", "%{http_version}");
    expect(stdout).toBe("1.1");
  });

  test("bodies of many requests at once pass whole", async () => {
    const session = await visitor(system.place("plain"));
    const bodies = Array.from({ length: 8 }, (_, at) => BULK.subarray(at, MEBIBYTE + at));
    const answers = await Promise.all(
      bodies.map((body) => ask(session, { ":method": "POST", ":path": "/echo" }, { pieces: [body] })),
    );
    expect(answers.map(({ body }, at) => body.equals(bodies[at] ?? Buffer.of()))).toEqual(bodies.map(() => true));
  });

  test("requests for a host that is not served there are answered, and one connection goes on", async () => {
    const session = await visitor(system.place("plain"));
    const lost = await ask(session, { ":path": "/", ":authority": "nobody.test" });
    const found = await ask(session, { ":path": "/" });
    expect(lost.head).toMatchObject({ ":status": 404, "ngrok-error-code": "ERR_NGROK_3200" });
    expect(found.head).toMatchObject({ ":status": 200 });
  });

  describe.each(["grpc", "uninspected", "renamed"])("a gRPC-like call to %s", (name) => {
    const head = { ":method": "POST", ":path": "/echo", te: "trailers", "content-type": "application/grpc" };

    test("keeps its body and the trailers of both sides", async () => {
      const session = await visitor(system.place(name));
      const pieces = [BULK.subarray(0, 5), BULK];
      const answer = await ask(session, head, { pieces, trailers: { "x-sum": "7" } });
      expect(answer.body.equals(Buffer.concat(pieces))).toBe(true);
      expect(answer.head).toMatchObject({ ":status": 200, "content-type": "application/grpc" });
      expect(answer.trailers).toMatchObject({ "grpc-status": "0", "x-bytes": String(BULK.length + 5), "x-sum": "7" });
    });

    test("that is refused in its head is refused there", async () => {
      const answer = await ask(await visitor(system.place(name)), { ...head, ":path": "/refuse" }, { pieces: [] });
      expect([answer.head["grpc-status"], answer.body.length, answer.code]).toEqual(["5", 0, 0]);
    });

    test("that is cut is seen to be cut", async () => {
      const session = await visitor(system.place(name));
      const body = { pieces: [Buffer.from("x")], endsWhenAnswered: true };
      const answer = await ask(session, { ...head, ":path": "/cut" }, body);
      expect([answer.body.toString(), answer.code === 0]).toEqual(["part", false]);
    });
  });

  test("an upstream of HTTP/2 sees the request as the visitor of HTTP/1.1 sent it", async () => {
    const place = system.place("grpc");
    const { stdout } = await curl(place, "/a?b", "-i", "-H", "X-A: 1", "-H", "Connection: X-A, X-Forwarded-For");
    expect(stdout).toContain("\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n");
    const seen = JSON.parse(stdout.slice(stdout.indexOf("{"), stdout.lastIndexOf("}") + 1)) as object; // of our server
    expect(seen).toMatchObject({ ":method": "GET", ":path": "/a?b", ":authority": place.authority, "x-a": "1" });
    expect(seen).toMatchObject({ "x-forwarded-for": "127.0.0.1" });
    expect(Object.keys(seen)).not.toContain("connection");
  });

  test("an upstream of HTTP/2 sees the Host that the tunnel names", async () => {
    const { stdout } = await curl(system.place("renamed"), "/");
    expect(JSON.parse(stdout)).toMatchObject({ ":authority": "inside.test" });
  });

  test("visitors share one connection to an upstream of HTTP/2, and get another when it has ended", async () => {
    const place = system.place("grpc");
    await curl(place, "/");
    const before = grpc.connections;
    await Promise.all([curl(place, "/"), curl(place, "/"), curl(place, "/")]);
    expect(grpc.connections).toBe(before);
    grpc.cut();
    const { stdout } = await curl(place, "/", "--retry", "3", "--retry-all-errors", "-f");
    expect([JSON.parse(stdout), grpc.connections > before]).toMatchObject([{ ":path": "/" }, true]);
  });

  test("an upstream that speaks no HTTP/2 is a bad gateway, and nobody waits", async () => {
    const { stdout } = await curl(system.place("wrong"), "/", "-o", "/dev/null", "-w", "%{http_code}");
    expect(stdout).toBe("502");
  });

  test("h2load has every request answered", async () => {
    const place = system.place("plain");
    const url = `https://${place.authority}/`;
    const child = Bun.spawn(
      ["h2load", "-n", "400", "-c", "4", "-m", "20", `--connect-to=127.0.0.1:${place.port}`, url],
      { stdout: "pipe", stderr: "pipe" },
    );
    const [stdout] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    expect(stdout).toContain("400 succeeded, 0 failed, 0 errored, 0 timeout");
    expect(stdout).toContain("Application protocol: h2");
  });
});
