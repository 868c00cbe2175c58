import { afterEach, describe, expect, test } from "bun:test";
import type { Duplex } from "../../src/net/duplex.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import type { LineTraits } from "./line-direction.ts";
import { Line } from "./line.ts";
import { patternedBytes } from "./patterned-bytes.ts";
import { RecordingListener } from "./recording-listener.ts";
import { eventually } from "./turns.ts";

const SHORT: LineTraits = { roundTripMs: 10, bytesPerSecond: 1e9, bufferBytes: 256 * 1024 };

const opened: Disposable[] = [];

afterEach(() => {
  for (const one of opened.splice(0).toReversed()) one[Symbol.dispose]();
});

interface Ends {
  readonly line: Line;
  readonly near: Duplex;
  readonly far: Duplex;
  readonly atNear: RecordingListener;
  readonly atFar: RecordingListener;
}

async function over(traits: LineTraits = SHORT): Promise<Ends> {
  const accepted = Promise.withResolvers<Duplex>();
  const target = listenTcp({ hostname: "127.0.0.1", port: 0 }, accepted.resolve);
  const line = new Line({ host: "127.0.0.1", port: target.port }, traits);
  opened.push(target, line);
  const near = await dialTcp({ host: "127.0.0.1", port: line.port }, { timeoutMs: 5_000 });
  const far = await accepted.promise;
  return { line, near, far, atNear: new RecordingListener(near), atFar: new RecordingListener(far) };
}

describe("Line", () => {
  test("carries bytes and the end of each direction", async () => {
    const { line, near, far, atNear, atFar } = await over();
    const whole = patternedBytes(3_000_000);
    near.write(whole);
    near.end();
    await atFar.until(() => atFar.hasEnded);
    expect(atFar.heard.equals(whole)).toBe(true);
    far.write(whole);
    far.end();
    await Promise.all([atNear.until(() => atNear.isClosed), atFar.until(() => atFar.isClosed)]);
    expect(atNear.heard.equals(whole)).toBe(true);
    expect([atNear.cause, atFar.cause]).toEqual([undefined, undefined]);
    await eventually("the line has let go", () => line.connections === 0);
  });

  test("takes a round trip, and one more for a new connection", async () => {
    const startedMs = performance.now();
    const { near, far, atNear, atFar } = await over({ ...SHORT, roundTripMs: 40 });
    near.write(Buffer.from("ping"));
    await atFar.until(() => atFar.text === "ping");
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(60);
    far.write(Buffer.from("pong"));
    await atNear.until(() => atNear.text === "pong");
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(80);
  });

  test("is no faster than its rate", async () => {
    const { near, atFar } = await over({ ...SHORT, bytesPerSecond: 10_000_000 });
    const startedMs = performance.now();
    near.write(patternedBytes(1_000_000));
    await atFar.until(() => atFar.bytesHeard === 1_000_000);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(100);
  });

  test("stops the writer while the reader is paused", async () => {
    const { near, far, atNear } = await over();
    far.pause();
    let sent = 0;
    // What kernels and the line hold, and no more.
    while (near.write(patternedBytes(1_000_000))) expect((sent += 1_000_000)).toBeLessThan(64_000_000);
    far.resume();
    await atNear.until(() => atNear.drains > 0);
  });

  test("passes a reset on, from either end", async () => {
    for (const side of ["near", "far"] as const) {
      const { line, near, far, atNear, atFar } = await over();
      (side === "near" ? near : far).reset();
      await Promise.all([atNear.until(() => atNear.isClosed), atFar.until(() => atFar.isClosed)]);
      expect((side === "near" ? atFar : atNear).cause?.code).toBe("ECONNRESET");
      await eventually("the line has let go", () => line.connections === 0);
    }
  });

  test("falls silent one way, and delivers everything when it is healed", async () => {
    const { line, near, far, atNear, atFar } = await over();
    line.silence("toTarget");
    near.write(Buffer.from("lost?"));
    near.end();
    far.write(Buffer.from("still here"));
    await atNear.until(() => atNear.text === "still here");
    expect(atFar.events).toEqual([]);
    line.heal();
    await atFar.until(() => atFar.hasEnded);
    expect(atFar.text).toBe("lost?");
  });

  test("falls silent both ways, for new connections too", async () => {
    const { line, near, far, atNear, atFar } = await over();
    line.silence();
    near.write(Buffer.from("a"));
    far.reset();
    const late = await dialTcp({ host: "127.0.0.1", port: line.port }, { timeoutMs: 5_000 });
    late.write(Buffer.from("b"));
    await eventually("both are in the line", () => line.connections === 2);
    expect([atNear.events, atFar.bytesHeard]).toEqual([[], 0]);
    line.heal();
    await atNear.until(() => atNear.isClosed);
    late.reset();
  });

  test("resets what is open and takes new connections", async () => {
    const { line, atNear, atFar } = await over();
    line.reset();
    await Promise.all([atNear.until(() => atNear.isClosed), atFar.until(() => atFar.isClosed)]);
    expect([atNear.cause?.code, atFar.cause?.code]).toEqual(["ECONNRESET", "ECONNRESET"]);
    const again = await dialTcp({ host: "127.0.0.1", port: line.port }, { timeoutMs: 5_000 });
    again.reset();
  });

  test("refuses and accepts again, on the same port, and open connections go on", async () => {
    const { line, near, atFar } = await over();
    line.refuse();
    const target = { host: "127.0.0.1", port: line.port };
    expect(await dialTcp(target, { timeoutMs: 5_000 }).catch((error: { reason: string }) => error.reason)).toBe(
      "refused",
    );
    near.write(Buffer.from("x"));
    await atFar.until(() => atFar.text === "x");
    line.accept();
    (await dialTcp(target, { timeoutMs: 5_000 })).reset();
  });
});
