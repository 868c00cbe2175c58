/** Names go from an agent that has gone to the next one, and from one that lives to nobody (clients.md K-036, K-037). */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { AgentProcess } from "../support/agent-process.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { Line } from "../support/line.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { visit } from "../support/visit.ts";

const LIMIT_MS = 30_000;
const NO_DISTANCE = { roundTripMs: 0, bytesPerSecond: 1e9, bufferBytes: 1_000_000 };

/** A folder for each text that is served. */
const sites = new TemporaryFolder();
let edge: EdgeProcess;

beforeAll(async () => {
  edge = await EdgeProcess.start();
}, LIMIT_MS);

afterAll(async () => {
  sites[Symbol.dispose]();
  await edge[Symbol.asyncDispose]();
});

/** An agent of the name `LABEL.edge.test`, online, that serves this text. */
async function namedAgent(label: string, text: string, port = edge.ports.https): Promise<AgentProcess> {
  const agent = await startNamed(label, text, port);
  await agent.url();
  return agent;
}

async function startNamed(label: string, text: string, port = edge.ports.https): Promise<AgentProcess> {
  await Bun.write(sites.file(`${text}/index.html`), text);
  const url = `http://${label}.${EDGE_DOMAIN}`;
  return startAgent(["http", "--url", url, `file://${sites.file(text)}`], port);
}

function startAgent(argv: readonly string[], port: number): Promise<AgentProcess> {
  const reach = [`--server-addr=127.0.0.1:${port}`, "--root-cas=ca.pem", `--authtoken=${EDGE_TOKEN}`];
  return AgentProcess.start([...argv, ...reach], { files: { "ca.pem": edge.caPem } });
}

async function seen(label: string): Promise<string> {
  const { status, headers, body } = await visit(`${label}.${EDGE_DOMAIN}`, { port: edge.ports.http });
  return status === 200 ? body.toString() : `${status} ${String(headers["ngrok-error-code"])}`;
}

describe("a name", () => {
  test(
    "a name goes to the next process as soon as the first is killed",
    async () => {
      await using first = await namedAgent("killed", "first");
      expect(await seen("killed")).toBe("first");
      await first.end("SIGKILL");
      await using second = await namedAgent("killed", "second");
      expect(await seen("killed")).toBe("second");
      expect(second.stderr.lines).toEqual([]);
    },
    LIMIT_MS,
  );

  test.each(["SIGTERM", "SIGINT"] as const)(
    "a name is free when the process that had it was ended by %s, with code 0",
    async (signal) => {
      const label = signal.toLowerCase();
      await using agent = await namedAgent(label, "here");
      expect(await agent.end(signal)).toBe(0);
      expect(await seen(label)).toBe("404 ERR_NGROK_3200");
      expect(agent.stderr.lines).toEqual([]);
      await agent.logged("received stop request", { stopReq: signal });
    },
    LIMIT_MS,
  );

  test(
    "a name of an agent that the network has swallowed goes to the next agent, and stays there",
    async () => {
      using line = new Line({ host: "127.0.0.1", port: edge.ports.https }, NO_DISTANCE);
      await using lost = await namedAgent("swallowed", "lost", line.port);
      line.silence();
      await using next = await namedAgent("swallowed", "next");
      expect(await seen("swallowed")).toBe("next");
      expect(next.stderr.lines).toEqual([]);
      // The first one is back, hears that its name is somebody's, and takes nothing away by that.
      const from = edge.linesLogged;
      line.heal();
      await edge.logged("agent session established", "", from);
      const { err = "" } = await lost.logged("tunnel not bound again");
      expect(err).toContain("ERR_NGROK_334");
      expect(await seen("swallowed")).toBe("next");
    },
    LIMIT_MS,
  );

  test(
    "a name of an agent that lives is refused to others, with the words that programs search",
    async () => {
      await using first = await namedAgent("living", "first");
      await using second = await startNamed("living", "second");
      expect(await second.child.exited).toBe(1);
      await second.stderr.find((line) => (line.endsWith("/err_ngrok_334") ? line : undefined));
      const told = second.stderr.lines.join("\n");
      expect(told).toContain("is already bound to another tunnel session");
      expect(told).toContain("\nERROR:  ERR_NGROK_334\n");
      expect(await seen("living")).toBe("first");
      expect(first.log.lines.join("\n")).not.toContain('"lvl":"eror"');
    },
    LIMIT_MS,
  );
});

describe("an agent that is told to stop", () => {
  test(
    "an agent that is told to stop ends although the edge does not answer",
    async () => {
      using line = new Line({ host: "127.0.0.1", port: edge.ports.https }, NO_DISTANCE);
      await using agent = await namedAgent("mute", "here", line.port);
      line.silence();
      expect(await agent.end()).toBe(0);
      expect(agent.stderr.lines).toEqual([]);
    },
    LIMIT_MS,
  );

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "an agent that is told to stop a second time ends at once: %s",
    async (signal, code) => {
      using line = new Line({ host: "127.0.0.1", port: edge.ports.https }, NO_DISTANCE);
      await using agent = await namedAgent(`twice-${code}`, "here", line.port);
      line.silence();
      agent.child.kill("SIGTERM");
      await agent.logged("received stop request");
      expect(await agent.end(signal)).toBe(code);
    },
    LIMIT_MS,
  );

  test(
    "an agent that is told to stop before it ever had a session ends with code 0",
    async () => {
      using line = new Line({ host: "127.0.0.1", port: edge.ports.https }, NO_DISTANCE);
      line.silence();
      await using agent = await startAgent(["http", "80"], line.port);
      await agent.logged("no configuration paths supplied");
      expect(await agent.end()).toBe(0);
      expect(agent.stderr.lines).toEqual([]);
    },
    LIMIT_MS,
  );
});
