/** An edge and its agent as processes whose holdings are counted before a fault and after it. */
import { expect } from "bun:test";
import { portOf } from "./agent-of-edge.ts";
import { AgentProcess } from "./agent-process.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "./edge-process.ts";
import { freePorts } from "./free-ports.ts";
import { descriptorsOf, gaugesOn, settles } from "./process-holdings.ts";
import { SteadyVisitors } from "./steady-visitors.ts";

export const FAULT_LIMIT_MS = 60_000;
/** Of the http and https endpoints. */
export const FAULT_HOST = `app.${EDGE_DOMAIN}`;
/** Silence is found within two seconds, and one more for the edge to be sure. */
export const SHORT_HEARTBEATS = { heartbeat_interval: "1s", heartbeat_tolerance: "1s" } as const;

const EDGE_GAUGES = ["ginnel_edge_sessions", "ginnel_edge_endpoints", "ginnel_edge_visitors_open"] as const;
const AGENT_GAUGES = [
  "ginnel_agent_session_up",
  "ginnel_agent_session_streams",
  "ginnel_tunnel_connections_open",
] as const;
/** A session at rest has the heartbeats of both sides, which begin a moment after it. */
const BEAT_STREAMS = 2;
/** Long enough for whoever waits until silence is found. */
const CURL = ["curl", "-sS", "-q", "-m", "20", "--noproxy", "*"];

export type Holdings = Readonly<Record<string, number>>;

export interface SceneOptions {
  /** `host:port`. */
  readonly upstream: string;
  /** Where the agent dials; absent: the https port of the edge. */
  readonly dial?: (edge: EdgeProcess) => string;
  /** Further settings of the agent. */
  readonly agent?: object;
  readonly edgeFlags?: readonly string[];
  /** Words in front of each program; those of the edge stand in front of its visitors too. */
  readonly enterEdge?: readonly string[];
  readonly enterAgent?: readonly string[];
}

export class FaultScene implements AsyncDisposable {
  readonly edge: EdgeProcess;
  readonly agent: AgentProcess;
  readonly #options: SceneOptions;
  readonly #operatorPort: number;
  readonly #webPort: number;
  readonly #processes: AsyncDisposableStack;

  private constructor(
    options: SceneOptions,
    [edge, operatorPort]: readonly [EdgeProcess, number],
    [agent, webPort]: readonly [AgentProcess, number],
    processes: AsyncDisposableStack,
  ) {
    this.#options = options;
    this.edge = edge;
    this.agent = agent;
    this.#operatorPort = operatorPort;
    this.#webPort = webPort;
    this.#processes = processes;
  }

  /** Its http, https and tcp endpoints are online when it resolves, and were visited. */
  static async start(options: SceneOptions): Promise<FaultScene> {
    const { upstream, dial, agent: further = {}, edgeFlags = [], enterEdge = [], enterAgent = [] } = options;
    // Whoever is started is ended again when the start fails; otherwise the scene owns it.
    await using processes = new AsyncDisposableStack();
    const [operatorPort, webPort] = [freePorts(1), freePorts(1)];
    const edge = processes.use(await EdgeProcess.startIn(enterEdge, `--operator-addr=${operatorPort}`, ...edgeFlags));
    const settings = {
      version: 2,
      server_addr: dial?.(edge) ?? `127.0.0.1:${edge.ports.https}`,
      authtoken: EDGE_TOKEN,
      root_cas: "ca.pem",
      web_addr: `127.0.0.1:${webPort}`,
      ...SHORT_HEARTBEATS,
      ...further,
      tunnels: {
        web: { proto: "http", addr: upstream, schemes: ["http", "https"], hostname: FAULT_HOST },
        raw: { proto: "tcp", addr: upstream },
      },
    };
    // JSON is YAML too.
    const files = { "ca.pem": edge.caPem, "agent.yml": JSON.stringify(settings) };
    const argv = ["start", "--all", "--config=agent.yml"];
    const agent = processes.use(await AgentProcess.start(argv, { files, enter: enterAgent }));
    await Promise.all(["web (http)", "web", "raw"].map((name) => agent.url(name)));
    const scene = new FaultScene(options, [edge, operatorPort], [agent, webPort], processes.move());
    await scene.expectServed();
    return scene;
  }

  /** Visitors of the http endpoint, all the time. */
  visitors(): Promise<SteadyVisitors> {
    return SteadyVisitors.of({ port: this.edge.ports.http, name: FAULT_HOST }, this.#options.enterEdge);
  }

  /** A visitor of each endpoint is served. */
  async expectServed(): Promise<void> {
    const { http, https } = this.edge.ports;
    const tcp = portOf(await this.agent.url("raw"));
    const urls = [`http://${FAULT_HOST}:${http}/`, `https://${FAULT_HOST}:${https}/`, `http://${FAULT_HOST}:${tcp}/`];
    const visits = urls.map((url) =>
      // `-k`: what the edge shows is looked at elsewhere, and the file would have to be there in every namespace.
      run(
        this.#options.enterEdge,
        "-k",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        "--connect-to",
        `${FAULT_HOST}::127.0.0.1:`,
        url,
      ),
    );
    expect(await Promise.all(visits)).toEqual(["200", "200", "200"]);
  }

  /** The next session since so many lines of the agent's log, with all that is bound in it, and visitors are served. */
  async back(fromAgentLine: number, fromEdgeLine: number): Promise<void> {
    await this.agent.logged("client session established", {}, fromAgentLine);
    const urls = ["http://", "https://", "tcp://"];
    await Promise.all(urls.map((url) => this.edge.logged("endpoint online", `"url":"${url}`, fromEdgeLine)));
    await this.expectServed();
  }

  /** What both hold once nobody visits any more: descriptors, sessions, endpoints, visitors, streams. */
  async holdingsAtRest(): Promise<Holdings> {
    let last = await this.#holdings();
    await settles(async () => {
      const before = last;
      last = await this.#holdings();
      const isQuiet = last["ginnel_edge_visitors_open"] === 0 && last["ginnel_agent_session_streams"] === BEAT_STREAMS;
      return isQuiet && Bun.deepEquals(before, last);
    }, true);
    return last;
  }

  /** Waits until both hold what they held before; rejects with what they do when they never do, or when something had to be logged as a fault. */
  async expectNothingKept(before: Holdings): Promise<void> {
    await settles(() => this.#holdings(), before);
    expect(this.edge.faultsLogged).toEqual([]);
    expect(this.agent.stderr.lines).toEqual([]);
  }

  async #holdings(): Promise<Holdings> {
    const [edgePage, agentPage] = await Promise.all([
      run(this.#options.enterEdge, `http://127.0.0.1:${this.#operatorPort}/metrics`),
      run(this.#options.enterAgent, `http://127.0.0.1:${this.#webPort}/metrics`),
    ]);
    return {
      ...gaugesOn(edgePage, EDGE_GAUGES),
      ...gaugesOn(agentPage, AGENT_GAUGES),
      edgeDescriptors: descriptorsOf(this.edge.pid),
      agentDescriptors: descriptorsOf(this.agent.child.pid),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#processes.disposeAsync();
  }
}

/** What curl prints; empty when it fails. */
async function run(enter: readonly string[] = [], ...args: readonly string[]): Promise<string> {
  const child = Bun.spawn([...enter, ...CURL, ...args], { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  const text = await child.stdout.text();
  await child.exited;
  return text;
}
