/** Visitors that speak HTTP/1.0 over real sockets: what they understand, and when their connection ends. */
import { afterEach, describe, expect, test } from "bun:test";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { RawEnd } from "../support/raw-end.ts";
import { type EdgeAgent, LOOPBACK, testEdge } from "../support/test-edge.ts";
import { eventually } from "../support/turns.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

type Proxied = EdgeAgent["agent"]["proxies"][number];

interface Scene {
  readonly visit: (request: string) => Promise<RawEnd>;
  /** The stream of that number at the agent, once it is open. */
  readonly stream: (index: number) => Promise<Proxied>;
}

/** An edge with one agent that serves a.edge.test. */
async function scene(options: object = {}): Promise<Scene> {
  const edge = testEdge();
  ends.push(edge.end);
  const { agent, bind } = await edge.agent();
  await bind({ Proto: "http", Opts: { Domain: "a.edge.test", ...options } });
  return {
    visit: async (request) => {
      const connection = await dialTcp({ host: LOOPBACK, port: edge.http }, { timeoutMs: 5_000 });
      ends.push(() => connection.reset());
      const visitor = new RawEnd(connection);
      visitor.send(request);
      return visitor;
    },
    stream: async (index) => {
      await eventually("the agent has the stream", () => agent.proxies.length > index);
      const proxied = agent.proxies[index];
      if (proxied === undefined) throw new Error("no stream");
      return proxied;
    },
  };
}

