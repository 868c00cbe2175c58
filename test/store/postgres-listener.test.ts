import { afterAll, afterEach, expect, spyOn, test } from "bun:test";
import { SQL } from "bun";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { splice } from "../../src/net/splice.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import { PostgresListener } from "../../src/store/postgres-listener.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { PostgresDatabases } from "../support/postgres-databases.ts";
import { eventually, quiet } from "../support/turns.ts";

/** A hundred times as fast as time. */
const HASTY: Clock = { ...systemClock, after: (delayMs, wake) => systemClock.after(delayMs / 100, wake) };

const databases = await PostgresDatabases.start();
const closing = new AsyncDisposableStack();
const warn = spyOn(console, "warn");

afterEach(() => warn.mockClear());
afterAll(async () => {
  warn.mockRestore();
  await closing.disposeAsync();
  await databases[Symbol.asyncDispose]();
});

/** The server behind an address at which it may be away. */
function atAnAddress(url: string) {
  const { port } = new URL(url);
  const state = { isAway: false, refused: 0 };
  const open = new Set<Duplex>();
  const listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, (near) => {
    near.pause();
    if (state.isAway) {
      state.refused++;
      near.reset();
      return;
    }
    void dialTcp({ host: "127.0.0.1", port: Number(port) }, { timeoutMs: 5_000 }).then((far) => {
      open.add(far);
      splice(near, far);
    });
  });
  closing.defer(() => listening.close());
  const goAway = (): void => {
    state.isAway = true;
    for (const far of open) far.reset();
  };
  return { url: url.replace(`:${port}/`, `:${listening.port}/`), state, goAway };
}

test("PostgresListener listens again when the server is back, and says nothing of its own while it is away", async () => {
  const direct = await databases.create();
  const address = atAnAddress(direct);
  let woken = 0;
  const wake = (): void => void woken++;
  const listener = await PostgresListener.open({ url: address.url, channel: "changes", clock: HASTY, wake });
  closing.defer(() => listener.close());
  const others = new SQL(direct, { max: 1 });
  closing.defer(() => others.close());
  const hearsNotify = async (): Promise<void> => {
    const before = woken;
    await others.unsafe("SELECT pg_notify('changes', '')");
    await eventually("the notification is heard", () => woken > before);
  };
  await hearsNotify();

  address.goAway();
  await eventually("it has tried again", () => address.state.refused >= 3);
  address.state.isAway = false;
  const before = woken;
  await eventually("it listens again", () => woken > before);
  await hearsNotify();
  expect(warn).not.toHaveBeenCalled();
});

test("PostgresListener wakes when it listens and when the connection is lost, and has no plans when it is closed", async () => {
  const address = atAnAddress(await databases.create());
  const clock = new ManualClock();
  let woken = 0;
  const wake = (): void => void woken++;
  const listener = await PostgresListener.open({ url: address.url, channel: "changes", clock, wake });
  expect([woken, clock.pending]).toEqual([1, 0]);
  address.goAway();
  await eventually("the loss is told", () => woken === 2);
  clock.advance(1000);
  await eventually("it has tried again", () => address.state.refused === 1);
  await listener.close();
  await quiet();
  expect([woken, clock.pending]).toEqual([2, 0]);
});

test("PostgresListener that cannot listen says why, and does not try again", async () => {
  const address = atAnAddress(await databases.create());
  const clock = new ManualClock();
  address.goAway();
  const opening = PostgresListener.open({ url: address.url, channel: "changes", clock, wake: () => {} });
  expect(await opening.catch((error: unknown) => error)).toBeInstanceOf(SQL.PostgresError);
  expect([clock.pending, address.state.refused]).toEqual([0, 1]);
});
