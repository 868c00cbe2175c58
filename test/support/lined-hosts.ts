/** Two networks with a line between them, packets and all: the edge lives in one, the agent in the other. */
import { layLine, type TunLine } from "../bench/line/tun-line.ts";
import { Namespace } from "../bench/layouts/namespace.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

export const EDGE_ADDRESS = "198.18.3.1";
const AGENT_ADDRESS = "198.18.3.2";
const AGENT_DEVICE = "agent";
/** A short way, without losses of its own. */
const TRAITS = { roundTripMs: 4, loss: 0, bitsPerSecond: 0, queueBytes: 0, seed: 1 };

export class LinedHosts implements AsyncDisposable {
  readonly edge: Namespace;
  readonly agent: Namespace;
  /** For `silenceLine` and `healLine`; the way `away` leads from the edge to the agent. */
  readonly control: string;
  readonly #undo: AsyncDisposableStack;

  private constructor(edge: Namespace, agent: Namespace, line: TunLine, undo: AsyncDisposableStack) {
    this.edge = edge;
    this.agent = agent;
    this.control = line.control;
    this.#undo = undo;
  }

  /** @throws Error where this process may not make namespaces, as root may. */
  static async create(): Promise<LinedHosts> {
    await using undo = new AsyncDisposableStack();
    const folder = undo.use(new TemporaryFolder());
    const hosts = folder.file("hosts");
    await Bun.write(hosts, "127.0.0.1 localhost\n");
    const edge = undo.use(await Namespace.create(hosts));
    const agent = undo.use(await Namespace.create(hosts));
    const line = undo.use(
      await layLine(
        [
          { namespace: edge, device: "edge", address: `${EDGE_ADDRESS}/24` },
          { namespace: agent, device: AGENT_DEVICE, address: `${AGENT_ADDRESS}/24` },
        ],
        TRAITS,
      ),
    );
    return new LinedHosts(edge, agent, line, undo.move());
  }

  /** The agent is somewhere else from now on: whatever is sent to where it was is lost. */
  async moveAgent(address: string): Promise<void> {
    await this.agent.run("ip", "address", "flush", "dev", AGENT_DEVICE);
    await this.agent.run("ip", "address", "add", `${address}/24`, "dev", AGENT_DEVICE);
  }

  /** Both ends of the connections over the line get a reset, as from a router that has forgotten them. */
  async resetConnections(): Promise<void> {
    await this.edge.run("ss", "--kill", "--tcp", "dst", `${AGENT_ADDRESS}/24`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#undo.disposeAsync();
  }
}
