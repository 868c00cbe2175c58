import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { forwardRewriting } from "../../../src/agent/forwarder/http-rewriter.ts";
import type { Duplex } from "../../../src/net/duplex.ts";
import { LINGER_MS } from "../../../src/net/linger.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { RESET_CODES } from "../../../src/protocol/mux/reset-codes.ts";
import { octets } from "../../support/http-transcript.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingListener } from "../../support/recording-listener.ts";
import { eventually, quiet } from "../../support/turns.ts";

interface Played {
  /** The edge's end of the stream, and what it hears. */
  readonly edge: Duplex;
  readonly visitor: RecordingListener;
  /** The upstream's end of its connection, and what it hears. */
  readonly upstream: Duplex;
  readonly heard: RecordingListener;
  readonly clock: ManualClock;
}

function play(read = "", understandsResetCodes = true): Played {
  const [stream, edge] = pipe();
  const [near, upstream] = pipe();
  const clock = new ManualClock();
  const rewrite = { host: "app.test:81", publicScheme: "https" } as const;
  forwardRewriting(stream, near, octets(read), { rewrite, understandsResetCodes, clock });
  return { edge, visitor: new RecordingListener(edge), upstream, heard: new RecordingListener(upstream), clock };
}

const GET = "GET / HTTP/1.1\r\nHost: public.test\r\n\r\n";
const GET_SENT = "GET / HTTP/1.1\r\nHost: app.test:81\r\nX-Original-Host: public.test\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** Waits for the upstream to hear the request, and answers. */
async function answer({ heard, upstream }: Played, request: string, response: string): Promise<void> {
  await heard.until(() => heard.text.endsWith(request));
  upstream.write(octets(response));
}

const EXCHANGES = [
  {
    request: GET,
    sent: GET_SENT,
    response: OK,
    received: OK,
  },
  {
    request: "POST /a HTTP/1.1\r\nHost: public.test\r\nContent-Length: 5\r\n\r\nhello",
    sent: "POST /a HTTP/1.1\r\nHost: app.test:81\r\nContent-Length: 5\r\nX-Original-Host: public.test\r\n\r\nhello",
    response: "HTTP/1.1 302 Found\r\nLocation: http://app.test:81/b\r\nContent-Length: 0\r\n\r\n",
    received: "HTTP/1.1 302 Found\r\nLocation: https://public.test/b\r\nContent-Length: 0\r\n\r\n",
  },
  {
    request: "PUT /c HTTP/1.1\r\nHost: public.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n",
    sent: "PUT /c HTTP/1.1\r\nHost: app.test:81\r\nTransfer-Encoding: chunked\r\nX-Original-Host: public.test\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n",
    response:
      "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\n\r\n",
    received:
      "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\n\r\n",
  },
  {
    request: "HEAD / HTTP/1.1\r\nHost: public.test\r\n\r\n",
    sent: "HEAD / HTTP/1.1\r\nHost: app.test:81\r\nX-Original-Host: public.test\r\n\r\n",
    response: "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
    received: "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
  },
  {
    request: "GET /last HTTP/1.1\r\nHost: public.test\r\n\r\n",
    sent: "GET /last HTTP/1.1\r\nHost: app.test:81\r\nX-Original-Host: public.test\r\n\r\n",
    response: "HTTP/1.0 200 OK\r\n\r\nuntil the end",
    received: "HTTP/1.0 200 OK\r\n\r\nuntil the end",
  },
] as const;

/** The bytes in pieces of these lengths, over and over. */
function* pieces(text: string, lengths: readonly number[]): Generator<Uint8Array> {
  const bytes = octets(text);
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    yield bytes.slice(at, at + length);
    at += length;
  }
}

