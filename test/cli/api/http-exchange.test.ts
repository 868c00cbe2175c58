import { describe, expect, test } from "bun:test";
import { ANSWER_TIMEOUT_MS, exchange, type HttpAnswer, NoAnswer } from "../../../src/cli/api/http-exchange.ts";
import { pipe } from "../../../src/net/pipe.ts";
import type { Duplex } from "../../../src/net/duplex.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingListener } from "../../support/recording-listener.ts";

interface Played {
  readonly answer: Promise<HttpAnswer>;
  readonly server: Duplex;
  readonly heard: RecordingListener;
  readonly clock: ManualClock;
  readonly stop: AbortController;
}

function play({ method = "GET", body }: { method?: string; body?: string } = {}): Played {
  const [client, server] = pipe();
  const [heard, clock, stop] = [new RecordingListener(), new ManualClock(), new AbortController()];
  server.listen(heard);
  const headers = [["Host", "h"]] as const;
  const answer = exchange(client, { method, target: "/t?q", headers, body }, { clock, signal: stop.signal });
  return { answer, server, heard, clock, stop };
}

async function outcome(answer: Promise<HttpAnswer>): Promise<string> {
  return answer.then(
    ({ status, body }) => `${status} ${new TextDecoder().decode(body)}`,
    (error: unknown) => (error instanceof NoAnswer ? error.message : `fault ${String(error)}`),
  );
}

const ANSWERS: readonly (readonly [name: string, wire: string, outcome: string])[] = [
  ["a body of a length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "200 {}"],
  ["chunks", "HTTP/1.1 400 X\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\nT: 1\r\n\r\n", "400 {}"],
  ["nothing", "HTTP/1.1 204 No Content\r\n\r\n", "204 "],
  ["an interim head", "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", "200 x"],
];

describe("exchange", () => {
  test.each(ANSWERS)("exchange reads %s the same wherever it is cut", async (_, wire, expected) => {
    for (let cut = 1; cut < wire.length; cut++) {
      const { answer, server } = play();
      server.write(Buffer.from(wire.slice(0, cut)));
      server.write(Buffer.from(wire.slice(cut)));
      expect(await outcome(answer)).toBe(expected);
    }
  });

  test.each(ANSWERS)("exchange takes no part of %s for the whole", async (_, wire) => {
    for (let cut = 0; cut < wire.length; cut++) {
      const { answer, server } = play();
      server.write(Buffer.from(wire.slice(0, cut)));
      server.end();
      expect(await outcome(answer)).toBe("the connection ended before the answer did");
    }
  });

  test("exchange writes one request, and says that none follows", async () => {
    const { answer, server, heard } = play({ method: "POST", body: '{"é":1}' });
    server.write(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    await answer;
    await heard.until(() => heard.hasEnded);
    expect(heard.heard.toString()).toBe(
      'POST /t?q HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\nConnection: close\r\n\r\n{"é":1}',
    );
  });

  test.each([
    ["another protocol", "SSH-2.0-x\r\n", /^the answer is no HTTP: /],
    ["an upgrade", "HTTP/1.1 101 Switching Protocols\r\n\r\n", /^the answer is no longer HTTP$/],
    ["a body of two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", /no HTTP/],
  ])("exchange refuses %s", async (_, wire, message) => {
    const { answer, server } = play();
    server.write(Buffer.from(wire));
    expect(await outcome(answer)).toMatch(message);
  });

  test("exchange keeps no more than its limit", async () => {
    const { answer, server } = play();
    server.write(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"));
    const piece = new Uint8Array(1024 * 1024);
    for (let count = 0; count < 65; count++) server.write(piece);
    expect(await outcome(answer)).toBe("the answer has more than 67108864 bytes");
  });

  test("exchange waits no longer than its deadline", async () => {
    const { answer, clock } = play();
    clock.advance(ANSWER_TIMEOUT_MS);
    expect(await outcome(answer)).toBe("no answer within 60 seconds");
  });

  test("exchange ends with its signal, also before it began", async () => {
    const { answer, stop } = play();
    stop.abort();
    expect(await outcome(answer)).toBe("the call was stopped");
    const [client] = pipe();
    const options = { clock: new ManualClock(), signal: AbortSignal.abort() };
    const late = exchange(client, { method: "GET", target: "/", headers: [], body: undefined }, options);
    expect(await outcome(late)).toBe("the call was stopped");
  });

  test("exchange tells that the connection was cut", async () => {
    const { answer, server } = play();
    server.reset();
    expect(await outcome(answer)).toBe("the connection was cut before the answer was whole");
  });
});
