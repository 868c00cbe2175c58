/**
 * Requests of one visitor connection for endpoints with different authorisation, through a real edge: each is judged by its own
 * endpoint, and what an upstream gets is, octet for octet, what was meant for it.
 */
import { afterEach, describe, expect, test } from "bun:test";
import { forwardedRequest } from "../../../src/edge/visitors/forwarded-heads.ts";
import type { Duplex } from "../../../src/net/duplex.ts";
import { dialTcp } from "../../../src/net/tcp-dial.ts";
import type { RequestHead } from "../../../src/protocol/http1/request-head.ts";
import { readOwnRequests, sentOn } from "../../support/http1-reading.ts";
import { RawEnd } from "../../support/raw-end.ts";
import { requestCases } from "../../support/smuggling-cases.ts";
import { type EdgeAgent, LOOPBACK, testEdge, type TestEdge } from "../../support/test-edge.ts";
import { eventually } from "../../support/turns.ts";

/** As the cases name them: everybody may visit `a`, `b` wants a password, and `c` lets in nobody from here. */
const OPEN = "a";
const LOCKED = "b";
const WALLED = "c";
const PASSWORD = "long-password";
const WITH_PASSWORD = `Authorization: Basic ${btoa(`ann:${PASSWORD}`)}\r\n`;
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
/** Also for HEAD. */
const EMPTY_OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

const HIDDEN = `GET /hidden HTTP/1.1\r\nHost: ${OPEN}\r\n\r\n`;

/** What the upstream of each endpoint got, over all of its streams, and how it answers. */
class Upstreams {
  readonly #agent: EdgeAgent;
  readonly #hosts: ReadonlyMap<string, string>;
  readonly #answered = new Map<Duplex, number>();

  constructor(agent: EdgeAgent, hosts: ReadonlyMap<string, string>) {
    this.#agent = agent;
    this.#hosts = hosts;
  }

  got(host: string): string {
    return this.#of(host)
      .map(({ payload, heard }) => payload + heard.text)
      .join("");
  }

  /** The stream of this number, once it was opened and has brought the text. */
  async stream(host: string, number: number, text: string): Promise<Duplex> {
    const brought = (): string => {
      const { payload = "", heard } = this.#of(host)[number] ?? {};
      return payload + (heard?.text ?? "");
    };
    await eventually(`${host} got ${text}`, () => brought().includes(text));
    const found = this.#of(host)[number];
    if (found === undefined) throw new Error("no stream");
    return found.stream;
  }

  /** Answers every whole request that was not answered yet. */
  answerAll(): void {
    for (const { payload, heard, stream } of this.#agent.agent.proxies) {
      const { messages } = readOwnRequests(payload + heard.text);
      const answered = this.#answered.get(stream) ?? 0;
      const whole = messages.filter(({ isWhole }) => isWhole).length;
      if (whole > answered) stream.write(Buffer.from(EMPTY_OK.repeat(whole - answered)));
      this.#answered.set(stream, whole);
    }
  }

  #of(host: string) {
    return this.#agent.agent.proxies.filter(({ header }) => this.#hosts.get(header.bindId) === host);
  }
}

const edges: TestEdge[] = [];
afterEach(async () => {
  for (const edge of edges.splice(0)) await edge.end();
});

interface Scene {
  readonly upstreams: Upstreams;
  readonly visitor: () => Promise<RawEnd>;
}

async function scene(): Promise<Scene> {
  const edge = testEdge();
  edges.push(edge);
  const agent = await edge.agent();
  const credentials = [{ username: "ann", cleartext_password: PASSWORD }];
  const options = {
    [OPEN]: {},
    [LOCKED]: { BasicAuth: { credentials } },
    [WALLED]: { IPRestriction: { deny_cidrs: ["127.0.0.0/8"] } },
  };
  const hosts = new Map<string, string>();
  for (const [host, more] of Object.entries(options)) {
    const { bindId } = await agent.bind({ Proto: "http", Opts: { Domain: host, ...more } });
    hosts.set(bindId, host);
  }
  return {
    upstreams: new Upstreams(agent, hosts),
    visitor: async () => new RawEnd(await dialTcp({ host: LOOPBACK, port: edge.http }, { timeoutMs: 5_000 })),
  };
}

function get(path: string, host: string, more = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;
}

/** A request as the upstream is to get it. */
function onward(wire: string): string {
  return sentTo(readOwnRequests(wire).messages);
}

function sentTo(messages: Parameters<typeof sentOn<RequestHead>>[0]): string {
  return sentOn(messages, (head) => forwardedRequest(head, { address: "127.0.0.1:1", scheme: "http" }));
}

