import { afterEach, describe, expect, test } from "bun:test";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { LineSink } from "../../src/telemetry/line-sink.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0).toReversed()) close();
});

/** A real pipe with a small end to write to and an end that nobody reads until asked. */
function pipe(writeFlags = 0): { writer: number; reader: number; hangUp: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "line-sink-"));
  open.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "pipe");
  expect(Bun.spawnSync(["mkfifo", path]).exitCode).toBe(0);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY | writeFlags);
  open.push(() => closeSync(writer));
  const closeReader = once(() => closeSync(reader));
  open.push(closeReader);
  return { writer, reader, hangUp: closeReader };
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) action();
    isDone = true;
  };
}

/** What the pipe holds now. */
function readAvailable(reader: number): string {
  const chunk = Buffer.alloc(1 << 20);
  try {
    return chunk.subarray(0, readSync(reader, chunk)).toString();
  } catch {
    return ""; // EAGAIN: nothing there
  }
}

/** Reads until the sink has written everything. */
async function readAll(reader: number, sink: LineSink): Promise<string> {
  let text = "";
  const draining = { isDone: false };
  const drained = sink.drain(10_000).then(() => (draining.isDone = true));
  while (!draining.isDone) {
    text += readAvailable(reader);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await drained;
  return text + readAvailable(reader);
}

function sinkOn(descriptor: number): LineSink {
  return new LineSink({ descriptor, clock: systemClock, describeDrops: (count) => `dropped ${count}\n` });
}

const LINES = 6000;
const line = (number: number): string => `${number} ${"x".repeat(60)}\n`;

describe("LineSink", () => {
  test.each([
    ["a blocking pipe", 0],
    ["a non-blocking pipe", constants.O_NONBLOCK],
  ])(
    "LineSink drops lines when nobody reads %s, tells how many, and keeps the rest whole and in order",
    async (_, flags) => {
      const { reader, writer } = pipe(flags);
      const sink = sinkOn(writer);
      for (let number = 0; number < LINES; number += 1) sink.write(line(number));
      // The loop is free although the first writes are stuck.
      await new Promise((resolve) => setImmediate(resolve));
      expect(sink.dropped).toBeGreaterThan(0);
      const text = await readAll(reader, sink);
      const kept = LINES - sink.dropped;
      const expected = Array.from({ length: kept }, (_unused, number) => line(number)).join("");
      expect(text).toBe(`${expected}dropped ${sink.dropped}\n`);
      sink.write(line(1));
      expect(await readAll(reader, sink)).toBe(line(1));
    },
  );

  test("LineSink writes a line longer than the pipe in one piece between its neighbours", async () => {
    const { reader, writer } = pipe();
    const sink = sinkOn(writer);
    const long = `${"y".repeat(200_000)}\n`;
    sink.write("a\n");
    sink.write(long);
    sink.write("b\n");
    expect(await readAll(reader, sink)).toBe(`a\n${long}b\n`);
    expect(sink.dropped).toBe(0);
  });

  test("LineSink is silent when the reader is gone", async () => {
    const { writer, hangUp } = pipe();
    const sink = sinkOn(writer);
    hangUp();
    sink.write("a\n");
    await sink.drain(10_000);
    sink.write("b\n");
    await sink.drain(10_000);
    expect(sink.dropped).toBe(0);
  });

  test("LineSink counts lines that a full disk refuses, and goes on", async () => {
    const full = openSync("/dev/full", "w");
    open.push(() => closeSync(full));
    const sink = sinkOn(full);
    sink.write("a\n");
    sink.write("b\n");
    await sink.drain(10_000);
    expect(sink.dropped).toBe(2);
  });

  test("drain gives up on a reader that does not read", async () => {
    const { reader, writer } = pipe();
    const sink = sinkOn(writer);
    for (let number = 0; number < LINES; number += 1) sink.write(line(number));
    await sink.drain(1);
    expect(sink.dropped).toBeGreaterThan(0);
    await readAll(reader, sink);
  });

  test("a process whose log nobody reads ends by itself", async () => {
    const { writer } = pipe();
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "../support/log-flood.ts")], {
      stdout: writer,
      stderr: "pipe",
    });
    expect(await child.stderr.text()).toBe("dropped true\n");
    expect(await child.exited).toBe(0);
  });
});
