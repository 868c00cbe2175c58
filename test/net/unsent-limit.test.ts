/** Asks kernel and runtime for what Bun's types do not promise: a socket's descriptor, and what it may be told by it. */
import { afterEach, expect, test } from "bun:test";
import type { SocketDuplex } from "../../src/net/socket-duplex.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import { limitUnsent } from "../../src/net/unsent-limit.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { wornListener } from "../support/worn-listener.ts";

const MUCH = new Uint8Array(8 * 1024 * 1024);
/** The limit, and what is on its way to a peer that does not read. Unlimited, the kernel takes 2.6 MB at once. */
const ENOUGH_BYTES = 1024 * 1024;

const undo: (() => void)[] = [];

afterEach(() => {
  for (const one of undo.splice(0).toReversed()) one();
});

/** Both ends of a connection, the one that was accepted first. Nobody reads. */
async function connected(isLate: boolean): Promise<readonly [SocketDuplex, SocketDuplex]> {
  const accepted = Promise.withResolvers<SocketDuplex>();
  const greet = (connection: SocketDuplex): void => accepted.resolve(connection);
  const listening = isLate ? await wornListener(greet) : listenTcp({ hostname: "127.0.0.1", port: 0 }, greet);
  undo.push(() => listening.close());
  const dialled = await dialTcp({ host: "127.0.0.1", port: listening.port }, { timeoutMs: 5_000 });
  undo.push(() => dialled.reset());
  return [await accepted.promise, dialled];
}

test.each([
  ["accepted", 0, false],
  ["accepted later", 0, true],
  ["dialled", 1, false],
] as const)(
  "limitUnsent keeps what does not leave out of the kernel, on a socket that was %s",
  async (_, index, isLate) => {
    const ends = await connected(isLate);
    for (const end of ends) end.pause();
    const taken = ends[index].writeNow(MUCH, 0, MUCH.length);
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(ENOUGH_BYTES);
  },
);

test("limitUnsent leaves unix sockets as they are", async () => {
  using folder = new TemporaryFolder();
  const path = `${folder.path}/socket`;
  const accepted = Promise.withResolvers<boolean>();
  const handlers = { data: (): void => {} };
  const listener = Bun.listen({
    unix: path,
    socket: { ...handlers, open: (socket) => accepted.resolve(limitUnsent(socket)) },
  });
  undo.push(() => listener.stop(true));
  const dialled = await Bun.connect({ unix: path, socket: handlers });
  undo.push(() => dialled.terminate());
  expect([await accepted.promise, limitUnsent(dialled)]).toEqual([false, false]);
});
