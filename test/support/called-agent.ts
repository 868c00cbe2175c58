/** An edge, an agent that was started as the Python wrapper does it, and calls of its API by whoever reads the answers without types. */
import { EdgeProcess } from "./edge-process.ts";
import { type ApiAnswer, callApi } from "./urllib-call.ts";
import { type Visited, visitUrl } from "./visit.ts";
import { WrappedAgent } from "./wrapped-agent.ts";

export class CalledAgent implements AsyncDisposable {
  readonly edge: EdgeProcess;
  /** Where its API answers. */
  readonly url: string;
  readonly #agent: WrappedAgent;
  readonly #upstream = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("here I am") });

  private constructor(edge: EdgeProcess, agent: WrappedAgent, url: string) {
    this.edge = edge;
    this.#agent = agent;
    this.url = url;
  }

  static async start(): Promise<CalledAgent> {
    const edge = await EdgeProcess.start();
    const agent = await WrappedAgent.start({ edge });
    return new CalledAgent(edge, agent, await agent.ready());
  }

  get upstreamPort(): number {
    return this.#upstream.port ?? 0;
  }

  /** As the wrapper posts by default: the address is a text, the scheme is chosen. */
  definition(name: string, more: object = {}): object {
    return { name, addr: String(this.upstreamPort), proto: "http", schemes: ["http"], ...more };
  }

  call(method: string, path: string, body?: object): Promise<ApiAnswer> {
    return callApi(this.url, method, path, body);
  }

  /** An answer that is JSON. */
  async json(method: string, path: string, body?: object) {
    return JSON.parse((await this.call(method, path, body)).text);
  }

  /** A visitor of an http or https URL. */
  visit(url: string, path = "/"): Promise<Visited> {
    return visitUrl(url, this.edge.caPem, { path });
  }

  /** Without tunnels and exchanges again. */
  async clear(): Promise<void> {
    const { tunnels } = await this.json("GET", "/api/tunnels");
    await Promise.all(tunnels.map(({ uri }: { uri: string }) => this.call("DELETE", uri)));
    await this.call("DELETE", "/api/requests/http");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent[Symbol.asyncDispose]();
    await this.edge[Symbol.asyncDispose]();
    await this.#upstream.stop(true);
  }
}
