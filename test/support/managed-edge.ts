/** An edge with its records and its management API, all in this process; agents come over sockets. */
import { z } from "zod";
import { RecordDirectory } from "../../src/edge/records/record-directory.ts";
import type { AgentCommands } from "../../src/edge/sessions/agent-commands.ts";
import type { OnlineRecords } from "../../src/edge/sessions/online-report.ts";
import { AgentProcess } from "./agent-process.ts";
import { type Answer, ManagementScene } from "./management-scene.ts";
import { EDGE_CA_PEM, testEdge, type TestEdge } from "./test-edge.ts";
import { eventually } from "./turns.ts";

const DOMAIN = "e.test";

interface Parts {
  readonly edge: TestEdge;
  readonly directory: RecordDirectory;
  /** Ids of those that are on record. */
  readonly sessions: ReadonlySet<string>;
  readonly authtoken: string;
}

export class ManagedEdge implements AsyncDisposable {
  readonly caPem = EDGE_CA_PEM;
  /** Of the first account. */
  readonly authtoken: string;
  readonly scene: ManagementScene;
  readonly #edge: TestEdge;
  readonly #directory: RecordDirectory;
  readonly #sessions: ReadonlySet<string>;

  private constructor(scene: ManagementScene, { edge, directory, sessions, authtoken }: Parts) {
    this.scene = scene;
    this.#edge = edge;
    this.#directory = directory;
    this.#sessions = sessions;
    this.authtoken = authtoken;
  }

  static async open(): Promise<ManagedEdge> {
    const built = Promise.withResolvers<TestEdge>();
    const commands = async (): Promise<AgentCommands> => (await built.promise).edge.agentCommands;
    const scene = await ManagementScene.open({
      agents: {
        stop: async (...call) => (await commands()).stop(...call),
        restart: async (...call) => (await commands()).restart(...call),
        update: async (...call) => (await commands()).update(...call),
        startTunnel: async (...call) => (await commands()).startTunnel(...call),
        tunnelTakers: async (...call) => (await commands()).tunnelTakers(...call),
      },
    });
    const directory = await RecordDirectory.open(scene.store, { baseDomains: [DOMAIN], protectedNames: [] });
    const sessions = new Set<string>();
    const edge = testEdge({
      baseDomains: [DOMAIN],
      directory,
      online: { records: noting(scene, sessions), nodeId: "node" },
    });
    built.resolve(edge);
    const { token } = await scene.create("credentials", {});
    return new ManagedEdge(scene, { edge, directory, sessions, authtoken: z.string().parse(token) });
  }

  get ports(): { readonly http: number; readonly https: number } {
    return this.#edge;
  }

  call(method: string, path: string, body?: object): Promise<Answer> {
    return this.scene.call(method, path, body === undefined ? {} : { body });
  }

  /** Tells the agent of this session something; status and text of the answer. */
  async tell(sessionId: string, command: string): Promise<readonly [status: number, text: string]> {
    const { status, json } = await this.call("POST", `/tunnel_sessions/${sessionId}/${command}`, {});
    const { msg = "" } = json;
    return [status, typeof msg === "string" ? msg : ""];
  }

  /** The id of the only session that is online, once it is another one than `former`. */
  async onlySession(former = ""): Promise<string> {
    const isIt = (): boolean => this.#sessions.size === 1 && !this.#sessions.has(former);
    await eventually("one session is online", isIt);
    const [id = ""] = this.#sessions;
    return id;
  }

  /** `start` with this configuration beside how to get here, and with the words of `argv` behind it. */
  startAgent(settings: object, argv: readonly string[], binary?: string): Promise<AgentProcess> {
    const config = {
      version: 2,
      server_addr: `127.0.0.1:${this.ports.https}`,
      root_cas: "ca.pem",
      authtoken: this.authtoken,
      web_addr: "127.0.0.1:0",
      ...settings,
    };
    const files = { "agent.yml": JSON.stringify(config), "ca.pem": this.caPem };
    return AgentProcess.start(["start", ...argv, "--config=agent.yml"], { files, binary });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#edge.end();
    this.#directory[Symbol.dispose]();
    await this.scene[Symbol.asyncDispose]();
  }
}

/** The records of the store, whose sessions can be looked at without waiting. */
function noting({ store: { live } }: ManagementScene, sessions: Set<string>): OnlineRecords {
  return {
    putSession: async (session) => {
      await live.putSession(session);
      sessions.add(session.id);
    },
    removeSession: async (id) => {
      await live.removeSession(id);
      sessions.delete(id);
    },
    putEndpoint: (endpoint) => live.putEndpoint(endpoint),
    removeEndpoint: (id) => live.removeEndpoint(id),
  };
}
