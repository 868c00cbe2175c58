import { afterEach, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTls } from "node:tls";
import { systemClock } from "../../src/base/clock.ts";
import type { EdgeOptions } from "../../src/edge/edge.ts";
import { MAX_GATHERED_BYTES_OF_ADDRESS, MAX_UNREAD_BYTES_OF_ADDRESS, OwnSites } from "../../src/edge/own-sites.ts";
import type { Endpoint } from "../../src/edge/endpoint.ts";
import type { SiteHead } from "../../src/edge/own-site.ts";
import { OpenVisitors } from "../../src/edge/open-visitors.ts";
import { AccessLog } from "../../src/edge/operations/access-log.ts";
import { BODY_GRACE_MS, BODY_MS } from "../../src/edge/visitors/gathered-body.ts";
import { HttpVisitor } from "../../src/edge/visitors/http-visitor.ts";
import { PolicyBodyRoom } from "../../src/edge/visitors/policy-bodies.ts";
import { SITE_ANSWER_MS } from "../../src/edge/visitors/site-call.ts";
import { IdleWatch } from "../../src/net/idle-watch.ts";
import { pipe } from "../../src/net/pipe.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { NEVER, type PlayedAnswer, PlayedSite } from "../support/played-site.ts";
import { RawEnd, rawVisitor } from "../support/raw-end.ts";
import { recordingLog } from "../support/recording-log.ts";
import { endpointOf, ScriptedAgent } from "../support/scripted-agent.ts";
import { EDGE_CA_PEM, LOOPBACK, testEdge, type TestEdge } from "../support/test-edge.ts";
import { eventually, quiet } from "../support/turns.ts";
import { visit } from "../support/visit.ts";

