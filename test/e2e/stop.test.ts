/** An edge that is told to stop loses no exchange that it has begun, and gives its ports to the next process at once. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Agent as Connections, request } from "node:http";
import { agentOf } from "../support/agent-of-edge.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { Line } from "../support/line.ts";
import { eventually } from "../support/turns.ts";
import { visit } from "../support/visit.ts";

const LIMIT_MS = 30_000;
const HOST = `app.${EDGE_DOMAIN}`;
const BODY = "0123456789".repeat(2_000);
const VISITORS = 16;
const NO_DISTANCE = { roundTripMs: 0, bytesPerSecond: 1e9, bufferBytes: 1_000_000 };

/** Ends a slow answer of the upstream; one for each that has begun. */
const slowAnswers: (() => void)[] = [];

const upstream = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(incoming) {
    if (new URL(incoming.url).pathname !== "/slow") return new Response(BODY);
    const halves = new ReadableStream({
      start(controller) {
        controller.enqueue(BODY);
        slowAnswers.push(() => {
          controller.enqueue(BODY);
          controller.close();
        });
      },
    });
    return new Response(halves);
  },
});

afterAll(() => upstream.stop(true));

/** Asks for a slow answer, and waits until it has begun. */
async function slowVisit(
  edge: EdgeProcess,
): Promise<{ readonly whole: Promise<string>; readonly release: () => void }> {
  const begun = slowAnswers.length;
  const whole = visit(HOST, { port: edge.ports.http, path: "/slow" }).then(({ body }) => body.toString());
  whole.catch(() => {}); // the caller looks at it later
  await eventually("the slow answer has begun", () => slowAnswers.length > begun);
  return { whole, release: slowAnswers[begun] ?? ((): void => {}) };
}

function agentOfEdge(edge: EdgeProcess): Promise<AgentProcess> {
  return agentOf(edge, ["http", `--url=http://${HOST}`, upstream.url.origin]);
}

describe("an edge that is told to stop", () => {
  let edge: EdgeProcess;
  let agent: AgentProcess;

  beforeAll(async () => {
    edge = await EdgeProcess.start();
    agent = await agentOfEdge(edge);
    await agent.url();
  }, LIMIT_MS);

  afterAll(async () => {
    await agent[Symbol.asyncDispose]();
    await edge[Symbol.asyncDispose]();
  });

  /** Tells the edge to stop and starts the next one on its ports; answers how the first ends. */
  async function replace(): Promise<{ readonly ended: Promise<number> }> {
    const ended = edge.end("SIGTERM");
    await edge.logged("received stop request", "SIGTERM");
    await edge.again();
    return { ended };
  }

  test(
    "an edge that is told to stop under load cuts no exchange, and the next one goes on",
    async () => {
      const visitors = Array.from({ length: VISITORS }, () => new Visitor(edge.ports.http));
      await Promise.all(visitors.map((visitor) => visitor.succeed(3)));
      const running = visitors.map((visitor) => visitor.run());
      const { ended } = await replace();
      expect(await ended).toBe(0);
      await agent.logged("session closed, starting reconnect loop");
      await edge.logged("endpoint online", HOST);
      for (const visitor of visitors) visitor.stop();
      await Promise.all(running);
      await Promise.all(visitors.map((visitor) => visitor.succeed(3)));
      expect(visitors.flatMap(({ faults }) => faults)).toEqual([]);
      expect(agent.log.lines.filter((line) => line.includes("session closed"))).toHaveLength(1);
      for (const visitor of visitors) visitor.close();
    },
    LIMIT_MS,
  );

  test(
    "an edge that is told to stop ends a long exchange whole while the next process has its ports",
    async () => {
      const { whole, release } = await slowVisit(edge);
      const brief = (host = HOST): ReturnType<typeof visit> => visit(host, { port: edge.ports.http });
      const { ended } = await replace();
      // The agent stays where its visitors are until the last of them is served, and who comes to the next process waits for it.
      let isServed = false;
      const early = brief().then(({ body }) => {
        isServed = true;
        return body.toString();
      });
      expect((await brief(`other.${EDGE_DOMAIN}`)).status).toBe(404);
      expect(isServed).toBe(false);
      release();
      expect(await whole).toBe(BODY + BODY);
      expect(await ended).toBe(0);
      expect(await early).toBe(BODY);
    },
    LIMIT_MS,
  );
});

