/** A name server on loopback with one IPv4 address for every name, which the test changes. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

const HEADER_BYTES = 12;
const TYPE_A = 1;
/** A response to a recursive query, without error (RFC 1035 section 4.1.1). */
const FLAGS = 0x8180;

export class DnsServer implements Disposable {
  /** Dotted. */
  address: string;
  readonly #socket: Socket;

  private constructor(socket: Socket, address: string) {
    this.#socket = socket;
    this.address = address;
    socket.on("message", (query, { port, address: asker }) => socket.send(this.#answer(query), port, asker));
  }

  static async start(address: string): Promise<DnsServer> {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    return new DnsServer(socket, address);
  }

  /** As a resolver's address is written. */
  get hostPort(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  #answer(query: Buffer): Buffer {
    // The question: labels up to an empty one, then type and class.
    const end = query.indexOf(0, HEADER_BYTES) + 5;
    const isForIpv4 = query.readUInt16BE(end - 4) === TYPE_A;
    const response = Buffer.from(query.subarray(0, end));
    response.writeUInt16BE(FLAGS, 2);
    response.writeUInt16BE(1, 4);
    response.writeUInt16BE(isForIpv4 ? 1 : 0, 6);
    response.fill(0, 8, HEADER_BYTES);
    if (!isForIpv4) return response;
    // A pointer to the name of the question, type A, class IN, no time to live, four bytes.
    const record = Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4]);
    return Buffer.concat([response, record, Buffer.from(this.address.split(".").map(Number))]);
  }
}
