import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { CloseCause, Duplex } from "../../src/net/duplex.ts";
import { LINGER_MS } from "../../src/net/linger.ts";
import { nodeStream } from "../../src/net/node-stream.ts";
import { pipe } from "../../src/net/pipe.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { RecordingListener } from "../support/recording-listener.ts";

const FAR_TOO_MUCH_BYTES = 32 * 1024 * 1024;

/** What the other end of the pipe hears until it closes; it ends its direction when `endsToo` and the stream ended. */
async function hear(connection: Duplex, endsToo: boolean): Promise<{ text: string; cause: CloseCause | undefined }> {
  const closed = Promise.withResolvers<CloseCause | undefined>();
  let heard = "";
  connection.listen({
    onData: (bytes) => (heard += Buffer.from(bytes).toString("latin1")),
    onDrain: () => {},
    onEnd: () => {
      if (endsToo) connection.end();
    },
    onClose: closed.resolve,
  });
  return { cause: await closed.promise, text: heard };
}

describe("nodeStream", () => {
  test("carries bytes and the end of each direction", async () => {
    const [near, far] = pipe();
    const stream = nodeStream(near);
    const heard = hear(far, true);
    far.write(Buffer.from("down"));
    stream.write("up");
    stream.end(", then the end");
    expect(await text(stream)).toBe("down");
    expect(await heard).toEqual({ text: "up, then the end", cause: undefined });
  });

  test("is ended for reading and still writable when the peer has ended", async () => {
    const [near, far] = pipe();
    const stream = nodeStream(near);
    far.end();
    stream.resume();
    await once(stream, "end");
    const heard = hear(far, false);
    stream.end("late");
    expect(await heard).toEqual({ text: "late", cause: undefined });
  });

  test("delivers what was written before it was ended and destroyed", async () => {
    const [near, far] = pipe();
    const stream = nodeStream(near);
    const heard = hear(far, true);
    stream.end("x".repeat(3_000_000), () => stream.destroy());
    const { text, cause } = await heard;
    expect({ length: text.length, cause }).toEqual({ length: 3_000_000, cause: undefined });
  });

  test("waits with a clock only so long for the peer's end, and tells when the connection has gone", async () => {
    const [near, far] = pipe();
    const clock = new ManualClock();
    const gone = Promise.withResolvers<void>();
    const stream = nodeStream(near, { clock, onGone: gone.resolve });
    const heard = new RecordingListener(far);
    stream.end("all", () => stream.destroy());
    await once(stream, "close");
    await heard.until(() => heard.hasEnded);
    expect([heard.text, heard.isClosed, clock.pending]).toEqual(["all", false, 1]);
    clock.advance(LINGER_MS);
    await gone.promise;
    await heard.until(() => heard.isClosed);
    expect(clock.pending).toBe(0);
  });

  test("resets the connection when it is destroyed before its end", async () => {
    const [near, far] = pipe();
    const heard = hear(far, true);
    nodeStream(near).destroy();
    expect((await heard).cause).toMatchObject({ code: "RESET" });
  });

  test("fails with the cause when the peer resets", async () => {
    const [near, far] = pipe();
    const failed = once(nodeStream(near), "error");
    far.listen({ onData: () => {}, onDrain: () => {}, onEnd: () => {}, onClose: () => {} });
    far.reset();
    expect(await failed).toMatchObject([{ code: "RESET" }]);
  });

  test("stops taking bytes while the peer does not read, and goes on when it does", async () => {
    const [near, far] = pipe();
    const stream = nodeStream(near);
    let taken = 0;
    while (taken < FAR_TOO_MUCH_BYTES && stream.write(new Uint8Array(65_536))) taken += 65_536;
    expect(taken).toBeLessThan(FAR_TOO_MUCH_BYTES / 4);
    const drained = once(stream, "drain");
    const heard = hear(far, true);
    await drained;
    stream.end();
    expect((await heard).text.length).toBeGreaterThanOrEqual(taken);
  });

  test("stops the peer while nobody reads from it", async () => {
    const [near, far] = pipe();
    const stream = nodeStream(near);
    const drained = Promise.withResolvers<void>();
    far.listen({ onData: () => {}, onDrain: drained.resolve, onEnd: () => {}, onClose: () => {} });
    let given = 0;
    while (given < FAR_TOO_MUCH_BYTES && far.write(new Uint8Array(65_536))) given += 65_536;
    expect(given).toBeLessThan(FAR_TOO_MUCH_BYTES / 4);
    stream.resume();
    await drained.promise;
    stream.destroy();
  });
});