const HOST = "api.edge.test";
const GET = `GET /a HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

interface Scene {
  readonly edge: TestEdge;
  readonly site: PlayedSite;
  readonly clock: ManualClock;
}

function scene(answer?: PlayedAnswer, more: Partial<EdgeOptions> = {}): Scene {
  const clock = new ManualClock();
  const site = new PlayedSite(HOST, answer);
  const edge = testEdge({ sites: [site], ...more }, clock);
  ends.push(edge.end);
  return { edge, site, clock };
}

interface Inside {
  readonly site: PlayedSite;
  /** Serves the endpoint app.test. */
  readonly agent: ScriptedAgent;
  readonly sites: OwnSites;
  /** One that has sent this. */
  readonly visitor: (sent: string, ip?: string) => RawEnd;
}

/** Sites and their visitors in memory. */
function withoutEdge(answer: PlayedAnswer): Inside {
  const clock = new ManualClock();
  const site = new PlayedSite(HOST, answer);
  const sites = new OwnSites({ sites: [site], httpsPort: () => 443, clock, log: recordingLog().log });
  const visitors = new OpenVisitors();
  const times = { clock, idleWatch: new IdleWatch(clock), idleMs: 300_000, headMs: 30_000 };
  const agent = new ScriptedAgent();
  const endpoint = endpointOf(agent, "app.test");
  const findEndpoint = (_: string, host: string): Endpoint | undefined =>
    host === endpoint.host ? endpoint : undefined;
  const services = { ...times, sites, visitors, findEndpoint, policyBodies: new PolicyBodyRoom() };
  const newVisitor = (sent: string, ip = "192.0.2.7"): RawEnd => {
    const [edgeEnd, end] = pipe({ remoteAddresses: [`${ip}:5000`, "<edge>"] });
    ends.push(() => end.reset());
    new HttpVisitor(edgeEnd, services, { scheme: "https" }).start(Buffer.from(sent));
    return new RawEnd(end);
  };
  return { site, agent, sites, visitor: newVisitor };
}

async function visitor(
  { edge }: Pick<Scene, "edge">,
  scheme: "http" | "https" = "https",
  host = HOST,
): Promise<RawEnd> {
  const port = scheme === "http" ? edge.http : edge.https;
  const end = await rawVisitor({ scheme, host, port, authority: host, caPem: EDGE_CA_PEM });
  ends.push(() => end.connection.reset());
  return end;
}

/** Answers of a connection that are whole texts behind heads with Content-Length. */
const bodies = (heard: string): string[] =>
  heard
    .split(/HTTP\/1\.1 \d+ .*\r\n/)
    .slice(1)
    .map((each) => each.slice(each.indexOf("\r\n\r\n") + 4));

const statuses = (heard: string): number[] =>
  [...heard.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

describe("a site of the edge's own", () => {
  test("gets the request as the visitor sent it, and its response goes back", async () => {
    const answer: PlayedAnswer = () => {
      const headers = new Headers({ "Content-Type": "text/plain", Date: "never", Connection: "close" });
      headers.append("Set-Cookie", "a=1");
      headers.append("Set-Cookie", "b=2; Path=/");
      return new Response("grüß", { status: 201, headers });
    };
    const { edge, site } = scene(answer);
    const visited = await visit(HOST, {
      port: edge.https,
      caPem: EDGE_CA_PEM,
      method: "PUT",
      path: "//evil.test/../b?c=%20d",
      headers: { "X-Dup": "1", "Content-Length": "3", Connection: "keep-alive", Accept: "é" },
      body: Buffer.from("abc"),
    });
    expect(visited.status).toBe(201);
    expect(visited.headers["set-cookie"]).toEqual(["a=1", "b=2; Path=/"]);
    expect(visited.headers).toMatchObject({
      "content-length": "6",
      "content-type": "text/plain",
      date: ManualClock.dateAt(0).toUTCString(),
    });
    expect(visited.body.toString()).toBe("grüß");
    const asked = await site.request();
    expect(asked).toMatchObject({ method: "PUT", url: `https://${HOST}//b?c=%20d`, body: "abc", ip: LOOPBACK });
    expect(Object.fromEntries(asked.headers)).toMatchObject({ host: HOST, "x-dup": "1", accept: "é" });
    expect(asked.signal.aborted).toBe(false);
  });

  test("has the public port in its URLs", async () => {
    const { edge, site } = scene(undefined, { publicPorts: { http: undefined, https: undefined } });
    await visit(HOST, { port: edge.https, caPem: EDGE_CA_PEM });
    expect((await site.request()).url).toBe(`https://${HOST}:${edge.https}/`);
  });

  test("serves pipelined requests of a connection in order, one at a time", async () => {
    const s = scene();
    const visiting = await visitor(s);
    const post = `POST /b HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\n\r\n`;
    const last = `GET /c HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`;
    visiting.send(GET + post + last);
    const heard = await visiting.getsEnd();
    expect(bodies(heard)).toEqual([
      `GET https://${HOST}/a []`,
      `POST https://${HOST}/b [xy]`,
      `GET https://${HOST}/c []`,
    ]);
    expect(heard.match(/Connection: close/g)).toHaveLength(1);
  });

  test("gets the same wherever a request is cut", async () => {
    const s = scene();
    const visiting = await visitor(s);
    const post = `POST /b HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\n\r\n`;
    for (let cut = 1; cut < post.length; cut++) {
      visiting.send(post.slice(0, cut));
      await quiet();
      visiting.send(post.slice(cut));
      await s.site.request(cut);
    }
    expect(new Set(s.site.asked.map(({ body }) => body))).toEqual(new Set(["xy"]));
    await eventually("all were answered", () => bodies(visiting.heard.text).length === post.length - 1);
  });

  test("is told of no body that is larger than it takes", async () => {
    const s = scene();
    const head = `POST / HTTP/1.1\r\nHost: ${HOST}\r\nExpect: 100-continue\r\n`;
    const byLength = await visitor(s);
    byLength.send(`${head}Content-Length: 1001\r\n\r\n`);
    expect(statuses(await byLength.getsEnd())).toEqual([413]);
    const byChunks = await visitor(s);
    byChunks.send(`${head}Transfer-Encoding: chunked\r\n\r\n`);
    await byChunks.gets("100 Continue\r\n\r\n");
    byChunks.send(`3e9\r\n${"x".repeat(1001)}\r\n0\r\n\r\n`);
    expect(await byChunks.getsEnd()).toContain("HTTP/1.1 413 Payload Too Large\r\n");
    expect(s.site.asked).toEqual([]);
  });

  test("takes a body that waits for 100 Continue", async () => {
    const s = scene();
    const visiting = await visitor(s);
    visiting.send(`POST / HTTP/1.1\r\nHost: ${HOST}\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n`);
    await visiting.gets("100 Continue\r\n\r\n");
    visiting.send("y".repeat(1_000));
    await visiting.gets(`POST https://${HOST}/ [${"y".repeat(1_000)}]`);
  });

  test("answers for the head alone who may send no body, and keeps none of it", async () => {
    const s = scene();
    const heads: SiteHead[] = [];
    s.site.bodyLimit = (head) => {
      heads.push(head);
      return 0;
    };
    const visiting = await visitor(s);
    visiting.send(`POST /a?b HTTP/1.1\r\nHost: ${HOST}\r\nX-A: 1\r\nContent-Length: 1000\r\n\r\nsome of it`);
    await visiting.gets(`POST https://${HOST}/a?b []`);
    expect(heads.map(({ path, headers }) => [path, headers.get("x-a")])).toEqual([["/a", "1"]]);
    visiting.send("x".repeat(990));
    expect(statuses(await visiting.getsEnd())).toEqual([200]);
  });

  test("refuses a body that is longer than this request may have", async () => {
    const s = scene();
    s.site.bodyLimit = () => 10;
    const visiting = await visitor(s);
    visiting.send(`POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 11\r\n\r\n`);
    expect(statuses(await visiting.getsEnd())).toEqual([413]);
  });

  test("is not asked when the body comes too slowly", async () => {
    const s = scene();
    const visiting = await visitor(s);
    visiting.send(`POST / HTTP/1.1\r\nHost: ${HOST}\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\nx`);
    await visiting.gets("100 Continue\r\n\r\n");
    s.clock.advance(BODY_GRACE_MS + 1_000);
    expect(statuses(await visiting.getsEnd())).toEqual([100, 408]);
    expect(s.site.asked).toEqual([]);
  });

  test("is not asked when the body does not come in time", async () => {
    const s = scene();
    const visiting = await visitor(s);
    visiting.send(`POST / HTTP/1.1\r\nHost: ${HOST}\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nx`);
    await visiting.gets("100 Continue\r\n\r\n");
    s.clock.advance(BODY_MS);
    expect(statuses(await visiting.getsEnd())).toEqual([100, 408]);
    expect(s.site.asked).toEqual([]);
  });

  test("that never answers is waited for no longer than its limit", async () => {
    const s = scene(NEVER);
    const visiting = await visitor(s);
    visiting.send(GET);
    const { signal } = await s.site.request();
    s.clock.advance(SITE_ANSWER_MS);
    expect(await visiting.gets("ERR_GINNEL_SITE_TIMEOUT\r\n")).toStartWith("HTTP/1.1 504 ");
    expect(signal.aborted).toBe(true);
    s.site.answer = () => new Response("again");
    visiting.send(GET);
    await visiting.gets("again");
  });

  /** What only looks like a response: the constructors of the runtime refuse some of it. */
  const forged = (fields: readonly (readonly [string, string])[]): Response => {
    const response = new Response("x");
    Object.defineProperty(response, "headers", { value: new Map(fields) });
    return response;
  };

  test.each<readonly [string, PlayedAnswer]>([
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
    ["rejects", () => Promise.reject(new Error("broken"))],
    ["sets a field with a line end", () => new Response("x", { headers: { "X-A": "a\r\nX-Evil: 1" } })],
    ["forges a field with a line end", () => forged([["x-a", "a\r\nX-Evil: 1"]])],
    ["forges a name with a line end", () => forged([["x-a: a\r\nX-Evil", "1"]])],
    ["sets a field with a control character", () => new Response("x", { headers: { "X-A": "a\x01b" } })],
    ["answers with no response", () => Response.error()],
    ["answers with an interim status", () => new Response(null, { status: 101 })],
    ["breaks off its body", () => new Response(new ReadableStream({ pull: (c) => c.error(new Error("broken")) }))],
  ])("that %s costs that request alone", async (_, answer) => {
    const s = scene(answer);
    const visiting = await visitor(s);
    visiting.send(GET);
    const heard = await visiting.gets("ERR_GINNEL_SITE_FAULT\n");
    expect(statuses(heard)).toEqual([500]);
    expect(heard).not.toContain("Evil");
    expect(s.edge.log.filter(({ level }) => level === "error").map(({ message }) => message)).toEqual([
      "a site of the edge failed",
    ]);
    s.site.answer = () => new Response("again");
    visiting.send(GET);
    await visiting.gets("again");
  });

  test.each([
    ["HEAD of a whole response", "HEAD", () => new Response("four"), "Content-Length: 4\r\n\r\n"],
    [
      "HEAD of a response that was stripped",
      "HEAD",
      () => new Response(null, { headers: { "Content-Length": "77" } }),
      "Content-Length: 77\r\n\r\n",
    ],
    ["HEAD of an unknown length", "HEAD", () => new Response(null, { headers: { "X-End": "1" } }), "x-end: 1\r\n\r\n"],
    ["204", "DELETE", () => new Response(null, { status: 204, headers: { "X-End": "1" } }), "x-end: 1\r\n\r\n"],
    ["304", "GET", () => new Response(null, { status: 304, headers: { ETag: '"x"' } }), 'etag: "x"\r\n\r\n'],
  ] as const)("sends no body where there is none: %s", async (_, method, answer, end) => {
    const s = scene(answer);
    const visiting = await visitor(s);
    visiting.send(GET.replace("GET", method));
    expect(await visiting.gets(end)).toEndWith(end);
    s.site.answer = () => new Response("next");
    visiting.send(GET);
    expect(bodies(await visiting.gets("next"))).toEqual(["", "next"]);
  });

  test("is not asked with a method that would become another one", async () => {
    const s = scene();
    const visiting = await visitor(s);
    for (const method of ["FOO", "TRACK", "get"]) {
      const before = visiting.heard.bytesHeard;
      visiting.send(GET.replace("GET", method));
      await visiting.heard.until(() => visiting.heard.text.slice(before).endsWith("ERR_GINNEL_UNKNOWN_METHOD\n"));
    }
    visiting.send("CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n");
    expect(statuses(await visiting.getsEnd())).toEqual([501, 501, 501, 501]);
    expect(s.site.asked).toEqual([]);
  });

  test("hears that a visitor has left, and keeps nothing", async () => {
    const late = Promise.withResolvers<Response>();
    const { log, lines } = recordingLog();
    const s = scene(() => late.promise, { accessLog: new AccessLog({ log, showsQuery: false, clock: systemClock }) });
    const visiting = await visitor(s);
    visiting.send(GET);
    const { signal } = await s.site.request();
    visiting.connection.reset();
    await eventually("the call was dropped", () => signal.aborted);
    late.reject(new Error("too late"));
    await quiet();
    expect(s.edge.log.filter(({ level }) => level === "error")).toEqual([]);
    expect(lines.map(({ fields }) => [fields["host"], fields["outcome"]])).toEqual([[HOST, "cut"]]);
  });

  test("is counted and noted like everything else", async () => {
    const { log, lines } = recordingLog();
    const { edge } = scene(undefined, { accessLog: new AccessLog({ log, showsQuery: false, clock: systemClock }) });
    await visit(HOST, { port: edge.https, caPem: EDGE_CA_PEM, path: "/p?q=1" });
    const [line] = lines;
    expect(line?.fields).toMatchObject({ proto: "https", host: HOST, path: "/p", status: 200, outcome: "answered" });
    expect(edge.edge.meters.exchanges(2)).toBe(1);
  });

  test("ends what is under way when the edge stops", async () => {
    const late = Promise.withResolvers<Response>();
    const s = scene(() => late.promise);
    const visiting = await visitor(s);
    visiting.send(GET);
    await s.site.request();
    const stopped = s.edge.edge.stop(new AbortController().signal);
    late.resolve(new Response("bye"));
    const heard = await visiting.getsEnd();
    expect(heard).toContain("Connection: close\r\n");
    expect(heard).toEndWith("bye");
    await stopped;
  });

  test("makes a visitor read one answer before it gives the next", async () => {
    const s = withoutEdge(() => new Response("z".repeat(1024 * 1024)));
    const { connection, heard } = s.visitor(GET.repeat(20));
    connection.pause();
    await s.site.request(1);
    await quiet();
    expect(s.site.asked.length).toBeLessThan(3);
    connection.resume();
    await s.site.request(20);
    await heard.until(() => heard.bytesHeard > 20 * 1024 * 1024);
  });

  test("is the only one to see a body, on a connection that led to an agent before", async () => {
    const s = withoutEdge(() => new Response("taken"));
    const { connection, heard } = s.visitor("GET /x HTTP/1.1\r\nHost: app.test\r\n\r\n");
    const stream = await s.agent.stream(0, "\r\n\r\n");
    stream.end.write(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    await heard.until(() => heard.text.endsWith("ok"));
    connection.write(Buffer.from(`POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 6\r\n\r\nsecret`));
    await heard.until(() => heard.text.endsWith("taken"));
    expect((await s.site.request()).body).toBe("secret");
    expect(stream.heard.text).not.toContain("secret");
  });

  test("answers visitors that speak HTTP/2", async () => {
    const { edge, site } = scene(({ method, body }) => new Response(`${method} ${body}`, { headers: { "X-A": "1" } }));
    const session = connectHttp2(`https://${HOST}:${edge.https}`, {
      ca: EDGE_CA_PEM,
      servername: HOST,
      createConnection: () =>
        connectTls({ host: LOOPBACK, port: edge.https, servername: HOST, ca: EDGE_CA_PEM, ALPNProtocols: ["h2"] }),
    });
    ends.push(() => session.destroy());
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const stream = session.request({ ":path": `/${at}`, ":method": "POST", ":authority": HOST });
        stream.end(`body ${at}`);
        let text = "";
        stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        const [head] = await once(stream, "response");
        await once(stream, "end");
        return `${head[":status"]} ${head["x-a"]} ${text}`;
      }),
    );
    expect(answers).toEqual(Array.from({ length: 20 }, (_, at) => `200 1 POST body ${at}`));
    expect(site.asked).toHaveLength(20);
  });
});

