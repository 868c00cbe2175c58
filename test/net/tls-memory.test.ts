/** What an open TLS connection keeps of its handshake, of which an edge has thousands. */
import { expect, test } from "bun:test";
import type { Duplex } from "../../src/net/duplex.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { acceptAfterHello, clientContext } from "../support/tls-pair.ts";

const CONNECTIONS = 40;
/** Collectors take what looks like a reference on the stack for one. */
const MISTAKEN = 4;

function alive(references: readonly WeakRef<object>[]): number {
  return references.filter((reference) => reference.deref() !== undefined).length;
}

test("upgradeToTls lets go of the connection below and of what only the handshake needed", async () => {
  using undo = new DisposableStack();
  const below: WeakRef<object>[] = [];
  const signals: WeakRef<object>[] = [];
  const accepted: Promise<unknown>[] = [];
  const keep = (connection: Duplex): void => undo.defer(() => connection.reset());

  const accept = async (plain: Duplex): Promise<void> => {
    const { signal } = new AbortController();
    below.push(new WeakRef(plain));
    signals.push(new WeakRef(signal));
    keep((await acceptAfterHello(plain, { signal })).connection);
  };
  const listening = undo.use(listenTcp({ hostname: "127.0.0.1", port: 0 }, (plain) => accepted.push(accept(plain))));
  const dial = async (): Promise<void> => {
    const plain = await dialTcp({ host: listening.hostname, port: listening.port }, { timeoutMs: 5_000 });
    below.push(new WeakRef(plain));
    const secured = await connectTls(plain, { context: clientContext, serverName: "good.test", verify: true });
    keep(secured.connection);
  };

  await Promise.all(Array.from({ length: CONNECTIONS }, dial));
  await Promise.all(accepted.splice(0));
  // What a weak reference is made of stays until the turn is over.
  await new Promise(setImmediate);
  Bun.gc(true);
  expect(below).toHaveLength(2 * CONNECTIONS);
  expect(alive(below)).toBeLessThanOrEqual(MISTAKEN);
  expect(alive(signals)).toBeLessThanOrEqual(MISTAKEN);
});
