import { describe, expect, test } from "bun:test";
import { OpenVisitors } from "../../src/edge/open-visitors.ts";
import { readStart } from "../../src/edge/start-of-connection.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { IdleWatch } from "../../src/net/idle-watch.ts";
import { pipe } from "../../src/net/pipe.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { eventually, quiet } from "../support/turns.ts";

interface Scene {
  readonly near: Duplex;
  readonly far: Duplex;
  readonly heard: RecordingListener;
  readonly starts: string[];
  readonly clock: ManualClock;
  readonly visitors: OpenVisitors;
}

/** A start is whole with its first semicolon. */
function scene(): Scene {
  const [near, far] = pipe();
  const clock = new ManualClock();
  const visitors = new OpenVisitors();
  const starts: string[] = [];
  readStart(near, {
    visitors,
    idleWatch: new IdleWatch(clock),
    limitMs: 10_000,
    isWhole: (bytes) => Buffer.from(bytes).includes(";"),
    onStart: (start) => void starts.push(Buffer.from(start).toString()),
  });
  return { near, far, heard: new RecordingListener(far), starts, clock, visitors };
}

const text = (written: string): Uint8Array => Buffer.from(written);

describe("readStart", () => {
  test("hands on all that came once the start is whole, and what comes then to the next listener", async () => {
    const { near, far, starts, clock, visitors } = scene();
    for (const piece of ["ab", "c", "d;e"]) far.write(text(piece));
    await eventually("the start is whole", () => starts.length > 0);
    far.write(text("rest"));
    far.end();
    await quiet();
    expect([starts, clock.pending, visitors.count]).toEqual([["abcd;e"], 0, 0]);
    const next = new RecordingListener(near);
    near.resume();
    await next.until(() => next.hasEnded);
    expect(next.text).toBe("rest");
  });

  test.each([
    ["says nothing", ""],
    ["does not come to the point", "abc"],
  ])("drops a connection that %s in time", async (_, said) => {
    const { far, heard, starts, clock, visitors } = scene();
    if (said !== "") far.write(text(said));
    await quiet();
    clock.advance(12_000);
    await heard.until(() => heard.isClosed);
    await quiet();
    expect([starts, clock.pending, visitors.count]).toEqual([[], 0, 0]);
  });

  test("drops a connection that ends before", async () => {
    const { far, heard, starts, clock, visitors } = scene();
    far.write(text("abc"));
    far.end();
    await heard.until(() => heard.isClosed);
    await quiet();
    expect([starts, clock.pending, visitors.count]).toEqual([[], 0, 0]);
  });

  test("drops a connection when the edge drains", async () => {
    const { far, heard, starts, visitors } = scene();
    far.write(text("abc"));
    await quiet();
    await Promise.all([visitors.drain(), heard.until(() => heard.isClosed)]);
    expect(starts).toEqual([]);
  });
});
