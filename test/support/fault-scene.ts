/** An edge and its agent as processes whose holdings are counted before a fault and after it. */
import { expect } from "bun:test";
import { portOf } from "./agent-of-edge.ts";
import { AgentProcess } from "./agent-process.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "./edge-process.ts";
import { workersOf } from "./edge-workers.ts";
import { freePorts } from "./free-ports.ts";
import { memoryIn, TELLS_ITS_INSIDES, type Timers, timersIn } from "./inside-process.ts";
import { LastingVisitors } from "./lasting-visitors.ts";
import type { LineReader } from "./line-reader.ts";
import { descriptorsOf, gaugesOn, settles } from "./process-holdings.ts";
import { SteadyVisitors } from "./steady-visitors.ts";

export const FAULT_LIMIT_MS = 60_000;
/** Of the http and https endpoints. */
export const FAULT_HOST = `app.${EDGE_DOMAIN}`;
/** Silence is found within two seconds, and one more for the edge to be sure. */
export const SHORT_HEARTBEATS = { heartbeat_interval: "1s", heartbeat_tolerance: "1s" } as const;
/** Three times what the heartbeats take: whoever waits longer waits for something else. No claim of speed; a machine may be busy. */
export const WAIT_LIMIT_MS = 6_000;
/** From the end of a fault until visitors are served: heartbeats, and pauses between the tries of the agent. */
export const RECOVERY_LIMIT_MS = 15_000;

const EDGE_GAUGES = ["ginnel_edge_sessions", "ginnel_edge_endpoints", "ginnel_edge_visitors_open"] as const;
const AGENT_GAUGES = [
  "ginnel_agent_session_up",
  "ginnel_agent_session_streams",
  "ginnel_tunnel_connections_open",
] as const;
/** A session at rest has the heartbeats of both sides, which begin a moment after it. */
const BEAT_STREAMS = 2;
/** Of a process: code is translated while it runs for the first time. */
const GROWTH_LIMIT_BYTES = 8 << 20;
/** An edge that has come back has one for ten seconds, whatever happens meanwhile. */
const TIMER_OF_A_START = "src/edge/returning/waiting-visitors.ts";
const ALL_SERVED = ["200", "200", "200"];
/** Long enough for whoever waits until silence is found. */
const CURL = ["curl", "-sS", "-q", "-m", "20", "--noproxy", "*"];

/** Of both processes; an edge of several is one, and an agent that has ended holds nothing. */
export interface Holdings {
  /** Sessions, endpoints, visitors, streams, by the names of the metrics. */
  readonly gauges: Readonly<Record<string, number>>;
  readonly descriptors: OfBoth<number>;
  readonly timers: OfBoth<Timers>;
}

interface OfBoth<T> {
  readonly edge: T;
  readonly agent: T;
}

/** What both hold, and the memory that it takes. */
export interface HoldingsAtRest extends Holdings {
  readonly bytes: OfBoth<number>;
}