describe("the name of a site", () => {
  test("has a certificate like names of the edge, also outside of its domains", async () => {
    const site = new PlayedSite("manage.elsewhere.test");
    const { edge } = scene(undefined, { sites: [site] });
    await visit(site.host, { port: edge.https, caPem: EDGE_CA_PEM });
    expect(edge.issued).toContainEqual([site.host]);
  });

  test("is no endpoint's, under whatever wildcard", async () => {
    const s = scene();
    const { bind } = await s.edge.agent();
    await bind({ Proto: "https", Opts: { Hostname: "*.edge.test" } });
    await bind({ Proto: "http", Opts: { Hostname: "*.edge.test" } });
    expect((await visit(HOST, { port: s.edge.https, caPem: EDGE_CA_PEM })).body.toString()).toContain(
      `https://${HOST}/`,
    );
    expect((await visit(HOST, { port: s.edge.http })).status).toBe(308);
  });

  test("is no tls endpoint's either", async () => {
    const s = scene();
    const { bind } = await s.edge.agent();
    await bind({ Proto: "tls", Opts: { Hostname: "*.edge.test" } });
    expect((await visit(HOST, { port: s.edge.https, caPem: EDGE_CA_PEM })).status).toBe(200);
  });

  test.each([
    ["another name of the handshake", "other.edge.test", HOST, 421],
    ["another site's name in the handshake", "docs.edge.test", HOST, 200],
    ["an endpoint's name behind a site's handshake", HOST, "app.edge.test", 421],
  ])("must be that of the handshake: %s", async (_, serverName, host, status) => {
    const s = scene(undefined, { sites: [new PlayedSite(HOST), new PlayedSite("docs.edge.test")] });
    const { bind } = await s.edge.agent();
    await bind({ Proto: "https", Opts: { Hostname: "app.edge.test" } });
    await bind({ Proto: "https", Opts: { Hostname: "*.edge.test" } });
    const visiting = await visitor(s, "https", serverName);
    visiting.send(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(statuses(await visiting.getsEnd())).toEqual([status]);
  });

  test.each([
    ["GET", 308, `Location: https://${HOST}/a?b=%22\r\n`],
    ["HEAD", 308, `Location: https://${HOST}/a?b=%22\r\n`],
    ["POST", 403, "Ngrok-Error-Code: ERR_GINNEL_HTTPS_ONLY\r\n"],
  ])("is served by https alone: %s", async (method, status, field) => {
    const s = scene();
    const visiting = await visitor(s, "http");
    visiting.send(`${method} /a?b=" HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`);
    const heard = await visiting.getsEnd();
    expect(statuses(heard)).toEqual([status]);
    expect(heard).toContain(field);
    expect(s.site.asked).toEqual([]);
  });
});

describe("OwnSites", () => {
  test("has no room for another body until the one before is done with, or its visitor has left", async () => {
    const s = withoutEdge(NEVER);
    s.sites.gathered.take("192.0.2.7", MAX_GATHERED_BYTES_OF_ADDRESS - 1_000);
    const post = `POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 1000\r\n\r\n${"x".repeat(1_000)}`;
    const first = s.visitor(post);
    await s.site.request();
    await s.visitor(post).gets("HTTP/1.1 503 Service Unavailable\r\n");
    // Others have room.
    s.visitor(post, "192.0.2.8");
    await s.site.request(2);
    first.connection.reset();
    await eventually("the first was dropped", () => s.site.asked[0]?.signal.aborted === true);
    s.site.answer = () => new Response("done");
    const heard = await s.visitor(post + post).gets("done");
    expect(heard).toStartWith("HTTP/1.1 200 OK\r\n");
    await s.site.request(4);
  });

  test("has no room for another answer until those before have been read, or their visitors have left", async () => {
    const body = "y".repeat(MAX_UNREAD_BYTES_OF_ADDRESS / 2);
    const s = withoutEdge(() => new Response(body));
    const readers = Array.from({ length: 2 }, () => s.visitor(GET));
    for (const { connection } of readers) connection.pause();
    await s.site.request(2);
    await s.visitor(GET).gets("HTTP/1.1 503 Service Unavailable\r\n");
    await s.visitor(GET, "192.0.2.8").gets("HTTP/1.1 200 OK\r\n");
    const hasRoom = (bytes: number): boolean => {
      const isTaken = s.sites.unread.take("192.0.2.7", bytes);
      if (isTaken) s.sites.unread.give("192.0.2.7", bytes);
      return isTaken;
    };
    expect(hasRoom(1)).toBe(false);
    readers[0]?.connection.reset();
    await eventually("what was not read is forgotten", () => hasRoom(MAX_UNREAD_BYTES_OF_ADDRESS / 2));
    readers[1]?.connection.resume();
    await eventually("the other has read", () => hasRoom(MAX_UNREAD_BYTES_OF_ADDRESS));
  });

  test.each([
    ["/a?b", 443, "https://h.test/a?b"],
    ["*", 8443, "https://h.test:8443/"],
    ["//evil/x", undefined, "https://h.test//evil/x"],
  ])("says what %s at port %p is called in public", (originForm, port, url) => {
    const site = new PlayedSite("h.test");
    const sites = new OwnSites({ sites: [site], httpsPort: () => port, clock: systemClock, log: recordingLog().log });
    expect(sites.urlOf(site, originForm)).toBe(url);
  });
});
