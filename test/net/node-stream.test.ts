import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { CloseCause, Duplex } from "../../src/net/duplex.ts";
import { nodeStream } from "../../src/net/node-stream.ts";
import { pipe } from "../../src/net/pipe.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { eventually, quiet } from "../support/turns.ts";

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

  test("finishes when the connection has taken everything, and tells each time that it takes more", async () => {
    const [near, far] = pipe();
    let [drains, hasFinished] = [0, false];
    const stream = nodeStream(near, { onDrain: () => (drains += 1) });
    const heard = new RecordingListener(far);
    far.pause();
    stream.end("x".repeat(3_000_000), () => (hasFinished = true));
    await quiet();
    expect([hasFinished, drains]).toEqual([false, 0]);
    far.resume();
    await heard.until(() => heard.hasEnded);
    await eventually("the stream has finished", () => hasFinished);
    expect([heard.bytesHeard, drains]).toEqual([3_000_000, 1]);
    stream.destroy();
    far.reset();
  });

  test("fails with the cause when the peer resets before it has taken the last bytes", async () => {
    const [near, far] = pipe();
    const stream = nodeStream(near);
    const failed = once(stream, "error");
    far.pause();
    stream.end("x".repeat(3_000_000));
    await quiet();
    far.reset();
    expect(await failed).toMatchObject([{ code: "RESET" }]);
  });

  test("leaves the peer to end its direction behind its own end, and tells when the connection has gone", async () => {
    const [near, far] = pipe();
    const gone = Promise.withResolvers<void>();
    const stream = nodeStream(near, { onGone: gone.resolve });
    const heard = new RecordingListener(far);
    stream.end("all", () => stream.destroy());
    await once(stream, "close");
    await heard.until(() => heard.hasEnded);
    expect([heard.text, heard.isClosed]).toEqual(["all", false]);
    far.end();
    await gone.promise;
    await heard.until(() => heard.isClosed);
    expect(heard.cause).toBeUndefined();
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
