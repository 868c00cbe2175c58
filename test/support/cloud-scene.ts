/** An edge that follows the records of a store, with the management API beside it, all in this process; agents are played. */
import { z } from "zod";
import { RecordDirectory } from "../../src/edge/records/record-directory.ts";
import { freePorts } from "./free-ports.ts";
import { ManagementScene, type SceneAccount } from "./management-scene.ts";
import { type EdgeAgent, EDGE_CA_PEM, LOOPBACK, testEdge, type TestEdge } from "./test-edge.ts";
import { type Visit, visit, type Visited } from "./visit.ts";

const BASE = "e.test";
const NAMES = { baseDomains: [BASE], protectedNames: [`api.${BASE}`] };

export class CloudScene implements AsyncDisposable {
  readonly scene: ManagementScene;
  /** Ports of tcp endpoints; three. */
  readonly firstPort: number;
  #edge: TestEdge;
  #directory: RecordDirectory;

  private constructor(scene: ManagementScene, firstPort: number, [edge, directory]: [TestEdge, RecordDirectory]) {
    this.scene = scene;
    this.firstPort = firstPort;
    this.#edge = edge;
    this.#directory = directory;
  }

  static async open(): Promise<CloudScene> {
    const first = freePorts(3);
    const scene = await ManagementScene.open({ tcp: { host: BASE, ports: { first, last: first + 2 } } });
    return new CloudScene(scene, first, await startedEdge(scene, first));
  }

  get edge(): TestEdge {
    return this.#edge;
  }

  /** The same store, another edge. */
  async restart(): Promise<void> {
    await this.#endEdge();
    [this.#edge, this.#directory] = await startedEdge(this.scene, this.firstPort);
  }

  /** Answers its id. @throws Error when it is refused */
  async create(url: string, policy: string | object, more: object = {}, account?: SceneAccount): Promise<string> {
    const traffic_policy = typeof policy === "string" ? policy : JSON.stringify(policy);
    return (await this.scene.create("endpoints", { url, traffic_policy, ...more }, account)).id;
  }

  /** Of the first account unless said otherwise. */
  async agent(account?: SceneAccount): Promise<EdgeAgent> {
    const { token } = await this.scene.create("credentials", {}, account);
    return this.#edge.agent({ authtoken: z.string().parse(token) });
  }

  /** Over TLS unless the URL says http. */
  visit(url: string, more: Omit<Visit, "port" | "caPem"> = {}): Promise<Visited> {
    const { protocol, hostname, pathname } = new URL(url);
    const way = protocol === "https:" ? { port: this.#edge.https, caPem: EDGE_CA_PEM } : { port: this.#edge.http };
    return visit(hostname, { ...way, path: pathname, ...more });
  }

  /** `STATUS BODY`, or the code of the edge's page. */
  async says(url: string): Promise<string> {
    const { status, headers, body } = await this.visit(url);
    const code = headers["ngrok-error-code"];
    return `${status} ${typeof code === "string" ? code : body.toString()}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endEdge();
    await this.scene[Symbol.asyncDispose]();
  }

  async #endEdge(): Promise<void> {
    await this.#edge.end();
    this.#directory[Symbol.dispose]();
  }
}

async function startedEdge({ store }: ManagementScene, first: number): Promise<[TestEdge, RecordDirectory]> {
  const directory = await RecordDirectory.open(store, NAMES);
  const edge = testEdge({
    baseDomains: [BASE],
    directory,
    online: { records: store.live, nodeId: "node" },
    tcp: { hostname: LOOPBACK, ports: { first, last: first + 2 } },
  });
  return [edge, directory];
}
