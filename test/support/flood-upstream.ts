/** A service for those that want to send both ways without anybody reading, and what opens such a connection over an http endpoint. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { FAULT_HOST } from "./fault-scene.ts";

const PAGE = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
const UPGRADE = `GET /flood HTTP/1.1\r\nHost: ${FAULT_HOST}\r\nConnection: Upgrade\r\nUpgrade: flood\r\n\r\n`;
const UPGRADED = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: flood\r\n\r\n";

export class FloodUpstream implements Disposable {
  /** Those that are to be flooded, as they come; the others get a page. */
  readonly arrived: Socket[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      socket.once("data", (first) => {
        const text = first.toString("latin1");
        if (!text.includes("flood")) return void socket.end(PAGE);
        if (text.startsWith("GET")) socket.write(UPGRADED);
        this.arrived.push(socket);
      });
    });
  }

  static async start(): Promise<FloodUpstream> {
    const upstream = new FloodUpstream();
    upstream.#server.listen(0, "127.0.0.1");
    await once(upstream.#server, "listening");
    return upstream;
  }

  /** `host:port`. */
  get host(): string {
    const bound = this.#server.address();
    return `127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`;
  }

  [Symbol.dispose](): void {
    this.#server.close();
    for (const socket of this.arrived) socket.destroy();
  }
}

/** The connection, and the status that it was answered with: 101 when it may be flooded. Rejects when it is lost before. */
export function openFlood(port: number): Promise<readonly [Socket, number]> {
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  socket.write(UPGRADE);
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    // A peer that was killed may have ended it in order.
    for (const end of ["end", "close"]) socket.on(end, () => reject(new Error("the connection was lost")));
    socket.once("data", (first) => resolve([socket, Number(first.toString("latin1").split(" ")[1])]));
  });
}
