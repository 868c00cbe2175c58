/** Random TCP addresses outlive the process of the edge: the account gets its own back, and nobody waits for one that is somebody else's. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { newId } from "../../src/base/record-id.ts";
import { splice } from "../../src/net/splice.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import { openStore } from "../../src/store/open-store.ts";
import { keptSecretsKey } from "../../src/store/secrets-key.ts";
import { portOf } from "../support/agent-of-edge.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { EDGE_DOMAIN } from "../support/edge-process.ts";
import { freePorts } from "../support/free-ports.ts";
import { RecordedEdge, type RecordedEdgeOptions } from "../support/recorded-edge.ts";
import { runProgram } from "../support/run-program.ts";
import { SdkAgent } from "../support/sdk-agent.ts";
import { OPERATOR } from "../support/store-records.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { visit, visitUrl } from "../support/visit.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);

const TCP_PORTS = 3;
const LOSS = "session closed, starting reconnect loop";

const upstream = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("here") });
const folder = new TemporaryFolder();
/** Of an account that is not the operator's, who may have every free port anyway. */
let authtoken: string;
let options: RecordedEdgeOptions;

beforeAll(async () => {
  const [https, tcp] = [freePorts(1), freePorts(TCP_PORTS)];
  const flags = [`--https=127.0.0.1:${https}`, `--tcp-ports=${tcp}-${tcp + TCP_PORTS - 1}`];
  options = { folder: folder.path, flags };
  await runProgram("edge admin account create --name=team --data=data", { home: folder.path });
  const made = await runProgram("edge admin authtoken create --account=team --data=data", { home: folder.path });
  authtoken = /shown this once\): (\S+)\n$/.exec(made.stdout)?.[1] ?? "";
});

afterAll(async () => {
  await upstream.stop(true);
  folder[Symbol.dispose]();
});

function agentOf(edge: RecordedEdge, proto: "http" | "tcp" = "tcp"): Promise<AgentProcess> {
  const argv = [proto, String(upstream.port), ...edge.reach(authtoken)];
  return AgentProcess.start(argv, { files: { "ca.pem": edge.caPem } });
}

async function seenAt(url: string): Promise<string> {
  return (await visit(EDGE_DOMAIN, { port: portOf(url) })).body.toString();
}

/** Lines of the agent with this message. */
function timesLogged({ log }: AgentProcess, message: string): number {
  return log.lines.filter((line) => line.includes(JSON.stringify(message))).length;
}

/** The operator's, from the next start of the edge on. */
async function reserve(port: number): Promise<void> {
  const data = join(folder.path, "data");
  const store = await openStore(`sqlite://${join(data, "ginnel.db")}`, {
    secretsKey: await keptSecretsKey(join(data, "secrets.key")),
  });
  try {
    await store.change(OPERATOR, async (transaction) => {
      const [operator] = await transaction.all("account", { name: "operator" });
      const date = new Date();
      await transaction.insert("reservedAddr", {
        id: newId("ra", date),
        accountId: operator?.id ?? "",
        createdAt: date,
        description: "",
        metadata: "",
        host: EDGE_DOMAIN,
        port,
        region: "",
      });
    });
  } finally {
    await store.close();
  }
}

async function isOnline(edge: RecordedEdge, url: string): Promise<true> {
  return edge.output.find((line) =>
    line.includes('"endpoint online"') && line.includes(`"${url}"`) ? true : undefined,
  );
}

describe.each(["SIGKILL", "SIGTERM"] as const)("an edge that was ended by %s and started again", (signal) => {
  test("gives an agent its random TCP address back, and another its random name", async () => {
    await using first = await RecordedEdge.start(options);
    await using agent = await agentOf(first);
    await using named = await agentOf(first, "http");
    const [url, name] = await Promise.all([agent.url(), named.url()]);
    await first.end(signal);
    await agent.logged(LOSS);
    await using second = await RecordedEdge.start(options);
    await isOnline(second, url);
    await isOnline(second, name);
    expect(await seenAt(url)).toBe("here");
    expect((await visitUrl(name, second.caPem)).body.toString()).toBe("here");
    expect(timesLogged(agent, "started tunnel")).toBe(1);
    expect(timesLogged(agent, "tunnel not bound again")).toBe(0);
  });

  test("gives the official SDK its random TCP address back", async () => {
    await using first = await RecordedEdge.start(options);
    // The SDK soon pauses for minutes when it is refused: so its connections wait for an edge.
    const edges = { up: Promise.resolve(first.httpsPort) };
    using way = listenTcp({ hostname: "127.0.0.1", port: 0 }, (near) => {
      near.pause();
      const dialled = edges.up.then((port) => dialTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 }));
      dialled.then((far) => splice(near, far)).catch(() => near.reset());
    });
    await using agent = new SdkAgent({ ports: { https: way.port }, caPem: first.caPem });
    const { url } = await agent.forward({ addr: `127.0.0.1:${upstream.port}`, proto: "tcp", authtoken });
    const next = Promise.withResolvers<number>();
    edges.up = next.promise;
    await first.end(signal);
    await using second = await RecordedEdge.start(options);
    next.resolve(second.httpsPort);
    await isOnline(second, url);
    expect(await seenAt(url)).toBe("here");
  });
});

test("an agent whose random TCP address was reserved by another account meanwhile gets another one, and tells it", async () => {
  await using first = await RecordedEdge.start(options);
  await using agent = await agentOf(first);
  const url = await agent.url();
  await first.end();
  await agent.logged(LOSS);
  await reserve(portOf(url));
  const from = agent.log.lines.length;
  await using _second = await RecordedEdge.start(options);
  const { url: next = "" } = await agent.logged("started tunnel", {}, from);
  expect(portOf(next)).not.toBe(portOf(url));
  expect(await seenAt(next)).toBe("here");
  const { err } = await agent.logged("public address lost, asking for another one", { url }, from);
  expect(err).toContain("ERR_NGROK_309");
  expect(agent.stderr.lines).toEqual([]);
});

test("an agent whose random TCP address another program got meanwhile gets another one, and tells it", async () => {
  await using first = await RecordedEdge.start(options);
  await using agent = await agentOf(first);
  const url = await agent.url();
  await first.end();
  await agent.logged(LOSS);
  using _other = listenTcp({ hostname: "127.0.0.1", port: portOf(url) }, (connection) => connection.reset());
  const from = agent.log.lines.length;
  await using _second = await RecordedEdge.start(options);
  const { url: next = "" } = await agent.logged("started tunnel", {}, from);
  expect(portOf(next)).not.toBe(portOf(url));
  expect(await seenAt(next)).toBe("here");
  const { err } = await agent.logged("public address lost, asking for another one", { url }, from);
  expect(err).toContain("ERR_NGROK_334");
  expect(agent.stderr.lines).toEqual([]);
});