export interface SceneOptions {
  /** `host:port`. */
  readonly upstream: string;
  /** Where the agent dials; absent: the https port of the edge. */
  readonly dial?: (edge: EdgeProcess) => string;
  /** Further settings of the agent. */
  readonly agent?: object;
  readonly edgeFlags?: readonly string[];
  /** Processes of the edge; the agent has a session in each. */
  readonly workers?: number;
  /** Further words for the runtime of both, in front of the program. */
  readonly runtime?: readonly string[];
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
    const { upstream, dial, agent: further = {}, edgeFlags = [], workers = 1, runtime = [] } = options;
    const runs = ["env", `BUN_OPTIONS=${[TELLS_ITS_INSIDES, ...runtime].join(" ")}`];
    const { enterEdge = [], enterAgent = [] } = options;
    // Whoever is started is ended again when the start fails; otherwise the scene owns it.
    await using processes = new AsyncDisposableStack();
    const [operatorPort, webPort] = [freePorts(1), freePorts(1)];
    const flags = [`--operator-addr=${operatorPort}`, `--workers=${workers}`, ...edgeFlags];
    const edge = processes.use(await EdgeProcess.startIn([...enterEdge, ...runs], ...flags));
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
    const agent = processes.use(await AgentProcess.start(argv, { files, enter: [...enterAgent, ...runs] }));
    await Promise.all(["web (http)", "web", "raw"].map((name) => agent.url(name)));
    const scene = new FaultScene(options, [edge, operatorPort], [agent, webPort], processes.move());
    await scene.untilServed();
    return scene;
  }

  /** Where the agent's API answers, for who is in the same namespace. */
  get agentApi(): string {
    return `http://127.0.0.1:${this.#webPort}`;
  }

  /** Visitors of the http endpoint, all the time. */
  visitors(): Promise<SteadyVisitors> {
    return SteadyVisitors.of({ port: this.edge.ports.http, name: FAULT_HOST }, this.#options.enterEdge);
  }

  /** One of each endpoint, in the middle of a response that the service begins at `/chunked` and does not end. */
  async lastingVisitors(): Promise<LastingVisitors> {
    const { http, https } = this.edge.ports;
    const tcp = portOf(await this.agent.url("raw"));
    return LastingVisitors.of(FAULT_HOST, { http, https, tcp }, this.#options.enterEdge);
  }

  /** A visitor of each endpoint is served, at once. */
  async expectServed(): Promise<void> {
    expect(await this.#statuses()).toEqual(ALL_SERVED);
  }

  /** Waits until a visitor of each endpoint is served: one of them is there first, and on a busy machine a session may be lost. */
  async untilServed(): Promise<void> {
    await settles(() => this.#statuses(), ALL_SERVED);
  }

  async #statuses(): Promise<readonly string[]> {
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
    return Promise.all(visits);
  }

  /** The next session since so many lines of the agent's log, with all that is bound in it, and visitors are served. */
  async back(fromAgentLine: number, fromEdgeLine: number): Promise<void> {
    await this.agent.logged("client session established", {}, fromAgentLine);
    const urls = ["http://", "https://", "tcp://"];
    await Promise.all(urls.map((url) => this.edge.logged("endpoint online", `"url":"${url}`, fromEdgeLine)));
    await this.untilServed();
  }

  /** What both hold once nobody visits any more. */
  async holdingsAtRest(): Promise<HoldingsAtRest> {
    const { workers = 1 } = this.#options;
    let last = await this.#holdings();
    await settles(async () => {
      const before = last;
      last = await this.#holdings();
      const { ginnel_edge_visitors_open: visitors, ginnel_agent_session_streams: streams } = last.gauges;
      return visitors === 0 && streams === BEAT_STREAMS * workers && Bun.deepEquals(before, last);
    }, true);
    return { ...last, bytes: await this.bytes() };
  }

  /**
   * Waits until both hold what they held before, in not much more memory; rejects with what they hold when they never do, or when something
   * had to be logged as a fault, but for messages that belong to what the test has done.
   */
  async expectNothingKept({ bytes: before, ...held }: HoldingsAtRest, ...explained: readonly string[]): Promise<void> {
    await settles(() => this.#holdings(), held);
    const after = await this.bytes();
    expect(after.edge - before.edge).toBeLessThan(GROWTH_LIMIT_BYTES * this.#edgePids.length);
    expect(after.agent - before.agent).toBeLessThan(GROWTH_LIMIT_BYTES);
    const isExplained = (line: string): boolean => explained.some((message) => line.includes(JSON.stringify(message)));
    expect(this.edge.faultsLogged.filter((line) => !isExplained(line))).toEqual([]);
    expect(this.agent.stderr.lines).toEqual([]);
  }

  async #holdings(): Promise<Holdings> {
    // Before, it would be ended by the question.
    if ((this.#options.workers ?? 1) > 1) await this.edge.logged("worker ready", "");
    const [edgePage, agentPage, timersOfEdge, timersOfAgent] = await Promise.all([
      run(this.#options.enterEdge, `http://127.0.0.1:${this.#operatorPort}/metrics`),
      run(this.#options.enterAgent, `http://127.0.0.1:${this.#webPort}/metrics`),
      this.#ofEdge(timersIn),
      this.#ofAgent(timersIn),
    ]);
    const count = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + descriptorsOf(pid), 0);
    return {
      gauges: { ...gaugesOn(edgePage, EDGE_GAUGES), ...gaugesOn(agentPage, AGENT_GAUGES) },
      descriptors: { edge: count(this.#edgePids), agent: count(this.#agentPids) },
      timers: { edge: together(timersOfEdge), agent: together(timersOfAgent) },
    };
  }

  /** What the objects of both take, once those that nobody uses are gone. */
  async bytes(): Promise<OfBoth<number>> {
    const [edge, agent] = await Promise.all([this.#ofEdge(memoryIn), this.#ofAgent(memoryIn)]);
    const sum = (each: readonly number[]): number => each.reduce((before, bytes) => before + bytes, 0);
    return { edge: sum(edge), agent: sum(agent) };
  }

  get #edgePids(): readonly number[] {
    return [this.edge.pid, ...workersOf(this.edge)];
  }

  get #agentPids(): readonly number[] {
    const { pid, exitCode, signalCode } = this.agent.child;
    return exitCode === null && signalCode === null ? [pid] : [];
  }

  #ofEdge<T>(ask: Ask<T>): Promise<readonly T[]> {
    return Promise.all(this.#edgePids.map((pid) => ask(pid, this.edge.log)));
  }

  #ofAgent<T>(ask: Ask<T>): Promise<readonly T[]> {
    return Promise.all(this.#agentPids.map((pid) => ask(pid, this.agent.log)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#processes.disposeAsync();
  }
}

type Ask<T> = (pid: number, log: LineReader) => Promise<T>;

function together(each: readonly Timers[]): Timers {
  const sums: Record<string, number> = {};
  for (const [file, count] of each.flatMap((timers) => Object.entries(timers))) {
    if (file !== TIMER_OF_A_START) sums[file] = (sums[file] ?? 0) + count;
  }
  return sums;
}

/** What curl prints; empty when it fails. */
async function run(enter: readonly string[] = [], ...args: readonly string[]): Promise<string> {
  const child = Bun.spawn([...enter, ...CURL, ...args], { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  const text = await child.stdout.text();
  await child.exited;
  return text;
}
