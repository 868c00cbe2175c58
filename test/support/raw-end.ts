/** One end of a visitor's or an upstream's connection in the hands of a test, byte by byte. */
import type { Duplex } from "../../src/net/duplex.ts";
import { type Listening, listenTcp } from "../../src/net/tcp-listen.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import { RecordingListener } from "./recording-listener.ts";
import type { Place } from "./tunnel-system.ts";

export class RawEnd {
  readonly connection: Duplex;
  readonly heard: RecordingListener;

  constructor(connection: Duplex) {
    this.connection = connection;
    this.heard = new RecordingListener(connection);
  }

  /** Bytes of a text in Latin 1. */
  send(text: string): void {
    this.connection.write(Buffer.from(text, "latin1"));
  }

  /** Everything heard so far, once this text is in it. */
  async gets(text: string): Promise<string> {
    await this.heard.until(() => this.heard.text.includes(text));
    return this.heard.text;
  }

  /** Everything heard, once the peer has ended its direction in order. */
  async getsEnd(): Promise<string> {
    await this.heard.until(() => this.heard.hasEnded || this.heard.isClosed);
    if (this.heard.cause !== undefined) throw new Error(`cut: ${this.heard.cause.code}; heard ${this.heard.text}`);
    return this.heard.text;
  }

  /** Everything heard before the peer cut the connection. */
  async getsCut(): Promise<string> {
    await this.heard.until(() => this.heard.cause !== undefined);
    return this.heard.text;
  }
}

/** A visitor with a connection of its own. */
export async function rawVisitor({ scheme, host, port, caPem }: Place): Promise<RawEnd> {
  const plain = await dialTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 });
  if (scheme === "http") return new RawEnd(plain);
  const context = clientTlsContext([caPem]);
  return new RawEnd(
    (await connectTls(plain, { context, serverName: host, verify: true, timeoutMs: 5_000 })).connection,
  );
}

/** An upstream that answers nothing by itself; its connections are taken one after the other. */
export class RawUpstream implements Disposable {
  readonly #listening: Listening;
  readonly #arrived: RawEnd[] = [];
  readonly #awaited: ((end: RawEnd) => void)[] = [];

  constructor(hostname = "127.0.0.1") {
    this.#listening = listenTcp({ hostname, port: 0 }, (connection) => {
      const end = new RawEnd(connection);
      const taker = this.#awaited.shift();
      if (taker === undefined) this.#arrived.push(end);
      else taker(end);
    });
  }

  get port(): number {
    return this.#listening.port;
  }

  get addr(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The next connection. */
  accept(): Promise<RawEnd> {
    const end = this.#arrived.shift();
    return end === undefined ? new Promise((resolve) => this.#awaited.push(resolve)) : Promise.resolve(end);
  }

  /** How many came that nobody took. */
  get untaken(): number {
    return this.#arrived.length;
  }

  [Symbol.dispose](): void {
    this.#listening.close();
  }
}
