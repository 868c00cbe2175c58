/** A name server on loopback with one IPv4 address for every name, which the test changes; it can be away for a while. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

const HEADER_BYTES = 12;
const TYPE_A = 1;
/** A response to a recursive query, without error (RFC 1035 section 4.1.1). */
const FLAGS = 0x8180;
/** Its code for a server that cannot tell. */
const SERVER_FAILURE = 2;

export class DnsServer implements Disposable {
  /** Dotted; undefined: it cannot tell. */
  address: string | undefined;
  readonly #port: number;
  #socket: Socket | undefined;

  private constructor(socket: Socket, address: string) {
    this.#port = socket.address().port;
    this.address = address;
    this.#serve(socket);
  }

  static async start(address: string): Promise<DnsServer> {
    return new DnsServer(await listening(0), address);
  }

  /** As a resolver's address is written. */
  get hostPort(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Nobody listens on its port any more. */
  leave(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** Answers with this address from now on, on the same port. */
  async comeBack(address: string): Promise<void> {
    this.address = address;
    if (this.#socket === undefined) this.#serve(await listening(this.#port));
  }

  [Symbol.dispose](): void {
    this.leave();
  }

  #serve(socket: Socket): void {
    this.#socket = socket;
    socket.on("message", (query, { port, address: asker }) => socket.send(this.#answer(query), port, asker));
  }

  #answer(query: Buffer): Buffer {
    // The question: labels up to an empty one, then type and class.
    const end = query.indexOf(0, HEADER_BYTES) + 5;
    const { address } = this;
    const isAnswered = address !== undefined && query.readUInt16BE(end - 4) === TYPE_A;
    const response = Buffer.from(query.subarray(0, end));
    response.writeUInt16BE(FLAGS | (address === undefined ? SERVER_FAILURE : 0), 2);
    response.writeUInt16BE(1, 4);
    response.writeUInt16BE(isAnswered ? 1 : 0, 6);
    response.fill(0, 8, HEADER_BYTES);
    if (!isAnswered) return response;
    // A pointer to the name of the question, type A, class IN, no time to live, four bytes.
    const record = Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4]);
    return Buffer.concat([response, record, Buffer.from(address.split(".").map(Number))]);
  }
}

async function listening(port: number): Promise<Socket> {
  const socket = createSocket("udp4").bind(port, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}
