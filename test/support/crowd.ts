/** Strangers from one address who come all the time, and never to the point. */
import type { Duplex } from "../../src/net/duplex.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import { EDGE_DOMAIN } from "./edge-process.ts";

const PATIENCE_MS = 20_000;
/** Between two of them: far more come than places are free, and a busy machine has time for others. */
const EVERY_MS = 4;

/** What one of them does with its connection before it falls silent; the connection that it has then. */
export type Stall = (plain: Duplex) => Promise<Duplex>;

/** Sends this, and no more. */
export function says(text: string | Uint8Array): Stall {
  return (connection) => {
    connection.write(Buffer.from(text));
    return Promise.resolve(connection);
  };
}

/** Makes the whole handshake, then sends this, and no more. */
export function saysBehindTls(caPem: string, text: string | Uint8Array): Stall {
  const tls = { context: clientTlsContext([caPem]), serverName: EDGE_DOMAIN, verify: true, timeoutMs: PATIENCE_MS };
  return async (plain) => says(text)((await connectTls(plain, tls)).connection);
}

export class Crowd implements AsyncDisposable {
  /** Those that the edge has let go of. */
  gone = 0;
  readonly #port: number;
  readonly #from: string;
  readonly #staying = new Set<Duplex>();
  readonly #coming: Promise<void>;
  #isOver = false;

  /** `from`: an address of this machine. They take turns in what they do. */
  constructor(port: number, from: string, stalls: readonly Stall[]) {
    this.#port = port;
    this.#from = from;
    this.#coming = this.#keepComing(stalls);
  }

  async #keepComing(stalls: readonly Stall[]): Promise<void> {
    const underWay = new Set<Promise<void>>();
    for (let turn = 0; !this.#isOver; turn += 1) {
      const stall = stalls[turn % stalls.length];
      if (stall === undefined) break;
      const coming: Promise<void> = this.#come(stall).finally(() => underWay.delete(coming));
      underWay.add(coming);
      await Bun.sleep(EVERY_MS);
    }
    await Promise.all(underWay);
  }

  async #come(stall: Stall): Promise<void> {
    try {
      const from = { timeoutMs: PATIENCE_MS, localAddress: this.#from };
      const connection = await stall(await dialTcp({ host: "127.0.0.1", port: this.#port }, from));
      this.#staying.add(connection);
      const onClose = (): void => {
        this.#staying.delete(connection);
        this.gone += 1;
      };
      connection.listen({ onData: () => {}, onDrain: () => {}, onEnd: () => {}, onClose });
    } catch {
      // In the middle of its handshake.
      this.gone += 1;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#coming;
    for (const connection of this.#staying) connection.reset();
  }
}
