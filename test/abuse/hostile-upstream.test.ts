/** What an agent that was let in can do to its own visitors' connections, and what that leaves of the edge. */
import { afterEach, describe, expect, test } from "bun:test";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { HEAD_LIMIT_BYTES } from "../../src/protocol/http1/head-scanner.ts";
import { INITIAL_WINDOW_BYTES } from "../../src/protocol/mux/receive-window.ts";
import { STREAM_TYPES } from "../../src/protocol/rpc/stream-type.ts";
import { dataFrame, incrementFrame, resetFrame } from "../support/frame-bytes.ts";
import { RawEnd } from "../support/raw-end.ts";
import { LOOPBACK } from "../support/test-edge.ts";
import { eventually, quiet } from "../support/turns.ts";
import { type HostileAgent, Victims } from "./hostile-agent.ts";

const TIMEOUT_MS = 30_000;
const GET = "GET / HTTP/1.1\r\nHost: evil.edge.test\r\n\r\n";
const IDLE_MS = 300_000;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

interface Scene {
  readonly victims: Victims;
  readonly hostile: HostileAgent;
  /** Of evil.edge.test, which the hostile agent serves. */
  readonly visitor: RawEnd;
  /** The stream to the agent. */
  readonly stream: number;
}

async function visited(request = GET): Promise<Scene> {
  const victims = await Victims.open();
  ends.push(() => victims[Symbol.asyncDispose]());
  const hostile = await victims.hostile();
  const bind = hostile.place(STREAM_TYPES.bind, '{"Proto":"http","Opts":{"Domain":"evil.edge.test"}}');
  await eventually("it is bound", () => hostile.isEnded(bind));
  const visitor = new RawEnd(await dialTcp({ host: LOOPBACK, port: victims.edge.http }, { timeoutMs: 4_000 }));
  ends.push(() => visitor.connection.reset());
  visitor.send(request);
  await eventually("the visitor's stream comes", () => hostile.opened("\0\0\0\x03").length === 1);
  return { victims, hostile, visitor, stream: hostile.opened("\0\0\0\x03")[0] ?? 0 };
}

/** As fast as the edge allows, up to this many bytes; stops when the edge has reset the stream. */
async function flood({ hostile, stream }: Scene, start: string, piece: string, bytes: number): Promise<void> {
  hostile.send(dataFrame(stream, start));
  const frame = dataFrame(stream, piece.repeat(Math.floor(16_384 / piece.length)));
  let creditBytes = INITIAL_WINDOW_BYTES - start.length;
  let seen = 0;
  for (let sent = 0; sent < bytes && !hostile.isEnded(stream); sent += frame.length) {
    await eventually("there is credit", () => {
      for (const { type, ...rest } of hostile.frames.slice(seen)) {
        seen += 1;
        if (type === "increment" && "by" in rest && rest.id === stream) creditBytes += rest.by;
      }
      return creditBytes >= frame.length || hostile.isEnded(stream);
    });
    creditBytes -= frame.length;
    hostile.send(frame);
  }
}

/** The others never notice, the session lives, and nothing is left. */
async function unharmed({ victims, hostile, visitor }: Scene): Promise<void> {
  expect(await victims.served()).toBe("200 good");
  expect([hostile.isCut, victims.ends, victims.faults]).toEqual([false, [], []]);
  visitor.connection.reset();
  await victims.emptied();
}