function statusesIn(heard: string): readonly number[] {
  return [...heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

describe("requests of one connection", () => {
  test.each([
    [LOCKED, 401],
    [WALLED, 403],
    ["nobody.edge.test", 404],
  ] as const)("for the open endpoint and for %s are each judged by their own", async (host, refusal) => {
    const { upstreams, visitor } = await scene();
    const end = await visitor();
    const { heard, connection } = end;
    end.send(get("/1", OPEN) + get("/2", host) + get("/3", OPEN));
    const stream = await upstreams.stream(OPEN, 0, "/1");
    stream.write(Buffer.from(OK));
    await heard.until(() => statusesIn(heard.text).length === 2);
    (await upstreams.stream(OPEN, 0, "/3")).write(Buffer.from(OK));
    await heard.until(() => statusesIn(heard.text).length === 3);
    expect(statusesIn(heard.text)).toEqual([200, refusal, 200]);
    expect(upstreams.got(OPEN)).toBe(onward(get("/1", OPEN)) + onward(get("/3", OPEN)));
    expect(upstreams.got(LOCKED) + upstreams.got(WALLED)).toBe("");
    connection.reset();
  });

  test("take a password along neither to the next request nor to another endpoint", async () => {
    const { upstreams, visitor } = await scene();
    const end = await visitor();
    const { heard, connection } = end;
    const first = get("/1", LOCKED, WITH_PASSWORD);
    end.send(first + get("/2", LOCKED) + get("/3", WALLED, WITH_PASSWORD));
    (await upstreams.stream(LOCKED, 0, "/1")).write(Buffer.from(OK));
    await heard.until(() => statusesIn(heard.text).length === 3);
    expect(statusesIn(heard.text)).toEqual([200, 401, 403]);
    expect(upstreams.got(LOCKED)).toBe(onward(first));
    expect(upstreams.got(WALLED)).toBe("");
    connection.reset();
  });

  test("keep to the response that their own upstream gave", async () => {
    const { upstreams, visitor } = await scene();
    const end = await visitor();
    const { heard, connection } = end;
    end.send(get("/1", OPEN) + get("/2", LOCKED, WITH_PASSWORD));
    // The second answer comes before its request was there: it is nobody's.
    (await upstreams.stream(OPEN, 0, "/1")).write(Buffer.from(OK + OK.replace("ok", "no")));
    (await upstreams.stream(LOCKED, 0, "/2")).write(Buffer.from(OK.replace("ok", "b2")));
    await heard.until(() => heard.text.endsWith("b2"));
    expect(heard.text).toBe(OK + OK.replace("ok", "b2"));
    connection.reset();
  });

  test("that an upstream answered too early take nothing of the body for a request", async () => {
    const { upstreams, visitor } = await scene();
    const end = await visitor();
    const { heard, connection } = end;
    const hidden = get("/hidden", LOCKED, WITH_PASSWORD);
    const post = `POST /1 HTTP/1.1\r\nHost: ${OPEN}\r\nContent-Length: ${hidden.length}\r\n\r\n`;
    end.send(post);
    (await upstreams.stream(OPEN, 0, "/1")).write(Buffer.from(OK));
    await heard.until(() => heard.text.endsWith(OK));
    end.send(hidden + get("/2", WALLED));
    await heard.until(() => statusesIn(heard.text).length === 2);
    expect(statusesIn(heard.text)).toEqual([200, 403]);
    await upstreams.stream(OPEN, 0, hidden);
    expect(upstreams.got(OPEN)).toBe(onward(post) + hidden);
    expect(upstreams.got(LOCKED)).toBe("");
    connection.reset();
  });
});

/** Heads that the edge refuses, each with what its body is framed by; HIDDEN stands in the body. */
const LENGTH = `Content-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`;
const CHUNKED = `Transfer-Encoding: chunked\r\n\r\n${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`;
const REFUSED: readonly (readonly [string, string, number])[] = [
  ["for want of a password", `POST / HTTP/1.1\r\nHost: ${LOCKED}\r\n`, 401],
  ["for its address", `POST / HTTP/1.1\r\nHost: ${WALLED}\r\n`, 403],
  ["for a name of nobody", "POST / HTTP/1.1\r\nHost: nobody.edge.test\r\n", 404],
  ["although it waits to be asked for its body", `POST / HTTP/1.1\r\nHost: ${LOCKED}\r\nExpect: 100-continue\r\n`, 401],
  ["while it offers an upgrade", `POST / HTTP/1.1\r\nHost: ${LOCKED}\r\nConnection: upgrade\r\nUpgrade: h2c\r\n`, 401],
  ["for a field", `POST / HTTP/1.1\r\nHost: ${OPEN}\r\nX : y\r\n`, 400],
  ["for two hosts", `POST / HTTP/1.1\r\nHost: ${OPEN}\r\nHost: ${LOCKED}\r\n`, 400],
  ["for another host in its target", `POST http://${LOCKED}/ HTTP/1.1\r\nHost: ${OPEN}\r\n`, 400],
  ["for a second length", `POST / HTTP/1.1\r\nHost: ${OPEN}\r\nContent-Length: 0\r\n`, 400],
  ["for a second coding", `POST / HTTP/1.1\r\nHost: ${OPEN}\r\nTransfer-Encoding: identity\r\n`, 400],
];

describe.each([
  ["a length", LENGTH],
  ["chunks", CHUNKED],
] as const)("a body with %s", (_, body) => {
  test.each(REFUSED)("of a request that is refused %s is nobody's request", async (__, head, status) => {
    const { upstreams, visitor } = await scene();
    const end = await visitor();
    end.send(head + body);
    const heard = await end.getsEnd();
    // A request with two codings is one in a coding that nobody knows.
    const expected = head.includes("identity") && body === CHUNKED ? 501 : status;
    expect(statusesIn(heard)).toEqual([expected]);
    expect(heard).toContain("\r\nConnection: close\r\n");
    expect(upstreams.got(OPEN) + upstreams.got(LOCKED) + upstreams.got(WALLED)).toBe("");
    end.connection.end();
  });
});

test("What follows a CONNECT is nobody's request", async () => {
  const { upstreams, visitor } = await scene();
  const end = await visitor();
  end.send(`CONNECT ${OPEN}:80 HTTP/1.1\r\nHost: ${OPEN}:80\r\n\r\n${HIDDEN}`);
  expect(statusesIn(await end.getsEnd())).toHaveLength(1);
  expect(upstreams.got(OPEN)).toBe("");
  end.connection.end();
});

describe("an upgrade", () => {
  const offer = get("/1", OPEN, "Connection: upgrade\r\nUpgrade: websocket\r\n");

  test.each(["400 Bad Request", "426 Upgrade Required", "200 OK"])(
    "that the upstream answers with %s leaves what follows to be judged",
    async (status) => {
      const { upstreams, visitor } = await scene();
      const end = await visitor();
      const { heard, connection } = end;
      end.send(offer + get("/2", LOCKED) + get("/3", WALLED));
      (await upstreams.stream(OPEN, 0, "/1")).write(Buffer.from(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`));
      await heard.until(() => statusesIn(heard.text).length === 3);
      expect(statusesIn(heard.text)).toEqual([Number(status.slice(0, 3)), 401, 403]);
      expect(upstreams.got(OPEN)).toBe(onward(offer));
      expect(upstreams.got(LOCKED) + upstreams.got(WALLED)).toBe("");
      connection.reset();
    },
  );

  test("that the upstream makes leads to that upstream only", async () => {
    const { upstreams, visitor } = await scene();
    const end = await visitor();
    const { heard, connection } = end;
    const follows = get("/2", LOCKED, WITH_PASSWORD);
    end.send(offer + follows);
    const stream = await upstreams.stream(OPEN, 0, "/1");
    stream.write(Buffer.from("HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"));
    await upstreams.stream(OPEN, 0, "/2");
    end.send("more");
    await upstreams.stream(OPEN, 0, "more");
    expect(upstreams.got(OPEN)).toBe(`${onward(offer)}${follows}more`);
    expect(upstreams.got(LOCKED)).toBe("");
    expect(statusesIn(heard.text)).toEqual([101]);
    connection.reset();
  });

  test("that nobody asked for is none", async () => {
    const { upstreams, visitor } = await scene();
    const end = await visitor();
    const { heard, connection } = end;
    end.send(get("/1", OPEN) + get("/2", LOCKED));
    const stream = await upstreams.stream(OPEN, 0, "/1");
    stream.write(Buffer.from(`HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n${OK}`));
    await heard.until(() => statusesIn(heard.text).length === 2);
    expect(statusesIn(heard.text)).toEqual([502, 401]);
    expect(upstreams.got(OPEN)).toBe(onward(get("/1", OPEN)));
    expect(upstreams.got(LOCKED)).toBe("");
    connection.reset();
  });
});

describe("smuggling attempts through the edge", () => {
  test.each(requestCases())("$shown: each upstream gets what we read, and nothing else", async ({ wire }) => {
    const { upstreams, visitor } = await scene();
    const end = await visitor();
    end.send(wire);
    end.connection.end();
    await eventually("the edge has done with it", () => {
      upstreams.answerAll();
      return end.heard.hasEnded || end.heard.isClosed;
    });
    const { messages } = readOwnRequests(wire);
    const meant = messages.filter(({ head }) => head.host.name === OPEN && head.method !== "CONNECT");
    const whole = meant.filter(({ isWhole }) => isWhole);
    const got = upstreams.got(OPEN);
    // Of a message that is cut or refused in its middle more or less may have left.
    expect(got).toStartWith(sentTo(whole));
    expect(sentTo(meant)).toStartWith(got);
    expect(statusesIn(end.heard.text).filter((status) => status === 200)).toHaveLength(whole.length);
    expect(upstreams.got(LOCKED) + upstreams.got(WALLED)).toBe("");
    end.connection.end();
  });
});