const say = ({ stream }: Proxied, text: string): boolean => stream.write(Buffer.from(text, "latin1"));
const get = (fields = "", method = "GET"): string => `${method} / HTTP/1.0\r\nHost: a.edge.test\r\n${fields}\r\n`;
const KEEP = "Connection: Keep-Alive\r\n";
const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n`;

interface Case {
  readonly name: string;
  readonly asked: string;
  readonly answer: string;
  readonly heard: string;
}

const LAST: readonly Case[] = [
  {
    name: "a length",
    asked: get(),
    answer: `${OK}Content-Length: 2\r\n\r\nok`,
    heard: `${OK}Content-Length: 2\r\nConnection: close\r\n\r\nok`,
  },
  {
    name: "a length, from an upstream that would go on",
    asked: get(),
    answer: `${OK}Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 2\r\n\r\nok`,
    heard: `${OK}Connection: close\r\nContent-Length: 2\r\n\r\nok`,
  },
  {
    name: "a length, from an upstream that would not, to a visitor that would",
    asked: get(KEEP),
    answer: `${OK}Connection: close\r\nContent-Length: 2\r\n\r\nok`,
    heard: `${OK}Connection: close\r\nContent-Length: 2\r\n\r\nok`,
  },
  {
    name: "chunks and trailers",
    asked: get(),
    answer: `${CHUNKED}Trailer: T\r\n\r\n3;x=y\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nT: x\r\n\r\n`,
    heard: `${OK}Connection: close\r\n\r\nabc0123456789abcdef`,
  },
  {
    name: "chunks, to a visitor that would go on",
    asked: get(KEEP),
    answer: `${CHUNKED}Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    heard: `${OK}Connection: close\r\n\r\nok`,
  },
  {
    name: "no chunk at all",
    asked: get(),
    answer: `${CHUNKED}\r\n0\r\n\r\n`,
    heard: `${OK}Connection: close\r\n\r\n`,
  },
  {
    name: "interim responses before it",
    asked: get(),
    answer: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`,
    heard: `${OK}Content-Length: 2\r\nConnection: close\r\n\r\nok`,
  },
];

const KEPT: readonly Case[] = [
  {
    name: "a length",
    asked: get(KEEP),
    answer: `${OK}Content-Length: 2\r\n\r\nok`,
    heard: `${OK}Content-Length: 2\r\nConnection: keep-alive\r\n\r\nok`,
  },
  {
    name: "a length that says so itself",
    asked: get(KEEP),
    answer: `${OK}Connection: Keep-Alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 2\r\n\r\nok`,
    heard: `${OK}Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 2\r\n\r\nok`,
  },
  {
    name: "no body, as HEAD wants it",
    asked: get(KEEP, "HEAD"),
    answer: `${CHUNKED}\r\n`,
    heard: `${OK}Connection: keep-alive\r\n\r\n`,
  },
  {
    name: "no body, as its status has it",
    asked: get(KEEP),
    answer: "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
    heard: "HTTP/1.1 304 Not Modified\r\nConnection: keep-alive\r\n\r\n",
  },
];

describe("A visitor of HTTP/1.0", () => {
  test.each(LAST)("gets a last response with $name", async ({ asked, answer, heard }) => {
    const { visit, stream } = await scene();
    const visitor = await visit(asked);
    say(await stream(0), answer);
    expect(await visitor.getsEnd()).toBe(heard);
  });

  test.each(LAST)("gets the same when it comes octet by octet: $name", async ({ asked, answer, heard }) => {
    const { visit, stream } = await scene();
    const visitor = await visit(asked);
    const agent = await stream(0);
    for (const octet of answer) say(agent, octet);
    expect(await visitor.getsEnd()).toBe(heard);
  });

  test.each(KEPT)("keeps its connection after a response with $name", async ({ asked, answer, heard }) => {
    const { visit, stream } = await scene();
    const visitor = await visit(asked);
    const agent = await stream(0);
    say(agent, answer);
    await visitor.heard.until(() => visitor.heard.bytesHeard >= heard.length);
    visitor.send(asked);
    await agent.heard.until(() => agent.heard.text.endsWith("\r\n\r\n"));
    say(agent, answer);
    await visitor.heard.until(() => visitor.heard.bytesHeard >= 2 * heard.length);
    expect(visitor.heard.text).toBe(heard + heard);
    expect(visitor.heard.hasEnded).toBe(false);
  });

  test("gets chunks as they come", async () => {
    const { visit, stream } = await scene();
    const visitor = await visit(get());
    const agent = await stream(0);
    say(agent, `${CHUNKED}\r\n5\r\nfirst\r\n4\r\nse`);
    await visitor.gets("\r\n\r\nfirstse");
    say(agent, "co\r\n0\r\n\r\n");
    expect(await visitor.getsEnd()).toEndWith("\r\n\r\nfirstseco");
  });

  test("sees a reset when its chunks are cut", async () => {
    const { visit, stream } = await scene();
    const visitor = await visit(get());
    const agent = await stream(0);
    say(agent, `${CHUNKED}\r\n5\r\nfirst\r\n`);
    await visitor.gets("first");
    agent.stream.end();
    expect(await visitor.getsCut()).toEndWith("\r\n\r\nfirst");
  });

  test("waits for no 100, so that none is sent, and gets a page when nothing but that comes", async () => {
    const { visit, stream } = await scene();
    const visitor = await visit(get("Expect: 100-continue\r\nContent-Length: 4\r\n", "POST"));
    const agent = await stream(0);
    say(agent, "HTTP/1.1 100 Continue\r\n\r\n");
    visitor.send("body");
    await agent.heard.until(() => agent.heard.text.endsWith("body"));
    agent.stream.reset();
    expect(await visitor.getsEnd()).toStartWith("HTTP/1.1 502 ");
  });

  test("gets what policies would compress as it is", async () => {
    const { visit, stream } = await scene({ Compression: {} });
    const visitor = await visit(get("Accept-Encoding: gzip\r\n"));
    say(await stream(0), `${CHUNKED}Content-Type: text/plain\r\n\r\n2\r\nok\r\n0\r\n\r\n`);
    expect(await visitor.getsEnd()).toBe(
      `${OK}Content-Type: text/plain\r\nVary: Accept-Encoding\r\nConnection: close\r\n\r\nok`,
    );
  });

  test.each([
    [KEEP, "keep-alive"],
    ["", "close"],
  ])("is told by answers of the edge, asking with %j, of the connection: %s", async (fields, option) => {
    const { visit } = await scene();
    const visitor = await visit(get(fields).replace("a.edge", "nobody.edge"));
    const heard = option === "close" ? await visitor.getsEnd() : await visitor.gets("ERR_NGROK_3200\n");
    expect(heard).toStartWith("HTTP/1.1 404 ");
    expect(heard).toContain(`\r\nConnection: ${option}\r\nContent-Length: `);
    expect(visitor.heard.hasEnded).toBe(option === "close");
  });
});

describe("A visitor of HTTP/1.1", () => {
  test("gets interim responses, chunks and trailers as they are", async () => {
    const { visit, stream } = await scene();
    const visitor = await visit(get().replace("1.0", "1.1"));
    const answer = `HTTP/1.1 103 Early Hints\r\n\r\n${CHUNKED}Trailer: T\r\n\r\n2\r\nok\r\n0\r\nT: x\r\n\r\n`;
    say(await stream(0), answer);
    expect(await visitor.gets("T: x\r\n\r\n")).toBe(answer);
    expect(visitor.heard.hasEnded).toBe(false);
  });

  test("cannot have fields of the edge dropped by naming them in Connection", async () => {
    const { visit, stream } = await scene();
    await visit(get("Cookie: a\r\nConnection: close, X-Forwarded-For, Host, Cookie\r\n").replace("1.0", "1.1"));
    const { payload } = await stream(0);
    expect(payload).toBe(
      "GET / HTTP/1.1\r\nHost: a.edge.test\r\nCookie: a\r\nConnection: close\r\n" +
        "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.edge.test\r\n\r\n",
    );
  });
});
