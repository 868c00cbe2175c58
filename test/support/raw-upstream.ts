/** An upstream in the test's own process, which hands over each connection as it comes. */
import type { SocketDuplex } from "../../src/net/socket-duplex.ts";
import { type ListenAddress, type Listening, listenTcp } from "../../src/net/tcp-listen.ts";

export class RawUpstream implements Disposable {
  readonly #listening: Listening;
  readonly #waiting: SocketDuplex[] = [];
  #onConnection: ((connection: SocketDuplex) => void) | undefined;

  constructor(address: ListenAddress = { hostname: "127.0.0.1", port: 0 }) {
    this.#listening = listenTcp(address, (connection) => {
      const take = this.#onConnection;
      this.#onConnection = undefined;
      if (take === undefined) this.#waiting.push(connection);
      else take(connection);
    });
  }

  get port(): number {
    return this.#listening.port;
  }

  /** The next connection; one waiter at a time. */
  next(): Promise<SocketDuplex> {
    const first = this.#waiting.shift();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve) => {
      this.#onConnection = resolve;
    });
  }

  /** How many came that nobody took. */
  get untaken(): number {
    return this.#waiting.length;
  }

  [Symbol.dispose](): void {
    this.#listening.close();
  }
}

/** Sends back what comes, and ends when the peer does. */
export function echo(connection: SocketDuplex): void {
  connection.listen({
    onData: (bytes) => {
      if (!connection.write(bytes)) connection.pause();
    },
    onDrain: () => connection.resume(),
    onEnd: () => connection.end(),
    onClose: () => {},
  });
}