async function expectSameFor(lengths: readonly number[], readLength: number): Promise<void> {
  const all = EXCHANGES.map(({ request }) => request).join("");
  const played = play(all.slice(0, readLength));
  const { edge, visitor, upstream, heard } = played;
  for (const piece of pieces(all.slice(readLength), lengths)) edge.write(piece);
  for (const { sent, response } of EXCHANGES) {
    await heard.until(() => heard.text.endsWith(sent));
    for (const piece of pieces(response, lengths)) upstream.write(piece);
  }
  upstream.end();
  await visitor.until(() => visitor.hasEnded);
  edge.end();
  await heard.until(() => heard.isClosed);
  expect(heard.text).toBe(EXCHANGES.map(({ sent }) => sent).join(""));
  expect(visitor.text).toBe(EXCHANGES.map(({ received }) => received).join(""));
  expect([visitor.cause, heard.cause]).toEqual([undefined, undefined]);
}

describe("forwardRewriting", () => {
  test("forwardRewriting serves pipelined requests one after the other, wherever bytes are cut", async () => {
    const length = fc.integer({ min: 1, max: 200 });
    await fc.assert(fc.asyncProperty(fc.array(length, { minLength: 1, maxLength: 8 }), fc.nat(300), expectSameFor), {
      numRuns: process.env["DEEP"] === "1" ? 2_000 : 40,
    });
    await expectSameFor([1], 0);
  });

  test("forwardRewriting keeps a pipelined request back until the response before is whole", async () => {
    const played = play();
    played.edge.write(octets(GET + GET));
    await answer(played, GET_SENT, OK.slice(0, -1));
    await quiet();
    expect(played.heard.text).toBe(GET_SENT);
    played.upstream.write(octets("k"));
    await played.heard.until(() => played.heard.text === GET_SENT + GET_SENT);
  });

  test("forwardRewriting joins both ends after an upgrade, with what came behind the heads", async () => {
    const upgrade = "GET /ws HTTP/1.1\r\nHost: public.test\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
    const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
    const played = play();
    const { edge, visitor, upstream, heard } = played;
    edge.write(octets(`${upgrade}early`));
    await heard.until(() => heard.text.includes("X-Original-Host"));
    await quiet();
    expect(heard.text).not.toContain("early");
    upstream.write(octets(`${switching}at once`));
    await heard.until(() => heard.text.endsWith("early"));
    edge.write(octets("GET no HTTP\r\n\r\n"));
    edge.end();
    await heard.until(() => heard.hasEnded);
    upstream.write(octets("last"));
    upstream.end();
    await visitor.until(() => visitor.isClosed);
    expect(heard.text).toEndWith("\r\n\r\nearlyGET no HTTP\r\n\r\n");
    expect(visitor.text).toBe(`${switching}at oncelast`);
    expect(visitor.cause).toBeUndefined();
  });

  test("forwardRewriting passes on the ends that came before the upgrade", async () => {
    const { edge, visitor, upstream, heard } = play();
    edge.write(octets("GET /ws HTTP/1.1\r\nHost: public.test\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nearly"));
    edge.end();
    await heard.until(() => heard.text.includes("X-Original-Host"));
    await quiet();
    upstream.write(octets("HTTP/1.1 101 Go\r\n\r\nlate"));
    upstream.end();
    await Promise.all([heard.until(() => heard.isClosed), visitor.until(() => visitor.isClosed)]);
    expect([heard.text.endsWith("early"), visitor.text]).toEqual([true, "HTTP/1.1 101 Go\r\n\r\nlate"]);
    expect([heard.cause, visitor.cause]).toEqual([undefined, undefined]);
  });

  test("forwardRewriting lets a request with a body end before the upgrade takes effect", async () => {
    const head =
      "POST / HTTP/1.1\r\nHost: public.test\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 4\r\n\r\n";
    const played = play(`${head}ab`);
    const { edge, visitor, upstream, heard } = played;
    await heard.until(() => heard.text.endsWith("ab"));
    upstream.write(octets("HTTP/1.1 101 Go\r\n\r\nnew"));
    await visitor.until(() => visitor.text.includes("101 Go"));
    edge.write(octets("cdafter"));
    edge.end();
    await heard.until(() => heard.hasEnded);
    await visitor.until(() => visitor.text.endsWith("new"));
    expect(heard.text).toEndWith("abcdafter");
  });

  test.each<[string, (upstream: Duplex) => void, number | undefined]>([
    [
      "does not speak HTTP",
      (upstream) => upstream.write(octets("SSH-2.0-x\r\n\r\n")),
      RESET_CODES.upstreamProtocolError,
    ],
    ["ends without an answer", (upstream) => upstream.end(), RESET_CODES.upstreamClosedWithoutAnswer],
    ["resets without an answer", (upstream) => upstream.reset(), RESET_CODES.upstreamClosedWithoutAnswer],
    [
      "ends in the middle of a head",
      (upstream) => {
        upstream.write(octets("HTTP/1.1 200 OK\r\nA"));
        upstream.end();
      },
      RESET_CODES.upstreamClosedWithoutAnswer,
    ],
    [
      "answers once more than it was asked",
      (upstream) => upstream.write(octets(OK + OK)),
      RESET_CODES.upstreamProtocolError,
    ],
    [
      "resets in the middle of a body",
      (upstream) => {
        upstream.write(octets(OK.slice(0, -1)));
        // The pipe would drop what was not heard yet.
        setImmediate(() => setImmediate(() => upstream.reset()));
      },
      undefined,
    ],
  ])("forwardRewriting resets the stream when the upstream %s", async (_, misbehave, resetCode) => {
    for (const understands of [true, false]) {
      const { edge, visitor, upstream, heard, clock } = play("", understands);
      edge.write(octets(GET));
      await heard.until(() => heard.text === GET_SENT);
      misbehave(upstream);
      await visitor.until(() => visitor.isClosed);
      expect(visitor.cause?.code).toBe("RESET");
      expect(visitor.cause?.resetCode).toBe(understands ? resetCode : undefined);
      await heard.until(() => heard.isClosed);
      expect(clock.pending).toBe(0);
    }
  });

  test("forwardRewriting refuses what the upstream says before it was asked", async () => {
    const { visitor, upstream } = play();
    upstream.write(octets("220 mail.test\r\n"));
    await visitor.until(() => visitor.isClosed);
    expect(visitor.cause?.resetCode).toBe(RESET_CODES.upstreamProtocolError);
  });

  test("forwardRewriting ends the stream in order when the upstream ends between exchanges", async () => {
    const played = play(GET);
    await answer(played, GET_SENT, OK);
    await played.visitor.until(() => played.visitor.text === OK);
    played.upstream.end();
    await played.visitor.until(() => played.visitor.hasEnded);
    played.edge.end();
    await played.heard.until(() => played.heard.isClosed);
    expect([played.visitor.cause, played.heard.cause]).toEqual([undefined, undefined]);
  });

  test("forwardRewriting ends the stream in order when the upstream resets between exchanges", async () => {
    const played = play(GET);
    await answer(played, GET_SENT, OK);
    await played.visitor.until(() => played.visitor.text === OK);
    played.upstream.reset();
    await played.visitor.until(() => played.visitor.hasEnded);
    expect(played.visitor.cause).toBeUndefined();
  });

  test("forwardRewriting ends the stream after part of a body, so that the edge sees what is missing", async () => {
    const played = play(GET);
    await answer(played, GET_SENT, OK.slice(0, -1));
    played.upstream.end();
    await played.visitor.until(() => played.visitor.hasEnded);
    expect(played.visitor.text).toBe(OK.slice(0, -1));
  });

  test.each<[string, string, string]>([
    ["the upstream says so", GET, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"],
    ["the visitor says so", GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"), OK],
  ])("forwardRewriting makes an exchange the last when %s, also if nobody closes", async (_, request, response) => {
    const played = play(request + GET);
    const { visitor, heard, clock } = played;
    await answer(played, "X-Original-Host: public.test\r\n\r\n", response);
    await visitor.until(() => visitor.hasEnded);
    await heard.until(() => heard.hasEnded);
    expect(visitor.text).toBe(response);
    expect(heard.text.match(/GET/g)).toHaveLength(1);
    clock.advance(LINGER_MS);
    await heard.until(() => heard.isClosed);
    expect(clock.pending).toBe(0);
  });

  test.each<[string, (upstream: Duplex) => void]>([
    ["ends", (upstream) => upstream.end()],
    ["resets", (upstream) => setImmediate(() => setImmediate(() => upstream.reset()))],
  ])("forwardRewriting delivers an early response whole when the upstream then %s", async (_, leave) => {
    const early = "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    const played = play("POST / HTTP/1.1\r\nHost: public.test\r\nContent-Length: 100\r\n\r\npart");
    await answer(played, "part", early);
    leave(played.upstream);
    await played.visitor.until(() => played.visitor.hasEnded);
    expect(played.visitor.text).toBe(early);
    played.edge.end();
    await played.heard.until(() => played.heard.isClosed);
    await quiet();
    expect(played.visitor.cause).toBeUndefined();
  });

  test("forwardRewriting passes 100 on and the body behind it", async () => {
    const played = play("PUT / HTTP/1.1\r\nHost: public.test\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    await answer(played, "X-Original-Host: public.test\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n");
    await played.visitor.until(() => played.visitor.text === "HTTP/1.1 100 Continue\r\n\r\n");
    played.edge.write(octets("ab"));
    await answer(played, "\r\n\r\nab", OK);
    await played.visitor.until(() => played.visitor.text.endsWith(OK));
  });

  test("forwardRewriting ends the upstream connection when the visitor has no more requests", async () => {
    const played = play(GET);
    played.edge.end();
    await answer(played, GET_SENT, OK);
    await played.heard.until(() => played.heard.hasEnded);
    played.upstream.end();
    await played.visitor.until(() => played.visitor.isClosed);
    expect(played.visitor.text).toBe(OK);
    expect(played.visitor.cause).toBeUndefined();
  });

  test.each<[string, (edge: Duplex) => void]>([
    ["resets the stream", (edge) => edge.reset()],
    ["ends it in the middle of a request", (edge) => edge.end()],
  ])("forwardRewriting resets the upstream connection when the edge %s", async (_, misbehave) => {
    const { edge, heard } = play("POST / HTTP/1.1\r\nHost: public.test\r\nContent-Length: 50\r\n\r\n");
    await heard.until(() => heard.text.includes("POST"));
    misbehave(edge);
    await heard.until(() => heard.isClosed);
    expect(heard.cause?.code).toBe("RESET");
  });

  test("forwardRewriting resets both ends when the edge sends no HTTP", async () => {
    const { visitor, heard } = play("hello\r\n\r\n");
    await Promise.all([visitor, heard].map((end) => end.until(() => end.isClosed)));
    expect([visitor.cause, heard.cause]).toEqual([{ code: "RESET" }, { code: "RESET" }]);
  });

  test("forwardRewriting stops reading where nobody takes the bytes, both ways", async () => {
    const megabyte = new Uint8Array(1024 * 1024).fill(97);
    const played = play("POST / HTTP/1.1\r\nHost: public.test\r\nContent-Length: 999999999\r\n\r\n");
    const { edge, visitor, upstream, heard } = played;
    await heard.until(() => heard.text.includes("POST"));
    upstream.pause();
    let pushed = 0;
    while (edge.write(megabyte)) {
      pushed += 1;
      await quiet();
    }
    expect(pushed).toBeLessThan(4);
    upstream.resume();
    await visitor.until(() => visitor.drains > 0);
    upstream.write(octets("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"));
    await visitor.until(() => visitor.text.includes("200 OK"));
    edge.pause();
    pushed = 0;
    while (upstream.write(megabyte)) {
      pushed += 1;
      await quiet();
    }
    expect(pushed).toBeLessThan(4);
    edge.resume();
    await eventually("the upstream may go on", () => heard.drains > 0);
    edge.reset();
  });
});
