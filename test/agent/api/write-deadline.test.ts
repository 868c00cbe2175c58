/** Answers whose callers do not read, on real sockets. */
import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { startWebService, type WebService } from "../../../src/agent/api/web-service.ts";
import { withWriteDeadline, WRITE_DEADLINE_MS } from "../../../src/agent/api/write-deadline.ts";
import { noLog } from "../../../src/telemetry/logger.ts";
import { ApiScene } from "../../support/api-scene.ts";
import { capturedExchange } from "../../support/captured-exchange.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, quiet } from "../../support/turns.ts";

/** The runtime looks for connections to cut every few seconds. */
const CUT_PATIENCE_MS = 20_000;
/** More than all buffers on the way hold, and then so many tenths of a second that the deadline comes. */
const MANY_EVENTS = 1_200;
const LONG_TARGET = `/${"x".repeat(8_000)}`;

/** The API of a scene on a real port. */
function served(scene: ApiScene): WebService {
  const settings = { address: { host: "127.0.0.1", port: 0 }, isExplicit: true, allowHosts: [], mayBePublished: false };
  const service = startWebService(settings, (request) => scene.app.fetch(request), noLog);
  scene.onCut = (request) => service.cut(request);
  return service;
}

/** A caller who has sent a request and reads nothing. */
function deafCaller(port: number, path: string): Socket {
  const caller = connect(port, "127.0.0.1");
  caller.pause();
  caller.on("error", () => {});
  caller.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return caller;
}

/** Resolves when the runtime has given the connection of a call up. */
async function hasGone(request: Request | undefined): Promise<void> {
  if (request?.signal.aborted === false) await once(request.signal, "abort");
}

describe("withWriteDeadline", () => {
  test(
    "withWriteDeadline takes the place of a listener who does not read away, and cuts the connection",
    async () => {
      const scene = new ApiScene();
      const service = served(scene);
      const deaf = deafCaller(service.address.port, "/api/events");
      await eventually("the feed has begun", () => scene.clock.pending > 0);
      for (let count = 0; count < MANY_EVENTS; count++) {
        scene.capture(capturedExchange({ id: `airt_${count}`, request: `GET ${LONG_TARGET} HTTP/1.1\r\n\r\n` }));
        scene.clock.advance(100);
        await quiet();
      }
      expect(scene.cut).toHaveLength(1);
      expect(scene.clock.pending).toBe(0);
      await hasGone(scene.cut[0]);
      deaf.destroy();
      await service.close();
    },
    CUT_PATIENCE_MS,
  );

  test(
    "withWriteDeadline cuts a caller who does not read a long list",
    async () => {
      const scene = new ApiScene({ captureBytes: 50_000_000 });
      const body = "x".repeat(1_000_000);
      for (let count = 0; count < 20; count++) {
        scene.capture(capturedExchange({ id: `airt_${count}`, request: `GET / HTTP/1.1\r\n\r\n${body}` }));
      }
      const service = served(scene);
      const deaf = deafCaller(service.address.port, "/api/requests/http");
      await eventually("the list waits for its reader", () => scene.clock.pending > 0);
      while (scene.cut.length === 0) {
        await quiet();
        scene.clock.advance(WRITE_DEADLINE_MS);
      }
      await hasGone(scene.cut[0]);
      deaf.destroy();
      await service.close();
    },
    CUT_PATIENCE_MS,
  );

  test("withWriteDeadline waits for the source as long as it takes, and leaves no timer behind", async () => {
    const clock = new ManualClock();
    const pieces = new TransformStream<Uint8Array, Uint8Array>();
    const onStuck = (): void => expect.unreachable();
    const reader = withWriteDeadline(pieces.readable, { clock, onStuck }).getReader();
    const writer = pieces.writable.getWriter();
    const first = reader.read();
    clock.advance(WRITE_DEADLINE_MS * 10);
    void writer.write(new Uint8Array([1]));
    expect(await first).toEqual({ done: false, value: new Uint8Array([1]) });
    const second = reader.read();
    await quiet();
    expect(clock.pending).toBe(0);
    void writer.close();
    expect((await second).done).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test("withWriteDeadline gives who reads on too late no end in order", async () => {
    const clock = new ManualClock();
    const cuts: string[] = [];
    const source = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array([1])) });
    const reader = withWriteDeadline(source, { clock, onStuck: () => cuts.push("cut") }).getReader();
    await reader.read();
    clock.advance(WRITE_DEADLINE_MS);
    expect(await reader.read().catch(String)).toBe("Error: the caller does not read");
    expect([cuts, clock.pending]).toEqual([["cut"], 0]);
  });

  test("withWriteDeadline tells the source that its caller has left", async () => {
    const clock = new ManualClock();
    let hasLeft = false;
    const source = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array([1])),
      cancel: () => {
        hasLeft = true;
      },
    });
    const reader = withWriteDeadline(source, { clock, onStuck: () => expect.unreachable() }).getReader();
    await reader.read();
    await reader.cancel();
    expect([hasLeft, clock.pending]).toEqual([true, 0]);
  });

  test("withWriteDeadline cuts the caller of a source that fails", async () => {
    const failed = Promise.withResolvers<void>();
    const source = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error("no more")) });
    const answer = withWriteDeadline(source, { clock: new ManualClock(), onStuck: failed.resolve });
    await failed.promise;
    expect(await answer.getReader().read().catch(String)).toBe("Error: no more");
  });
});