describe("A visitor, whose agent answers with", () => {
  test.each([
    ["a head without end", "HTTP/1.1 200 OK\r\n", "x: y\r\n"],
    ["a field without end", "HTTP/1.1 200 OK\r\nx: ", "y"],
    ["a status line without end", "HTTP/1.1 200 ", "O"],
    ["a head of spaces", "HTTP/1.1 200 OK\r\nx:", " "],
    ["interim heads of a megabyte", "HTTP/1.1 103 Early Hints\r\n", "x: y\r\n"],
  ])(
    "%s, is told that this is no answer",
    async (_, start, piece) => {
      const scene = await visited();
      await flood(scene, start, piece, HEAD_LIMIT_BYTES * 2);
      expect(scene.hostile.isEnded(scene.stream)).toBe(true);
      await scene.visitor.gets("HTTP/1.1 502 ");
      await unharmed(scene);
    },
    TIMEOUT_MS,
  );

  test.each([
    ["no HTTP", "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 502 "],
    ["bytes of zero", "\0".repeat(10_000), "HTTP/1.1 502 "],
    ["an upgrade that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "HTTP/1.1 502 "],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "HTTP/1.1 502 "],
    ["a line end in a head", "HTTP/1.1 200 OK\r\nx: a\rb\r\n\r\n", "HTTP/1.1 502 "],
  ])(
    "%s, is told that this is no answer, too",
    async (_, answer, told) => {
      const scene = await visited();
      scene.hostile.send(dataFrame(scene.stream, answer));
      await scene.visitor.gets(told);
      await unharmed(scene);
    },
    TIMEOUT_MS,
  );

  test(
    "interim answers without end, gets them as long as it reads",
    async () => {
      const scene = await visited();
      const hint = "HTTP/1.1 103 Early Hints\r\n\r\n";
      await flood(scene, hint, hint, 4_000_000);
      await eventually("they arrive", () => scene.visitor.heard.bytesHeard > 3_500_000);
      scene.visitor.connection.reset();
      await eventually("the stream is reset", () => scene.hostile.isEnded(scene.stream));
      await unharmed(scene);
    },
    TIMEOUT_MS,
  );

  test(
    "more than the visitor reads, and more than the window, loses the stream",
    async () => {
      const scene = await visited();
      scene.visitor.connection.pause();
      const { hostile, stream, victims } = scene;
      hostile.send(dataFrame(stream, "HTTP/1.1 200 OK\r\n\r\n"));
      const frame = dataFrame(stream, "x".repeat(32_768));
      const wanted = 64 << 20;
      // Without a look at the windows; the kernel takes some megabytes for the visitor.
      for (let sent = 0; sent < wanted && !hostile.isEnded(stream); sent += frame.length) {
        hostile.send(frame);
        await quiet();
      }
      expect(hostile.resets()).toEqual([[stream, 3]]);
      expect(await victims.served()).toBe("200 good");
      scene.visitor.connection.resume();
      await scene.visitor.getsCut();
      await unharmed(scene);
    },
    TIMEOUT_MS,
  );

  test(
    "a trickle, is served as slowly, and nobody else is",
    async () => {
      const scene = await visited();
      for (const byte of "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") {
        scene.hostile.send(dataFrame(scene.stream, byte));
        await quiet();
      }
      expect(await scene.visitor.gets("\r\n\r\nok")).toStartWith("HTTP/1.1 200 OK\r\n");
      await unharmed(scene);
    },
    TIMEOUT_MS,
  );

  test(
    "half a head and silence, is let go of in time",
    async () => {
      const scene = await visited();
      scene.hostile.send(dataFrame(scene.stream, "HTTP/1.1 200 OK\r\nx: "));
      await quiet();
      for (let passedMs = 0; passedMs < IDLE_MS * 2 && !scene.visitor.heard.isClosed; passedMs += 4_000) {
        // The session itself is not silent.
        scene.hostile.send(incrementFrame(999, 1));
        await quiet();
        scene.victims.clock.advance(4_000);
      }
      await scene.visitor.heard.until(() => scene.visitor.heard.isClosed);
      await eventually("the stream is reset", () => scene.hostile.isEnded(scene.stream));
      expect([scene.victims.ends.includes("silent") && scene.hostile.isCut, scene.victims.faults]).toEqual([false, []]);
    },
    TIMEOUT_MS,
  );

  test.each([
    ["the end of the stream", (stream: number) => dataFrame(stream, "", "fin")],
    ["a reset", (stream: number) => resetFrame(stream, 7)],
    ["a reset of an unknown code", (stream: number) => resetFrame(stream, 0xffff_ffff)],
    ["a reset of our own codes", (stream: number) => resetFrame(stream, 0x6765_0001)],
  ])(
    "%s, is told so",
    async (_, frameOf) => {
      const scene = await visited();
      scene.hostile.send(frameOf(scene.stream));
      await scene.visitor.gets("HTTP/1.1 502 ");
      await unharmed(scene);
    },
    TIMEOUT_MS,
  );
});

describe("A visitor, whose agent grants", () => {
  test(
    "no credit, is not read any more, and bounds what the edge holds",
    async () => {
      const scene = await visited("POST / HTTP/1.1\r\nHost: evil.edge.test\r\nTransfer-Encoding: chunked\r\n\r\n");
      const chunk = Buffer.from(`10000\r\n${"x".repeat(65_536)}\r\n`);
      let sent = 0;
      while (scene.visitor.connection.write(chunk)) sent += chunk.length;
      const received = (): number =>
        scene.hostile.frames.reduce(
          (sum, f) => sum + (f.type === "data" && f.id === scene.stream ? f.payload.length : 0),
          0,
        );
      await eventually("a window is used up", () => received() === INITIAL_WINDOW_BYTES);
      expect(await scene.victims.served()).toBe("200 good");
      expect(received()).toBe(INITIAL_WINDOW_BYTES);
      scene.visitor.connection.reset();
      await eventually("the stream is reset", () => scene.hostile.isEnded(scene.stream));
      expect(sent).toBeGreaterThan(0);
      await unharmed(scene);
    },
    TIMEOUT_MS,
  );

  test(
    "all credit at once, is served",
    async () => {
      const scene = await visited("POST / HTTP/1.1\r\nHost: evil.edge.test\r\nContent-Length: 1000000\r\n\r\n");
      for (let time = 0; time < 1_000; time += 1) scene.hostile.send(incrementFrame(scene.stream, 0x7fff_ffff));
      scene.visitor.send("x".repeat(1_000_000));
      await eventually("it has come", () => Buffer.byteLength(scene.hostile.reply(scene.stream), "latin1") > 1_000_000);
      scene.hostile.send(dataFrame(scene.stream, "HTTP/1.1 204 No Content\r\n\r\n"));
      await scene.visitor.gets("HTTP/1.1 204 ");
      await unharmed(scene);
    },
    TIMEOUT_MS,
  );
});
