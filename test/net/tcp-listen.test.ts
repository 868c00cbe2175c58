import { afterEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { listenTcp, type ListenAddress } from "../../src/net/tcp-listen.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { wornListener } from "../support/worn-listener.ts";

/** State of a connection, and in the sixth column the timer, 02 for keep-alive: proc(5), /proc/net/tcp. */
const ESTABLISHED = "01";

const opened: Array<() => void> = [];

afterEach(() => {
  for (const close of opened.splice(0)) close();
});

const fresh: typeof wornListener = (onConnection, options) =>
  Promise.resolve(listenTcp({ hostname: "127.0.0.1", port: 0 }, onConnection, options));

function failureOf(address: ListenAddress): unknown {
  try {
    listenTcp(address, () => {}).close();
  } catch (failure) {
    return failure;
  }
  throw new Error("expected a failure");
}

describe("listenTcp", () => {
  test("says which address is in use, and what to do", () => {
    const first = listenTcp({ hostname: "127.0.0.1", port: 0 }, () => {});
    opened.push(() => first.close());
    expect(failureOf({ hostname: "127.0.0.1", port: first.port })).toMatchObject({
      name: "UsageError",
      message:
        `listen tcp 127.0.0.1:${first.port}: bind: address already in use. ` +
        "Stop the program that listens there, or choose another port.",
    });
  });

  test.each([
    [undefined, "00", "first", fresh],
    [60_000, "02", "first", fresh],
    [60_000, "02", "later", wornListener],
  ])(
    "has the kernel ask for a silent peer after %p ms: %p, of the %s visitors",
    async (keepAliveMs, timer, _, listen) => {
      const listening = await listen(() => {}, keepAliveMs === undefined ? {} : { keepAliveMs });
      opened.push(() => listening.close());
      const visitor = await dialTcp({ host: "127.0.0.1", port: listening.port }, { timeoutMs: 5_000 });
      opened.push(() => visitor.reset());
      const ours = `0100007F:${listening.port.toString(16).toUpperCase().padStart(4, "0")}`;
      const found = (await Bun.file("/proc/net/tcp").text())
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .find(([, local, , state]) => local === ours && state === ESTABLISHED);
      expect(found?.[5]?.slice(0, 2)).toBe(timer);
    },
  );

  test("says that an address is not of this machine", () => {
    const failure = failureOf({ hostname: "192.0.2.1", port: 4443 });
    expect(failure).toMatchObject({ name: "UsageError" });
    expect(String(failure)).toContain("listen tcp 192.0.2.1:4443: bind: cannot assign requested address.");
  });

  test("shares a port when both ask for it", () => {
    const first = listenTcp({ hostname: "127.0.0.1", port: 0, sharing: "first" }, () => {});
    const second = listenTcp({ hostname: "127.0.0.1", port: first.port, sharing: "further" }, () => {});
    opened.push(
      () => first.close(),
      () => second.close(),
    );
    expect(second.port).toBe(first.port);
  });

  test("leaves open connections alone when it stops accepting, and cuts them when it closes", async () => {
    const { promise, resolve } = Promise.withResolvers<RecordingListener>();
    const listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, (peer) => resolve(new RecordingListener(peer)));
    const target = { host: "127.0.0.1", port: listening.port };
    const connection = await dialTcp(target, { timeoutMs: 5_000 });
    const heard = new RecordingListener(connection);
    const peer = await promise;
    listening.stopAccepting();
    expect(await dialTcp(target, { timeoutMs: 5_000 }).catch((error: unknown) => error)).toMatchObject({
      reason: "refused",
    });
    connection.write(Buffer.from("still here"));
    await peer.until(() => peer.text === "still here");
    listening.close();
    await peer.until(() => peer.isClosed);
    await heard.until(() => heard.isClosed || heard.hasEnded);
    connection.reset();
  });

  test("removes the file of a unix socket", () => {
    using folder = new TemporaryFolder();
    const path = folder.file("s");
    const listening = listenTcp({ unix: path }, () => {});
    expect(existsSync(path)).toBe(true);
    listening.close();
    expect(existsSync(path)).toBe(false);
  });

  test("resets a connection whose greeting throws, reports it and serves the next", async () => {
    const faults: unknown[] = [];
    let visitors = 0;
    const listening = listenTcp(
      { hostname: "127.0.0.1", port: 0 },
      (peer) => {
        visitors += 1;
        if (visitors === 1) throw new Error("ours");
        peer.write(Buffer.from("welcome"));
      },
      { onFault: (fault) => faults.push(fault) },
    );
    opened.push(() => listening.close());
    const target = { host: "127.0.0.1", port: listening.port };
    const first = new RecordingListener(await dialTcp(target, { timeoutMs: 5_000 }));
    await first.until(() => first.isClosed);
    const second = new RecordingListener(await dialTcp(target, { timeoutMs: 5_000 }));
    await second.until(() => second.text === "welcome");
    expect(faults).toEqual([new Error("ours")]);
  });
});
