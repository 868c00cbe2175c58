/** What passes through unchanged: heads and bodies, byte for byte, between a raw visitor and a raw upstream. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { curl } from "../support/curl.ts";
import { PlayedUpstream } from "../support/played-upstream.ts";
import { rawVisitor } from "../support/raw-end.ts";
import { LAYOUTS, type Place, SCHEMES, START_MS, TunnelSystem } from "../support/tunnel-system.ts";

/** Request and response heads up to this size pass (reference.md 7.6). */
const HEAD_LIMIT_BYTES = 1024 * 1024;
/** Enough for start line, Host and the fields that the edge adds. */
const ROOM_BYTES = 1024;

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

describe.each(LAYOUTS)("Through %s", (layout) => {
  let upstream: PlayedUpstream;
  let system: TunnelSystem;
  beforeAll(async () => {
    upstream = new PlayedUpstream();
    system = await TunnelSystem.start(layout, { web: { addr: upstream.addr } });
  }, START_MS);
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    upstream[Symbol.dispose]();
  });

  describe.each(SCHEMES)("over %s", (scheme) => {
    const webPlace = (): Place => system.place("web", scheme);
    const host = (): string => `Host: ${webPlace().authority}\r\n`;
    /** What the edge adds for a visitor that sent none of it. */
    const forwarded = (): string =>
      `X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: ${scheme}\r\nX-Forwarded-Host: ${webPlace().authority}\r\n`;

    /** One exchange on connections of their own; what either side heard. */
    async function exchange(request: string, response: string): Promise<{ asked: string; answered: string }> {
      const visitor = await rawVisitor(webPlace());
      visitor.send(request);
      const server = await upstream.accept();
      // The edge adds fields in between.
      const asked = await server.gets(request.slice(request.indexOf("\r\n\r\n")));
      server.send(response);
      const answered = await visitor.gets(response.slice(-8));
      visitor.connection.end();
      await server.getsEnd();
      server.connection.end();
      await visitor.getsEnd();
      return { asked, answered };
    }

    test.each([
      [
        "names in any case, repeated, empty, and odd white space",
        "X-b:  1 \r\nx-B:2\r\nX-B:\t3\r\nEmpty:\r\nLatin: \xfc\r\n",
      ],
      [
        "fields that proxies like to take away",
        "Te: trailers\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\nConnection:  TE,keep-alive\r\nX-b: 1\r\n",
      ],
      ["an encoding that nobody undoes", 'Accept-Encoding: gzip, br\r\nRange: bytes=0-1\r\nIf-None-Match: W/"a"\r\n'],
    ])("a request keeps %s", async (_, fields) => {
      const { asked } = await exchange(`GeT /a%2F/../b?x={y}|"z" HTTP/1.1\r\n${host()}${fields}\r\n`, OK);
      expect(asked).toBe(`GeT /a%2F/../b?x={y}|"z" HTTP/1.1\r\n${host()}${fields}${forwarded()}\r\n`);
    });

    test("a request keeps the fields that it names in Connection, where they are named no more", async () => {
      const named = "X-b: 1\r\nCookie: a\r\n";
      const { asked } = await exchange(
        `GET / HTTP/1.1\r\n${host()}Connection: keep-alive, x-b, X-Forwarded-For\r\nconnection: Cookie,Host\r\n${named}\r\n`,
        OK,
      );
      expect(asked).toBe(`GET / HTTP/1.1\r\n${host()}Connection: keep-alive\r\n${named}${forwarded()}\r\n`);
    });

    test("forwarded fields that the visitor sent are continued, its X-Forwarded-Host is kept", async () => {
      const sent = "x-forwarded-for: 192.0.2.1, 192.0.2.2\r\nX-Forwarded-Proto: ftp\r\nX-Forwarded-Host: elsewhere\r\n";
      const { asked } = await exchange(`GET / HTTP/1.1\r\n${host()}${sent}\r\n`, OK);
      expect(asked).toContain("x-forwarded-for: 192.0.2.1, 192.0.2.2, 127.0.0.1\r\n");
      expect(asked).toContain(`X-Forwarded-Proto: ftp, ${scheme}\r\n`);
      expect(asked.match(/x-forwarded-host.*/gi)).toEqual(["X-Forwarded-Host: elsewhere"]);
    });

    test.each([
      ["OPTIONS *", "OPTIONS * HTTP/1.1"],
      ["HTTP/1.0", "GET /old HTTP/1.0"],
      ["an unknown method", "PROPFIND /x HTTP/1.1"],
    ])("%s passes", async (_, startLine) => {
      const kept = OK.replace("\r\n", "\r\nConnection: keep-alive\r\n");
      const { asked } = await exchange(`${startLine}\r\n${host()}Connection: keep-alive\r\n\r\n`, kept);
      expect(asked).toStartWith(`${startLine}\r\n${host()}`);
    });

    test("a target in absolute form names the endpoint, and passes as it is", async () => {
      const target = `${scheme}://${webPlace().authority}/x`;
      const { asked } = await exchange(`GET ${target} HTTP/1.1\r\n${host()}\r\n`, OK);
      expect(asked).toStartWith(`GET ${target} HTTP/1.1\r\n`);
    });

    test("chunk boundaries, extensions and trailers pass both ways", async () => {
      const body = '5;a=b;c="d;e"\r\nhello\r\n0003\r\nabc\r\n000;last\r\nT: 1\r\nt:2 \r\n\r\n';
      const request = `POST / HTTP/1.1\r\n${host()}TRANSFER-encoding: Chunked\r\nTrailer: T\r\n\r\n`;
      const response = "HTTP/1.1 200 \r\ntransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n";
      const { asked, answered } = await exchange(request + body, response + body);
      expect(asked).toBe(request.replace("\r\n\r\n", `\r\n${forwarded()}\r\n`) + body);
      expect(answered).toBe(response + body);
    });

    test.each([
      [
        "its status line, order, case and duplicates",
        "HTTP/1.1 299 Strange  Reason \xe9\r\nSet-Cookie: a\r\nset-cookie:b\r\nX:\r\nContent-Length: 0\r\nZ: 1\r\n\r\n",
      ],
      ["no reason", "HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc"],
      [
        "hop-by-hop fields",
        "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx",
      ],
      ["204", "HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n"],
      ["304 with the length of what it does not send", "HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n"],
      [
        "interim responses before it",
        `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </b>\r\n\r\n${OK}`,
      ],
    ])("a response keeps %s", async (_, response) => {
      expect((await exchange(`GET / HTTP/1.1\r\n${host()}\r\n`, response)).answered).toBe(response);
    });

    test("only the edge's own error code is taken from a response", async () => {
      const response =
        "HTTP/1.1 500 X\r\nA: 1\r\nNGROK-error-code: ERR_NGROK_3200\r\nContent-Length: 0\r\nB: 2\r\n\r\n";
      const { answered } = await exchange(`GET / HTTP/1.1\r\n${host()}\r\n`, response);
      expect(answered).toBe("HTTP/1.1 500 X\r\nA: 1\r\nContent-Length: 0\r\nB: 2\r\n\r\n");
    });

    test("the answer to HEAD has no body whatever it says", async () => {
      const response = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n";
      const visitor = await rawVisitor(webPlace());
      visitor.send(`HEAD / HTTP/1.1\r\n${host()}\r\n`);
      const server = await upstream.accept();
      await server.gets("\r\n\r\n");
      server.send(response);
      await visitor.gets(response);
      visitor.send(`GET /next HTTP/1.1\r\n${host()}\r\n`);
      await server.gets("GET /next");
      server.send(OK);
      expect(await visitor.gets(OK)).toBe(response + OK);
      visitor.connection.reset();
    });

    test("a response without a length lasts until the upstream ends", async () => {
      const visitor = await rawVisitor(webPlace());
      visitor.send(`GET / HTTP/1.1\r\n${host()}\r\n`);
      const server = await upstream.accept();
      await server.gets("\r\n\r\n");
      server.send("HTTP/1.1 200 OK\r\n\r\nsome");
      await visitor.gets("some");
      server.send(" more");
      server.connection.end();
      expect(await visitor.getsEnd()).toBe("HTTP/1.1 200 OK\r\n\r\nsome more");
      visitor.connection.reset();
    });

    test("heads of nearly 1 MB pass both ways", async () => {
      const field = `X: ${"a".repeat(HEAD_LIMIT_BYTES - ROOM_BYTES)}\r\n`;
      const request = `GET / HTTP/1.1\r\n${host()}${field}End: 1234567\r\n\r\n`;
      const response = `HTTP/1.1 200 OK\r\n${field}Content-Length: 10\r\n\r\n1234567890`;
      const { asked, answered } = await exchange(request, response);
      expect(asked === request.replace(/\r\n\r\n$/, `\r\n${forwarded()}\r\n`)).toBe(true);
      expect(answered === response).toBe(true);
    });

    test("a larger request head is refused with 431, a larger response head with 502", async () => {
      const tooLarge = `X: ${"a".repeat(HEAD_LIMIT_BYTES)}\r\n`;
      const before = upstream.untaken;
      const visitor = await rawVisitor(webPlace());
      visitor.send(`GET / HTTP/1.1\r\n${host()}${tooLarge}\r\n`);
      expect(await visitor.getsEnd()).toStartWith("HTTP/1.1 431 Request Header Fields Too Large\r\n");
      visitor.connection.end();
      expect(upstream.untaken).toBe(before);

      const second = await rawVisitor(webPlace());
      second.send(`GET / HTTP/1.1\r\n${host()}\r\n`);
      const server = await upstream.accept();
      await server.gets("\r\n\r\n");
      server.send(`HTTP/1.1 200 OK\r\n${tooLarge}\r\n`);
      expect(await second.gets("ERR_NGROK_3004\n")).toStartWith("HTTP/1.1 502 Bad Gateway\r\n");
      await server.getsCut();
      second.connection.reset();
    });

    test.each([
      ["two lengths", (h: string) => `POST / HTTP/1.1\r\n${h}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`, 400],
      [
        "length and coding",
        (h: string) => `POST / HTTP/1.1\r\n${h}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
        400,
      ],
      ["an unknown coding", (h: string) => `POST / HTTP/1.1\r\n${h}Transfer-Encoding: gzip, chunked\r\n\r\n`, 501],
      ["chunked twice", (h: string) => `POST / HTTP/1.1\r\n${h}Transfer-Encoding: chunked, chunked\r\n\r\n`, 400],
      ["a bare LF", (h: string) => `GET / HTTP/1.1\n${h}\r\n`, 400],
      ["a folded line", (h: string) => `GET / HTTP/1.1\r\n${h}X: a\r\n b\r\n\r\n`, 400],
      ["a space before the colon", (h: string) => `GET / HTTP/1.1\r\n${h}Content-Length : 3\r\n\r\nabc`, 400],
      ["no Host", () => "GET / HTTP/1.1\r\n\r\n", 400],
      ["two Hosts", (h: string) => `GET / HTTP/1.1\r\n${h}${h}\r\n`, 400],
      ["a target that contradicts Host", (h: string) => `GET ${scheme}://other.test/ HTTP/1.1\r\n${h}\r\n`, 400],
      ["NUL in a value", (h: string) => `GET / HTTP/1.1\r\n${h}X: a\0b\r\n\r\n`, 400],
      [
        "a chunk size that is none",
        (h: string) => `POST / HTTP/1.1\r\n${h}Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n`,
        400,
      ],
      ["another version", (h: string) => `GET / HTTP/2.0\r\n${h}\r\n`, 505],
      [
        "CONNECT",
        (h: string) => `CONNECT other.test:443 HTTP/1.1\r\n${h.replace(/: .*/, ": other.test:443")}\r\n`,
        501,
      ],
    ])("%s is refused and not handed on", async (_, request, status) => {
      const visitor = await rawVisitor(webPlace());
      // Whoever read the request in another way would find a second one here.
      visitor.send(`${request(host())}GET /smuggled HTTP/1.1\r\n${host()}\r\n`);
      const answer = await visitor.getsEnd();
      expect(answer).toStartWith(`HTTP/1.1 ${status} `);
      expect(answer.match(/^HTTP/gm)).toHaveLength(1);
      expect(answer).toMatch(/Ngrok-Error-Code: ERR_GINNEL_(BAD_REQUEST|CONNECT)\r\n/);
      visitor.connection.end();
    });

    test("curl waits for 100 Continue, and is told to go on by the upstream itself", async () => {
      const visiting = curl(
        webPlace(),
        "/up",
        "-X",
        "POST",
        "--data-binary",
        "the body",
        "-H",
        "Expect: 100-continue",
        "--expect100-timeout",
        "20",
        "-v",
      );
      const server = await upstream.accept();
      expect(await server.gets("\r\n\r\n")).not.toContain("the body");
      server.send("HTTP/1.1 100 Continue\r\n\r\n");
      await server.gets("the body");
      server.send(OK);
      const { stdout, stderr } = await visiting;
      expect(stdout).toBe("ok");
      expect(stderr).toContain("HTTP/1.1 100 Continue");
    });

    test("curl that expects 100 Continue keeps its body when the upstream refuses", async () => {
      const visiting = curl(
        webPlace(),
        "/up",
        "--data-binary",
        "the body",
        "-H",
        "Expect: 100-continue",
        "--expect100-timeout",
        "20",
        "-w",
        "%{http_code} %{size_upload}",
      );
      const server = await upstream.accept();
      await server.gets("\r\n\r\n");
      server.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      expect((await visiting).stdout).toBe("413 0");
      expect(server.heard.text).not.toContain("the body");
    });
  });
});
