/** Two ends of a real connection over loopback, and the listener in between. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SocketDuplex, SocketOptions } from "../../src/net/socket-duplex.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { listenTcp, type ListenAddress } from "../../src/net/tcp-listen.ts";

export interface SocketPair {
  /** The dialling end first. Nobody listens to either. */
  readonly ends: readonly [SocketDuplex, SocketDuplex];
  readonly dispose: () => void;
}

export async function tcpPair(options: SocketOptions = {}): Promise<SocketPair> {
  return pairOver({ hostname: "127.0.0.1", port: 0 }, options);
}

export async function unixPair(options: SocketOptions = {}): Promise<SocketPair> {
  const folder = mkdtempSync(join(tmpdir(), "ginnel-test-"));
  const pair = await pairOver({ unix: join(folder, "s") }, options);
  return {
    ends: pair.ends,
    dispose: () => {
      pair.dispose();
      rmSync(folder, { recursive: true });
    },
  };
}

async function pairOver(address: ListenAddress, options: SocketOptions): Promise<SocketPair> {
  const accepted = Promise.withResolvers<SocketDuplex>();
  const listening = listenTcp(address, accepted.resolve, options);
  const target = "unix" in address ? address : { host: listening.hostname, port: listening.port };
  const dialled = await dialTcp(target, { ...options, timeoutMs: 5_000 });
  return { ends: [dialled, await accepted.promise], dispose: () => listening.close() };
}
