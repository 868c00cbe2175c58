import { afterEach, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import type { SocketDuplex } from "../../src/net/socket-duplex.ts";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { clientHello } from "../support/client-hello.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { acceptAfterHello } from "../support/tls-pair.ts";
import { eventually } from "../support/turns.ts";

const VISITORS = 500;
const LIMIT_MS = 10_000;

const opened: Array<() => void> = [];

afterEach(() => {
  for (const close of opened.splice(0)) close();
});

test.each([
  ["half a hello", 2],
  ["a hello and nothing more", 1],
])("acceptTls lets go of every socket of peers that send %s", async (_case, divisor) => {
  const whole = await clientHello("good.test");
  const clock = new ManualClock();
  const failures: string[] = [];
  let accepted = 0;
  const listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, (plain: SocketDuplex) => {
    acceptAfterHello(plain, { clock, timeoutMs: LIMIT_MS }).catch((failure: Error & { code: string }) => {
      failures.push(failure.code);
    });
    accepted += 1;
  });
  opened.push(() => listening.close());
  const descriptorsBefore = readdirSync("/proc/self/fd").length;

  const target = { host: "127.0.0.1", port: listening.port };
  const visitors = await Promise.all(
    Array.from({ length: VISITORS }, async () => {
      const visitor = await dialTcp(target, { timeoutMs: 5_000 });
      visitor.write(whole.subarray(0, whole.length / divisor));
      return new RecordingListener(visitor);
    }),
  );
  await eventually("all handshakes have begun", () => clock.pending === VISITORS);
  clock.advance(LIMIT_MS);
  await Promise.all(visitors.map((visitor) => visitor.until(() => visitor.isClosed)));

  expect(accepted).toBe(VISITORS);
  expect(failures).toEqual(Array.from({ length: VISITORS }, () => "ETIMEDOUT"));
  expect(clock.pending).toBe(0);
  await eventually("no descriptor is left", () => readdirSync("/proc/self/fd").length <= descriptorsBefore);
});
