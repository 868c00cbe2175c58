/** An agent with tunnels, and its edge, in each of the layouts that people run: one test goes over all of them. */
import { caPemOf } from "./agent-of-edge.ts";
import { AgentProcess } from "./agent-process.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "./edge-process.ts";

/** For `describe.each`. */
export const LAYOUTS = ["the embedded edge", "an edge of its own"] as const;
export type Layout = (typeof LAYOUTS)[number];

export const SCHEMES = ["http", "https"] as const;
export type Scheme = (typeof SCHEMES)[number];

/** Processes are started and the machine may be busy; nothing here measures time. */
export const START_MS = 60_000;

/** Where a visitor finds an endpoint: the connection goes to 127.0.0.1, the name stands in SNI and Host only. */
export interface Place {
  readonly scheme: Scheme;
  readonly host: string;
  readonly port: number;
  /** `host:port`, as a Host header says it. */
  readonly authority: string;
  /** Vouches for the edge. */
  readonly caPem: string;
}

/** A tunnel as a file of version 2 defines it; by default http on both schemes, under its own name. */
export interface TunnelEntry {
  readonly addr: string | number;
  readonly schemes?: readonly Scheme[];
  readonly [key: string]: unknown;
}

export class TunnelSystem implements AsyncDisposable {
  readonly agent: AgentProcess;
  /** Absent when it is inside the agent. */
  readonly edge: EdgeProcess | undefined;
  readonly caPem: string;
  readonly #processes: AsyncDisposableStack;
  readonly #domain: string;
  readonly #ports: Readonly<Record<Scheme, number>>;

  private constructor(
    agent: AgentProcess,
    edge: EdgeProcess | undefined,
    caPem: string,
    urls: readonly string[],
    processes: AsyncDisposableStack,
  ) {
    this.agent = agent;
    this.edge = edge;
    this.caPem = caPem;
    this.#processes = processes;
    this.#domain = edge === undefined ? "localhost" : EDGE_DOMAIN;
    const portOf = (scheme: Scheme): number =>
      Number(new URL(urls.find((url) => url.startsWith(`${scheme}:`)) ?? "http://none:0").port);
    this.#ports = { http: portOf("http"), https: portOf("https") };
  }

  /** All of the tunnels are online when it resolves. `edgeFlags` are for an edge of its own. */
  static async start(
    layout: Layout,
    tunnels: Readonly<Record<string, TunnelEntry>>,
    edgeFlags: readonly string[] = [],
  ): Promise<TunnelSystem> {
    const defined = Object.entries(tunnels).map(([name, entry]) => {
      const named = entry["hostname"] === undefined ? { subdomain: name } : {};
      return [name, { proto: "http", schemes: SCHEMES, ...named, ...entry }] as const;
    });
    const settings = { version: "2", tunnels: Object.fromEntries(defined) };
    // Whoever is started is ended again when the start fails; otherwise the system owns it.
    await using processes = new AsyncDisposableStack();
    const edge = layout === "the embedded edge" ? undefined : await EdgeProcess.start(...edgeFlags);
    processes.use(edge);
    const agent = processes.use(await (edge === undefined ? startAgent(settings) : startAgentOf(edge, settings)));
    const urls = await startedUrls(agent, defined);
    return new TunnelSystem(agent, edge, await caPemOf(edge, agent), urls, processes.move());
  }

  /** The endpoint of the tunnel of this name, or another name below the base domain. */
  place(label: string, scheme: Scheme = "https"): Place {
    const host = `${label}.${this.#domain}`;
    const port = this.#ports[scheme];
    return { scheme, host, port, authority: `${host}:${port}`, caPem: this.caPem };
  }

  /** Of the processes that a visitor's bytes pass through. */
  get pids(): readonly number[] {
    return [this.agent.child.pid, ...(this.edge === undefined ? [] : [this.edge.pid])];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#processes.disposeAsync();
  }
}

function startAgent(settings: object, files: Readonly<Record<string, string>> = {}): Promise<AgentProcess> {
  // JSON is YAML too.
  const all = { ...files, "ginnel.yml": JSON.stringify(settings) };
  return AgentProcess.start(["start", "--all", "--config=ginnel.yml"], { files: all });
}

function startAgentOf({ ports, caPem }: EdgeProcess, settings: object): Promise<AgentProcess> {
  const reach = { server_addr: `127.0.0.1:${ports.https}`, authtoken: EDGE_TOKEN, root_cas: "ca.pem" };
  return startAgent({ ...reach, ...settings }, { "ca.pem": caPem });
}

async function startedUrls(
  agent: AgentProcess,
  tunnels: readonly (readonly [name: string, entry: TunnelEntry])[],
): Promise<readonly string[]> {
  const expected = tunnels.reduce((sum, [, { schemes = SCHEMES }]) => sum + schemes.length, 0);
  const urls: string[] = [];
  await agent.log.find((line) => {
    const { msg, url } = JSON.parse(line) as { readonly msg: string; readonly url?: string }; // our own log
    if (msg === "started tunnel" && url !== undefined) urls.push(url);
    return urls.length === expected ? true : undefined;
  });
  return urls;
}
