/** A relay that can lose the near side of its connections while the far side knows nothing of it. */
import type { Duplex } from "../../src/net/duplex.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { type Listening, listenTcp } from "../../src/net/tcp-listen.ts";
import { splice } from "../../src/net/splice.ts";

const DEAF = { onData: (): void => {}, onDrain: (): void => {}, onEnd: (): void => {}, onClose: (): void => {} };

export class CuttableRelay implements Disposable {
  readonly #listening: Listening;
  readonly #joined: { readonly near: Duplex; readonly far: Duplex }[] = [];

  /** Relays to a port of this machine. */
  constructor(port: number) {
    this.#listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, (near) => {
      near.pause();
      void dialTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 }).then((far) => {
        this.#joined.push({ near, far });
        splice(near, far);
      });
    });
  }

  get port(): number {
    return this.#listening.port;
  }

  /** Resets the near sides of all connections; the far sides stay as they are. */
  cutNear(): void {
    for (const { near, far } of this.#joined) {
      far.listen(DEAF);
      near.listen(DEAF);
      near.reset();
    }
  }

  [Symbol.dispose](): void {
    this.#listening.close();
    for (const { far } of this.#joined) far.reset();
  }
}
