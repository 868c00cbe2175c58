/** Visitors who connect and never come to the point. */
import { afterEach, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { clientHello } from "../support/client-hello.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { LOOPBACK, testEdge, type TestEdge } from "../support/test-edge.ts";
import { eventually } from "../support/turns.ts";

const VISITORS = 500;
/** The longest that the edge waits: for the handshake behind the hello, and one tick of its coarse timer. */
const PATIENCE_MS = 70_000;

let running: TestEdge | undefined;
afterEach(() => running?.end());

test.each([
  ["nothing", 0],
  ["half a ClientHello", 0.5],
  ["a ClientHello and nothing more", 1],
])("TlsPort lets go of all visitors that send %s", async (_case, share) => {
  const clock = new ManualClock();
  const edge = testEdge({}, clock);
  running = edge;
  const hello = await clientHello("edge.test");
  const descriptors = readdirSync("/proc/self/fd").length;

  const visitors = await Promise.all(
    Array.from({ length: VISITORS }, async () => {
      const visitor = await dialTcp({ host: LOOPBACK, port: edge.https }, { timeoutMs: 5_000 });
      visitor.write(hello.subarray(0, hello.length * share));
      return new RecordingListener(visitor);
    }),
  );
  // The answer to a whole hello is the server's part of the handshake.
  if (share === 1) await Promise.all(visitors.map((visitor) => visitor.until(() => visitor.bytesHeard > 0)));
  else await eventually("all are accepted", () => readdirSync("/proc/self/fd").length === descriptors + 2 * VISITORS);
  clock.advance(PATIENCE_MS);

  await Promise.all(visitors.map((visitor) => visitor.until(() => visitor.isClosed)));
  await eventually("no descriptor is left", () => readdirSync("/proc/self/fd").length <= descriptors);
  expect(clock.pending).toBe(0);
  expect(edge.log.filter(({ level }) => level === "error")).toEqual([]);
});
