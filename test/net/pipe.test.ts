import { expect, test } from "bun:test";
import { pipe, STREAM_PIPE_BYTES } from "../../src/net/pipe.ts";
import { duplexContract } from "../support/duplex-contract.ts";
import { RecordingListener } from "../support/recording-listener.ts";

duplexContract("pipe", () => Promise.resolve({ ends: pipe() }));

duplexContract("pipe for a stream among many", () =>
  Promise.resolve({ ends: pipe({ highWaterBytes: STREAM_PIPE_BYTES }) }),
);

test("pipe takes what it may hold, and a write more", async () => {
  const [a, b] = pipe({ highWaterBytes: STREAM_PIPE_BYTES });
  const atA = new RecordingListener(a);
  b.pause();
  const atB = new RecordingListener(b);
  expect(a.write(new Uint8Array(STREAM_PIPE_BYTES - 1))).toBe(true);
  expect(a.write(new Uint8Array(1))).toBe(false);
  b.resume();
  await Promise.all([atA.until(() => atA.drains > 0), atB.until(() => atB.bytesHeard === STREAM_PIPE_BYTES)]);
});

test("pipe names its ends as it was told", () => {
  const [a, b] = pipe({ remoteAddresses: ["<edge>", "<agent>"] });
  expect([a.remoteAddress, b.remoteAddress]).toEqual(["<edge>", "<agent>"]);
});

test("pipe carries the code of a reset to both ends", async () => {
  const [a, b] = pipe();
  const atA = new RecordingListener(a);
  const atB = new RecordingListener(b);
  a.reset(7);
  await Promise.all([atA.until(() => atA.isClosed), atB.until(() => atB.isClosed)]);
  expect([atA.cause, atB.cause]).toEqual([
    { code: "RESET", resetCode: 7 },
    { code: "RESET", resetCode: 7 },
  ]);
});

test.each(["onData", "onDrain", "onEnd", "onClose"] as const)(
  "pipe survives what a listener throws in %s, and closes at both ends",
  async (event) => {
    const faults: unknown[] = [];
    const [a, b] = pipe({ onFault: (fault) => faults.push(fault) });
    const ours = new Error("ours");
    const atA = new RecordingListener();
    atA[event] = (): never => {
      throw ours;
    };
    a.listen(atA);
    const atB = new RecordingListener(b);
    while (a.write(new Uint8Array(100_000))); // until a drain is due
    b.write(Buffer.from("x"));
    b.end();
    if (event === "onClose") a.end();
    await atB.until(() => atB.isClosed && faults.length > 0);
    expect(faults).toEqual([ours]);
    expect(atB.cause?.code).toBe(event === "onClose" ? undefined : "RESET");
  },
);
