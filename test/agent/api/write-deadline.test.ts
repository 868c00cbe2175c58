/** Answers whose callers do not read, on real sockets. */
import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { startWebService, type WebService } from "../../../src/agent/api/web-service.ts";
import { withWriteDeadline, WRITE_DEADLINE_MS } from "../../../src/agent/api/write-deadline.ts";
import { noLog } from "../../../src/telemetry/logger.ts";
import { ApiScene } from "../../support/api-scene.ts";
import { capturedExchange } from "../../support/captured-exchange.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, quiet } from "../../support/turns.ts";

/** The runtime looks for connections to cut every few seconds, and a busy machine takes long to write a long list. */
const CUT_PATIENCE_MS = 60_000;
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

/** What a stream ends in that was cut. */
function withoutReason(reason: unknown): unknown {
  return reason ?? "cut";
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
    const reader = withWriteDeadline(pieces.readable, { clock, onStuck, onFailure: onStuck }).getReader();
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
    const onStuck = (): void => void cuts.push("cut");
    const reader = withWriteDeadline(source, { clock, onStuck, onFailure: () => expect.unreachable() }).getReader();
    await reader.read();
    clock.advance(WRITE_DEADLINE_MS);
    expect(await reader.read().catch(withoutReason)).toBe("cut");
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
    const onStuck = (): void => expect.unreachable();
    const reader = withWriteDeadline(source, { clock, onStuck, onFailure: onStuck }).getReader();
    await reader.read();
    await reader.cancel();
    expect([hasLeft, clock.pending]).toEqual([true, 0]);
  });

  test("withWriteDeadline cuts the caller of a source that fails", async () => {
    const failed = Promise.withResolvers<void>();
    const failures: unknown[] = [];
    const source = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error("no more")) });
    const answer = withWriteDeadline(source, {
      clock: new ManualClock(),
      onStuck: failed.resolve,
      onFailure: (failure) => failures.push(String(failure)),
    });
    await failed.promise;
    expect(await answer.getReader().read().catch(withoutReason)).toBe("cut");
    expect(failures).toEqual(["Error: no more"]);
  });

  test.each([
    {
      name: "a list that fails while it is sent",
      play: `
        const whole = capturedExchange({ request: "GET / HTTP/1.1\\r\\n\\r\\n" + "x".repeat(100_000) });
        scene.ring.newestFirst = function* () {
          yield whole;
          throw new TypeError("x is undefined");
        };
        const answer = await fetch(url + "/api/requests/http");
        await answer.text().catch(() => console.log("cut"));`,
      said: "cut\nerror: fault in a call of the agent API: TypeError: x is undefined\n",
    },
    {
      name: "a feed whose listener does not keep up",
      play: `
        const answer = await fetch(url + "/api/events");
        const reader = answer.body.getReader();
        await reader.read();
        for (let count = 0; count < 60_000; count++) scene.ring.clear();
        const readAll = async () => { while (!(await reader.read()).done); };
        await readAll().catch(() => console.log("cut"));`,
      said: "cut\n",
    },
  ])("withWriteDeadline cuts $name without a word on stderr; the log has our faults", async ({ play, said }) => {
    const script = `
      import { startWebService } from "./src/agent/api/web-service.ts";
      import { ApiScene } from "./test/support/api-scene.ts";
      import { capturedExchange } from "./test/support/captured-exchange.ts";
      const scene = new ApiScene();
      const settings = { address: { host: "127.0.0.1", port: 0 }, isExplicit: true, allowHosts: [] };
      const service = startWebService(settings, (request) => scene.app.fetch(request), { info() {} });
      const url = "http://127.0.0.1:" + service.address.port;
      ${play}
      for (const { level, message, fields } of scene.lines) {
        if (level !== "info") console.log(level + ": " + message + ": " + fields.err);
      }
      await service.close();`;
    await using agent = Bun.spawn([process.execPath, "-e", script], {
      cwd: join(import.meta.dir, "../../.."),
      env: { PATH: process.env["PATH"], BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr] = await Promise.all([agent.stdout.text(), agent.stderr.text()]);
    expect({ said: stdout, stderr }).toEqual({ said, stderr: "" });
  });
});
