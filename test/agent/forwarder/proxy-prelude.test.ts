import { describe, expect, test } from "bun:test";
import { takeProxyPrelude } from "../../../src/agent/forwarder/proxy-prelude.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { MUX_ERRORS } from "../../../src/protocol/mux/error-codes.ts";
import { encodeVersion1 } from "../../../src/protocol/proxyproto/version-1.ts";
import { encodeVersion2 } from "../../../src/protocol/proxyproto/version-2.ts";
import { everyCut, octets, text } from "../../support/http-transcript.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingListener } from "../../support/recording-listener.ts";
import { eventually } from "../../support/turns.ts";

const CONNECTION = {
  type: "ip",
  transport: "stream",
  source: { address: "192.0.2.7", port: 4711 },
  destination: { address: "192.0.2.1", port: 443 },
} as const;

describe("takeProxyPrelude", () => {
  test.each([
    ["1", encodeVersion1(CONNECTION)],
    ["2", encodeVersion2(CONNECTION)],
  ])("takeProxyPrelude splits a header of version %s off wherever the bytes are cut", async (_, header) => {
    const bytes = new Uint8Array([...header, ...octets("visitor")]);
    for (const [start = new Uint8Array(0), ...chunks] of everyCut(bytes)) {
      const [stream, edge] = pipe();
      const clock = new ManualClock();
      const { promise, resolve } = Promise.withResolvers<{ prelude: Uint8Array; heard: RecordingListener }>();
      takeProxyPrelude(stream, start, clock, (prelude, rest) => {
        const heard = new RecordingListener(stream);
        if (rest.length > 0) heard.onData(rest);
        resolve({ prelude, heard });
      });
      for (const chunk of chunks) if (chunk.length > 0) edge.write(chunk);
      edge.end();
      const { prelude, heard } = await promise;
      await heard.until(() => heard.hasEnded);
      expect({ prelude: text(prelude), rest: heard.text }).toEqual({ prelude: text(header), rest: "visitor" });
      expect(clock.pending).toBe(0);
      stream.reset();
    }
  });

  test.each([
    ["does not begin with a header", "GET / HTTP/1.1\r\n\r\n", MUX_ERRORS.protocol],
    ["ends in the middle of one", "PROXY TCP4", MUX_ERRORS.protocol],
  ])("takeProxyPrelude resets a stream that %s", async (_, bytes, resetCode) => {
    const [stream, edge] = pipe();
    const heard = new RecordingListener(edge);
    const clock = new ManualClock();
    takeProxyPrelude(stream, new Uint8Array(0), clock, () => expect.unreachable());
    edge.write(octets(bytes));
    edge.end();
    await heard.until(() => heard.isClosed);
    expect(heard.cause).toEqual({ code: "RESET", resetCode });
    expect(clock.pending).toBe(0);
  });

  test("takeProxyPrelude waits 30 s for the whole header", async () => {
    const [stream, edge] = pipe();
    const heard = new RecordingListener(edge);
    const clock = new ManualClock();
    takeProxyPrelude(stream, octets("PROXY "), clock, () => expect.unreachable());
    clock.advance(29_999);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    await heard.until(() => heard.isClosed);
    expect(heard.cause?.resetCode).toBe(MUX_ERRORS.streamCancelled);
  });

  test("takeProxyPrelude forgets a visitor that has gone", async () => {
    const [stream, edge] = pipe();
    const clock = new ManualClock();
    takeProxyPrelude(stream, octets("PROXY "), clock, () => expect.unreachable());
    edge.reset();
    await eventually("the deadline is cancelled", () => clock.pending === 0);
    expect(clock.pending).toBe(0);
  });
});