test.each([
  ["cuts what is left after its drain timeout, with code 0", "200ms", undefined, 0],
  ["and told so again ends at once", "1h", "SIGTERM", 143],
] as const)(
  "an edge that is told to stop %s",
  async (_, timeout, again, code) => {
    await using edge = await EdgeProcess.start(`--drain-timeout=${timeout}`);
    await using agent = await agentOfEdge(edge);
    await agent.url();
    const { whole } = await slowVisit(edge);
    const outcome = whole.catch(() => "cut");
    const ended = edge.end("SIGTERM");
    await edge.logged("received stop request", "SIGTERM");
    if (again !== undefined) void edge.end(again);
    expect(await ended).toBe(code);
    expect(await outcome).toBe("cut");
  },
  LIMIT_MS,
);

test(
  "an edge that is told to stop ends although an agent does not answer",
  async () => {
    await using edge = await EdgeProcess.start();
    using line = new Line({ host: "127.0.0.1", port: edge.ports.https }, NO_DISTANCE);
    const reach = [`--server-addr=127.0.0.1:${line.port}`, "--root-cas=ca.pem", `--authtoken=${EDGE_TOKEN}`];
    await using agent = await AgentProcess.start(["http", "80", ...reach], { files: { "ca.pem": edge.caPem } });
    await agent.url();
    line.silence();
    expect(await edge.end("SIGTERM")).toBe(0);
  },
  LIMIT_MS,
);

type Outcome = "served" | "not now" | { readonly fault: string };

/** Asks for the same page again and again on a connection that is kept. */
class Visitor {
  readonly faults: string[] = [];
  readonly #port: number;
  readonly #connections = new Connections({ keepAlive: true, maxSockets: 1 });
  #isStopping = false;

  constructor(port: number) {
    this.#port = port;
  }

  /** Until it is stopped. */
  async run(): Promise<void> {
    while (!this.#isStopping) await this.#visit();
  }

  stop(): void {
    this.#isStopping = true;
  }

  /** Rejects when one of so many requests is not served. */
  async succeed(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      const outcome = await this.#visit();
      if (outcome !== "served") throw new Error(`not served: ${JSON.stringify(outcome)}`);
    }
  }

  close(): void {
    this.#connections.destroy();
  }

  async #visit(): Promise<Outcome> {
    const outcome = await this.#ask();
    if (typeof outcome === "object") this.faults.push(outcome.fault);
    return outcome;
  }

  #ask(): Promise<Outcome> {
    const options = { host: "127.0.0.1", port: this.#port, agent: this.#connections, headers: { Host: HOST } };
    return new Promise((resolve) => {
      const asked = request(options, (response) => {
        let length = 0;
        response.on("data", (chunk: Buffer) => (length += chunk.length));
        response.on("error", ({ message }) => resolve({ fault: `cut in its body: ${message}` }));
        response.on("end", () => {
          const { statusCode, headers } = response;
          if (statusCode === 200 && length === BODY.length) resolve("served");
          // The agent is on its way to the next process.
          else if (headers["ngrok-error-code"] === "ERR_NGROK_3200") resolve("not now");
          else resolve({ fault: `status ${statusCode}, ${length} bytes` });
        });
      });
      asked.on("error", (error: NodeJS.ErrnoException) => {
        // Nobody listens for a moment. And a request may cross the end of a kept connection: HTTP cannot prevent that, and
        // visitors send such a request again (RFC 9112 section 9.3.1).
        const isExpected = error.code === "ECONNREFUSED" || asked.reusedSocket;
        resolve(isExpected ? "not now" : { fault: `cut before its response: ${error.message}` });
      });
      asked.end();
    });
  }
}
