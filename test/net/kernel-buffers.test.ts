/** Asks kernel and runtime for what Bun's types do not promise: a socket's descriptor, and what the kernel may be told by it. */
import { afterEach, expect, test } from "bun:test";
import type { Duplex } from "../../src/net/duplex.ts";
import { limitUnread, limitUnsent } from "../../src/net/kernel-buffers.ts";
import type { SocketDuplex } from "../../src/net/socket-duplex.ts";
import { tcpPair } from "../support/socket-pair.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { tlsPair } from "../support/tls-pair.ts";

const MUCH = new Uint8Array(8 * 1024 * 1024);
/** The limit, and what is on its way to a peer that does not read. Unlimited, the kernel takes more than 2 MB at once. */
const ENOUGH_BYTES = 1024 * 1024;

const undo: (() => void)[] = [];

afterEach(() => {
  for (const one of undo.splice(0).toReversed()) one();
});

async function connected(): Promise<readonly [SocketDuplex, SocketDuplex]> {
  const { ends, dispose } = await tcpPair();
  undo.push(dispose, () => ends[0].reset());
  return ends;
}

/** What the kernel may hold for an end of a connection; it counts as much again for its own. */
async function receiveBufferBytes({ localAddress = "" }: Duplex): Promise<number> {
  const port = localAddress.split(":").at(-1);
  const listing = Bun.spawn(["ss", "-tmnH", "state", "established", `sport = :${port}`], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  return Number(/,rb(\d+)/.exec(await listing.stdout.text())?.[1]);
}

test.each([
  ["dialled", 0],
  ["accepted", 1],
] as const)("limitUnsent keeps what does not leave out of the kernel, on a socket that was %s", async (_, index) => {
  const ends = await connected();
  for (const end of ends) end.pause();
  const taken = ends[index].writeNow(MUCH, 0, MUCH.length);
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThan(ENOUGH_BYTES);
});

test("limitUnread sets what the kernel holds of a socket, also from within TLS", async () => {
  const plain = await connected();
  const [client, server] = await tlsPair(plain);
  undo.push(() => client.connection.reset());
  client.connection.limitUnread?.(40_000);
  server.connection.limitUnread?.(50_000);
  expect([await receiveBufferBytes(client.connection), await receiveBufferBytes(server.connection)]).toEqual([
    80_000, 100_000,
  ]);
});

test("limitUnsent and limitUnread answer false for what has no such limit", async () => {
  using folder = new TemporaryFolder();
  const accepted = Promise.withResolvers<boolean>();
  const handlers = { data: (): void => {} };
  const listener = Bun.listen({
    unix: folder.file("socket"),
    socket: { ...handlers, open: (socket) => accepted.resolve(limitUnsent(socket)) },
  });
  undo.push(() => listener.stop(true));
  const dialled = await Bun.connect({ unix: folder.file("socket"), socket: handlers });
  expect([await accepted.promise, limitUnsent(dialled)]).toEqual([false, false]);
  dialled.terminate();
  expect(limitUnread(dialled, 40_000)).toBe(false);
});
