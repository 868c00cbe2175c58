/** A relay on this machine between an agent and its edge that reads what both say: the agent has to trust its certificate. */
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer, type Server } from "node:tls";
import type { TestIdentity } from "./test-certificates.ts";

/** Where the edge is. */
export interface RelayedEdge {
  readonly port: number;
  readonly caPem: string;
  readonly domain: string;
}

export class OverhearingRelay implements AsyncDisposable {
  /** What agents have sent, as Latin 1. */
  fromAgents = "";
  /** What the edge has answered, as Latin 1. */
  fromEdge = "";
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor({ certPem, keyPem }: TestIdentity, { port, caPem, domain }: RelayedEdge) {
    this.#server = createServer({ cert: certPem, key: keyPem }, (near) => {
      const far = connect({ host: "127.0.0.1", port, ca: caPem, servername: domain });
      near.on("data", (bytes: Buffer) => (this.fromAgents += bytes.toString("latin1")));
      far.on("data", (bytes: Buffer) => (this.fromEdge += bytes.toString("latin1")));
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on("error", () => to.destroy());
        from.on("close", () => to.destroy());
        from.pipe(to);
      }
    });
  }

  static async start(identity: TestIdentity, edge: RelayedEdge): Promise<OverhearingRelay> {
    const relay = new OverhearingRelay(identity, edge);
    relay.#server.listen(0, "127.0.0.1");
    await once(relay.#server, "listening");
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // it listens at a port
  }

  /** Ends all connections; agents may come again. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.cut();
    await closed;
  }
}
