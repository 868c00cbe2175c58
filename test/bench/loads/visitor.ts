/** One visitor connection of our own that is kept alive, for what the tools cannot measure. */
import { PUBLIC_NAME } from "../public-name.ts";

const REQUEST = Buffer.from(`GET / HTTP/1.1\r\nHost: ${PUBLIC_NAME}\r\n\r\n`);

export interface VisitorTarget {
  readonly address: string;
  readonly port: number;
  readonly secure: boolean;
}

/** Knows that the answer is small: it has a Content-Length and comes complete in a few pieces. */
export class Visitor implements Disposable {
  readonly #socket: Bun.Socket;
  readonly #reader: AnswerReader;

  private constructor(socket: Bun.Socket, reader: AnswerReader) {
    this.#socket = socket;
    this.#reader = reader;
  }

  static async connect({ address, port, secure }: VisitorTarget): Promise<Visitor> {
    const reader = new AnswerReader();
    const ready = Promise.withResolvers<void>();
    const socket = await Bun.connect({
      hostname: address,
      port,
      ...(secure ? { tls: { serverName: PUBLIC_NAME, rejectUnauthorized: false } } : {}),
      socket: {
        open: () => {
          if (!secure) ready.resolve();
        },
        handshake: () => ready.resolve(),
        data: (_socket, bytes) => reader.receive(bytes),
        close: () => {
          ready.reject(new Error("the connection was closed during its handshake"));
          reader.fail(new Error("the connection was closed"));
        },
      },
    });
    await ready.promise;
    return new Visitor(socket, reader);
  }

  /** Resolves when the answer is complete. One request at a time. */
  async ask(): Promise<void> {
    const answer = this.#reader.next();
    this.#socket.write(REQUEST, 0, REQUEST.length);
    await answer;
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }
}

class AnswerReader {
  #waiting: PromiseWithResolvers<void> | undefined;
  #text = "";

  next(): Promise<void> {
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  receive(bytes: Uint8Array): void {
    this.#text += Buffer.from(bytes).toString("latin1");
    const headEnd = this.#text.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#text)?.[1]);
    if (this.#text.length < headEnd + 4 + length) return;
    const isSuccess = this.#text.startsWith("HTTP/1.1 200 ");
    if (isSuccess) this.#waiting?.resolve();
    else this.fail(new Error(`unexpected answer: ${this.#text.slice(0, 200)}`));
    this.#text = "";
  }

  fail(error: Error): void {
    this.#waiting?.reject(error);
  }
}
