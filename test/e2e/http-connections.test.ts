/** How exchanges follow each other on connections, and how they end before their time. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Agent, request as httpRequest } from "node:http";
import { request as httpsRequest, Agent as HttpsAgent } from "node:https";
import { curl } from "../support/curl.ts";
import { PlayedUpstream } from "../support/played-upstream.ts";
import { type RawEnd, rawVisitor } from "../support/raw-end.ts";
import { LAYOUTS, type Place, SCHEMES, START_MS, TunnelSystem } from "../support/tunnel-system.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** A body whose length its sender does not know. */
async function* pieces(): AsyncGenerator<string> {
  yield "one ";
  yield await Promise.resolve("two");
}

describe.each(LAYOUTS)("Through %s", (layout) => {
  let upstream: PlayedUpstream;
  let counting: Bun.Server<undefined>;
  let system: TunnelSystem;
  beforeAll(async () => {
    upstream = new PlayedUpstream();
    counting = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request) => {
        const { pathname } = new URL(request.url);
        return new Response(pathname === "/pieces" ? pieces() : pathname);
      },
    });
    const raw = { addr: upstream.addr };
    system = await TunnelSystem.start(layout, {
      raw,
      rewritten: { ...raw, host_header: "rewrite" },
      counting: { addr: counting.port ?? 0 },
    });
  }, START_MS);
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    upstream[Symbol.dispose]();
    await counting.stop(true);
  });

  // Rewriting the Host header makes the agent read HTTP too: the same must hold.
  describe.each([
    ["http", "raw"],
    ["https", "raw"],
    ["https", "rewritten"],
  ] as const)("over %s to the tunnel %s", (scheme, label) => {
    const place = (): Place => system.place(label, scheme);
    const get = (path: string, more = ""): string =>
      `GET ${path} HTTP/1.1\r\nHost: ${place().authority}\r\n${more}\r\n`;
    const post = (path: string, length: number, more = ""): string =>
      `POST ${path} HTTP/1.1\r\nHost: ${place().authority}\r\nContent-Length: ${length}\r\n${more}\r\n`;

    async function visit(request: string): Promise<{ visitor: RawEnd; server: RawEnd }> {
      const visitor = await rawVisitor(place());
      visitor.send(request);
      const server = await upstream.accept();
      await server.gets(request.slice(request.indexOf("\r\n\r\n")));
      return { visitor, server };
    }

    test("many requests on one connection use one connection to the upstream", async () => {
      const { visitor, server } = await visit(get("/0"));
      server.send(OK);
      await visitor.gets(OK);
      for (let i = 1; i < 50; i += 1) {
        visitor.send(get(`/${i}`));
        await server.gets(`GET /${i} `);
        server.send(OK);
        await visitor.gets(OK.repeat(i + 1));
      }
      visitor.connection.end();
      await server.getsEnd();
      server.connection.end();
      await visitor.getsEnd();
    });

    test("pipelined requests are answered in order, one at a time", async () => {
      const requests = get("/1") + post("/2", 3) + "abc" + get("/3", "Connection: close\r\n");
      const visitor = await rawVisitor(place());
      visitor.send(requests);
      const server = await upstream.accept();
      for (const path of ["/1", "/2", "/3"]) {
        expect(await server.gets(` ${path} `)).not.toContain(` /${Number(path.slice(1)) + 1} `);
        if (path === "/2") await server.gets("abc");
        server.send(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${path}`);
      }
      expect((await visitor.getsEnd()).match(/\/\d$|\/\d(?=HTTP)/g)).toEqual(["/1", "/2", "/3"]);
      visitor.connection.end();
      server.connection.end();
    });

    test("a visitor that ends its direction still gets its response", async () => {
      const { visitor, server } = await visit(get("/"));
      visitor.connection.end();
      server.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst");
      await visitor.gets("first");
      server.send("-last");
      expect(await visitor.getsEnd()).toEndWith("first-last");
      server.connection.end();
    });

    test.each(["close", "keep-alive"])(
      "a request with Connection: %s over HTTP/1.0 ends or stays as it asks",
      async (word) => {
        const { visitor, server } = await visit(
          `GET / HTTP/1.0\r\nHost: ${place().authority}\r\nConnection: ${word}\r\n\r\n`,
        );
        server.send(`HTTP/1.1 200 OK\r\nConnection: ${word}\r\nContent-Length: 2\r\n\r\nok`);
        await visitor.gets("ok");
        if (word === "keep-alive") {
          visitor.send(get("/again"));
          await server.gets("/again");
          visitor.connection.reset();
          return;
        }
        await visitor.getsEnd();
        visitor.connection.end();
        server.connection.end();
      },
    );

    test("a visitor of HTTP/1.0 gets neither interim responses nor chunks, but the end of the connection", async () => {
      const { visitor, server } = await visit(
        `GET / HTTP/1.0\r\nHost: ${place().authority}\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n`,
      );
      server.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
      await visitor.gets("ok");
      server.send("5\r\n-last\r\n0\r\nT: x\r\n\r\n");
      expect(await visitor.getsEnd()).toBe("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok-last");
      visitor.connection.end();
      await server.getsEnd();
      server.connection.end();
    });

    test.each(["end", "reset"] as const)(
      "an upstream that goes by %s in the middle of a body is seen as a cut",
      async (way) => {
        const { visitor, server } = await visit(get("/"));
        server.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        await visitor.gets("half");
        server.connection[way]();
        expect(await visitor.getsCut()).toEndWith("half");
      },
    );

    test.each(["end", "reset"] as const)(
      "an upstream that goes by %s in the middle of a chunk is seen as a cut",
      async (way) => {
        const { visitor, server } = await visit(get("/"));
        server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
        await visitor.gets("half\r\n");
        server.connection[way]();
        expect(await visitor.getsCut()).toEndWith("half\r\n");
      },
    );

    test("a reset in the middle of a response without a length is seen as a cut, not as its end", async () => {
      const { visitor, server } = await visit(get("/"));
      server.send("HTTP/1.1 200 OK\r\n\r\nhalf");
      await visitor.gets("half");
      server.connection.reset();
      await visitor.getsCut();
    });

    test("a visitor that goes is seen by the upstream, waiting or in the middle of a body", async () => {
      const waiting = await visit(get("/"));
      waiting.visitor.connection.reset();
      await waiting.server.heard.until(() => waiting.server.heard.isClosed);
      const sending = await visit(`${post("/", 10)}half`);
      sending.visitor.connection.reset();
      await sending.server.getsCut();
    });

    test("a visitor that ends in the middle of its body leaves a cut, not a whole request", async () => {
      const { visitor, server } = await visit(`${post("/", 10)}half`);
      visitor.connection.end();
      expect(await server.getsCut()).toEndWith("half");
      visitor.connection.reset();
    });

    test("an answer that comes before the request is whole arrives, and the rest of the request still goes", async () => {
      const { visitor, server } = await visit(`${post("/", 8)}half`);
      server.send(OK);
      await visitor.gets(OK);
      visitor.send("rest");
      await server.gets("halfrest");
      visitor.send(get("/next"));
      await server.gets("GET /next");
      server.send(OK);
      await visitor.gets(OK + OK);
      visitor.connection.reset();
    });

    test("an answer before the request is whole arrives when the upstream closes behind it", async () => {
      const { visitor, server } = await visit(`${post("/", 50_000_000)}half`);
      const answer = "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig";
      server.send(answer);
      server.connection.end();
      expect(await visitor.getsEnd()).toBe(answer);
      visitor.connection.reset();
      server.connection.reset();
    });

    test("both directions stream at the same time", async () => {
      const { visitor, server } = await visit(
        `POST / HTTP/1.1\r\nHost: ${place().authority}\r\nTransfer-Encoding: chunked\r\n\r\n`,
      );
      server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (let i = 0; i < 20; i += 1) {
        const chunk = `3\r\n${100 + i}\r\n`;
        visitor.send(chunk);
        await server.gets(chunk);
        server.send(chunk);
        await visitor.gets(chunk);
      }
      visitor.send("0\r\n\r\n");
      await server.gets("0\r\n\r\n");
      server.send("0\r\n\r\n");
      await visitor.gets("0\r\n\r\n");
      visitor.connection.reset();
    });

    test("each server-sent event is there before the next one is sent", async () => {
      const { visitor, server } = await visit(get("/events", "Accept: text/event-stream\r\n"));
      server.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
      await visitor.gets("\r\n\r\n");
      for (let i = 0; i < 10; i += 1) {
        server.send(`data: ${i}\n\n`);
        await visitor.gets(`data: ${i}\n\n`);
      }
      visitor.connection.reset();
      await server.heard.until(() => server.heard.isClosed);
    });

    test("an upgrade to a protocol that nobody knows carries bytes and both ends of it", async () => {
      const { visitor, server } = await visit(get("/", "Connection: keep-alive, Upgrade\r\nUpgrade: made-up/1\r\n"));
      // The first bytes of the new protocol may come together with the answer.
      server.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: made-up/1\r\n\r\n\0first");
      await visitor.gets("\r\n\r\n\0first");
      visitor.send("GET / HTTP/0.9\n\xff\0");
      await server.gets("GET / HTTP/0.9\n\xff\0");
      visitor.connection.end();
      await server.getsEnd();
      server.send("last");
      server.connection.end();
      expect(await visitor.getsEnd()).toEndWith("\0firstlast");
    });

    test("an upgrade that is declined is an ordinary exchange", async () => {
      const { visitor, server } = await visit(get("/", "Connection: Upgrade\r\nUpgrade: h2c\r\n"));
      server.send(OK);
      await visitor.gets(OK);
      visitor.send(get("/next"));
      await server.gets("GET /next");
      visitor.connection.reset();
    });

    test("curl tells a cut body from a whole one", async () => {
      const visiting = curl(place(), "/", "-i");
      const server = await upstream.accept();
      await server.gets("\r\n\r\n");
      server.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
      server.connection.end();
      const { code, stdout } = await visiting;
      expect(stdout).toStartWith("HTTP/1.1 200 OK");
      expect([18, 56]).toContain(code);
    });

    test("a kept connection that the upstream closed is replaced without the visitor's noticing", async () => {
      const { visitor, server } = await visit(get("/1"));
      server.send(OK);
      await visitor.gets(OK);
      server.connection.end();
      await server.getsEnd();
      visitor.send(get("/2"));
      const next = await upstream.accept();
      await next.gets("GET /2");
      next.send(OK);
      await visitor.gets(OK + OK);
      visitor.connection.reset();
    });
  });

  test.each(SCHEMES)(
    "curl as a client of HTTP/1.0 gets whole bodies over %s, with a length and in pieces",
    async (scheme) => {
      const place = system.place("counting", scheme);
      expect(await curl(place, "/length", "--http1.0")).toMatchObject({ code: 0, stdout: "/length" });
      const { code, stdout } = await curl(place, "/pieces", "--http1.0", "-i", "--raw");
      expect([code, stdout.slice(stdout.indexOf("\r\n\r\n"))]).toEqual([0, "\r\n\r\none two"]);
    },
  );

  test("requests as ab -k makes them get their answers: who is not told that the connection stays waits for its end", async () => {
    const place = system.place("counting", "http");
    const head = `GET /ab HTTP/1.0\r\nConnection: Keep-Alive\r\nHost: ${place.authority}\r\nUser-Agent: ApacheBench/2.3\r\nAccept: */*\r\n\r\n`;
    let visitor = await rawVisitor(place);
    for (let i = 0, from = 0; i < 20; i += 1) {
      visitor.send(head);
      await visitor.heard.until(() => visitor.heard.text.includes("\r\n\r\n", from));
      const isKept = /keep-alive/i.test(visitor.heard.text.slice(from));
      if (isKept) await visitor.heard.until(() => visitor.heard.text.endsWith("\r\n\r\n/ab"));
      else await visitor.getsEnd();
      expect(visitor.heard.text.slice(from)).toEndWith("\r\n\r\n/ab");
      from = visitor.heard.text.length;
      if (isKept) continue;
      visitor.connection.end();
      visitor = await rawVisitor(place);
      from = 0;
    }
    visitor.connection.reset();
  });

  test.each(SCHEMES)("a browser's six kept connections over %s get all their answers", async (scheme) => {
    const { port, host, authority, caPem } = system.place("counting", scheme);
    const tls = { ca: caPem, servername: host };
    const agent =
      scheme === "http"
        ? new Agent({ keepAlive: true, maxSockets: 6 })
        : new HttpsAgent({ keepAlive: true, maxSockets: 6, ...tls });
    const fetchPath = (path: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const request = scheme === "http" ? httpRequest : httpsRequest;
        const options = {
          host: "127.0.0.1",
          port,
          path,
          agent,
          headers: { Host: authority },
          ...(scheme === "https" ? tls : {}),
        };
        request(options, (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => resolve(Buffer.concat(chunks).toString()));
          response.on("error", reject);
        })
          .on("error", reject)
          .end();
      });
    const paths = Array.from({ length: 200 }, (_, i) => `/${i}`);
    expect(await Promise.all(paths.map(fetchPath))).toEqual(paths);
    agent.destroy();
  });
});
