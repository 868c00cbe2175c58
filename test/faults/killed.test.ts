/** Processes that are killed: what visitors see, that it passes, and that the others keep nothing of it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { agentOf } from "../support/agent-of-edge.ts";
import { EDGE_DOMAIN } from "../support/edge-process.ts";
import { FAULT_HOST, FAULT_LIMIT_MS, FaultScene, RECOVERY_LIMIT_MS, WAIT_LIMIT_MS } from "../support/fault-scene.ts";
import { LineReader } from "../support/line-reader.ts";
import { rawVisitor } from "../support/raw-end.ts";
import { settles } from "../support/process-holdings.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { visit } from "../support/visit.ts";

const TIMES = 3;
/** More than a process reads at a time. */
const UPLOAD_BYTES = 4 << 20;
const LOSS = "session closed, starting reconnect loop";

const folder = new TemporaryFolder();
const UPLOAD = folder.file("upload");
afterAll(() => folder[Symbol.dispose]());

const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("here I am") });
afterAll(() => upstream.stop(true));

test(
  "an edge that is killed again and again leaves nothing in its agent, and visitors wait for nobody",
  async () => {
    await using scene = await FaultScene.start({ upstream: upstream.url.host });
    const killOnce = async (): Promise<void> => {
      const from = scene.agent.log.lines.length;
      await scene.edge.end("SIGKILL");
      await scene.agent.logged(LOSS, {}, from);
      await scene.edge.again();
      await scene.back(from, 0);
    };
    await killOnce();
    const before = await scene.holdingsAtRest();
    await using visitors = await scene.visitors();
    for (let time = 0; time < TIMES; time += 1) {
      const killedAtMs = performance.now();
      await killOnce();
      await visitors.servedAgain();
      expect(performance.now() - killedAtMs).toBeLessThan(RECOVERY_LIMIT_MS);
    }
    const seen = await visitors.end();
    // Nobody listens; the name is not there yet; and who was just being served is cut.
    expect(seen.kindsBeside("200", "404 ERR_NGROK_3200", "ECONNREFUSED", "ECONNRESET", "cut")).toEqual([]);
    expect(seen.longestMs).toBeLessThan(WAIT_LIMIT_MS);
    await scene.expectNothingKept(before);
  },
  FAULT_LIMIT_MS,
);

test(
  "agents that are killed one after the other leave nothing at the edge, and their visitors wait for nobody",
  async () => {
    using silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    await using scene = await FaultScene.start({ upstream: upstream.url.host });
    const name = `short-lived.${EDGE_DOMAIN}`;
    const liveAndDie = async (): Promise<void> => {
      await using agent = await agentOf(scene.edge, ["http", `--url=http://${name}`, String(silent.port)]);
      await agent.url();
      const place = { scheme: "http", host: name, port: scene.edge.ports.http, authority: name, caPem: "" } as const;
      const waiting = await rawVisitor(place);
      waiting.send(`GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`);
      await agent.logged("join connections");
      const killedAtMs = performance.now();
      await agent.end("SIGKILL");
      expect(await waiting.gets("ERR_NGROK_3210\n")).toStartWith("HTTP/1.1 502 ");
      waiting.connection.reset();
      const offline = await visit(name, { port: scene.edge.ports.http });
      expect([offline.status, offline.headers["ngrok-error-code"]]).toEqual([404, "ERR_NGROK_3200"]);
      expect(performance.now() - killedAtMs).toBeLessThan(WAIT_LIMIT_MS);
    };
    await liveAndDie();
    const before = await scene.holdingsAtRest();
    for (let time = 0; time < TIMES; time += 1) await liveAndDie();
    await scene.expectNothingKept(before);
    await scene.expectServed();
  },
  FAULT_LIMIT_MS,
);

describe("an upstream", () => {
  const PROGRAM = join(import.meta.dir, "../support/dying-upstream.ts");
  let scene: FaultScene;
  let dying: Bun.Subprocess<"ignore", "pipe", "inherit">;
  let port = 0;

  async function start(): Promise<void> {
    dying = Bun.spawn([process.execPath, "--no-env-file", PROGRAM, String(port)], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    port = Number(await new LineReader(dying.stdout).find((line) => line));
  }

  beforeAll(async () => {
    await Bun.write(UPLOAD, new Uint8Array(UPLOAD_BYTES));
    await start();
    scene = await FaultScene.start({ upstream: `127.0.0.1:${port}` });
  }, FAULT_LIMIT_MS);
  afterAll(async () => {
    await scene[Symbol.asyncDispose]();
    dying.kill("SIGKILL");
  });

  /** Its exit code: 0 only when all seemed to be well. */
  async function seenByCurl(scheme: "http" | "https", ...args: readonly string[]): Promise<number> {
    const at = `${scheme}://${FAULT_HOST}:${scene.edge.ports[scheme]}`;
    const [path = "", ...more] = args;
    const usual = ["-sqNk", "-m", "20", "--noproxy", "*", "--connect-to", `${FAULT_HOST}::127.0.0.1:`];
    const curl = Bun.spawn(["curl", ...usual, ...more, `${at}${path}`], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
    });
    await new LineReader(curl.stdout).find((line) => (line === "half" ? true : undefined));
    if (more.includes("-T")) await settles(() => hasUnread(port), true);
    dying.kill("SIGKILL");
    return curl.exited;
  }

  test.each([
    ["of a length, over http", "http", ["/length"]],
    ["of a length, over https", "https", ["/length", "--http1.1"]],
    ["of a length, over HTTP/2", "https", ["/length", "--http2"]],
    ["in chunks, over http", "http", ["/chunked"]],
    ["in chunks, over HTTP/2", "https", ["/chunked", "--http2"]],
    ["up to its end, over http", "http", ["/close", "-T", UPLOAD]],
    ["up to its end, over HTTP/2", "https", ["/close", "--http2", "-T", UPLOAD]],
  ] as const)(
    "an upstream that is killed in the middle of a response %s leaves a cut, and the next one serves",
    async (_, scheme, args) => {
      const before = await scene.holdingsAtRest();
      // 18: part of the file, 55 and 56: reset, 92: stream of HTTP/2 reset.
      expect([18, 55, 56, 92]).toContain(await seenByCurl(scheme, ...args));
      const gone = await visit(FAULT_HOST, { port: scene.edge.ports.http });
      expect([gone.status, gone.headers["ngrok-error-code"]]).toEqual([502, "ERR_NGROK_8012"]);
      await start();
      const backAtMs = performance.now();
      await scene.expectServed();
      expect(performance.now() - backAtMs).toBeLessThan(RECOVERY_LIMIT_MS);
      await scene.expectNothingKept(before);
    },
    FAULT_LIMIT_MS,
  );
});

/**
 * Whether the kernel holds bytes that a connection of this local port has not read (proc_pid_net(5)). Then it resets the connection
 * when its process dies; otherwise it ends it, which for a response without a length is an end like any other (RFC 9112 section 8).
 */
function hasUnread(port: number): boolean {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  return readFileSync("/proc/net/tcp", "latin1")
    .split("\n")
    .some(
      (line) => line.includes(local) && /^ *\d+: \S+:\w+ \S+ 01 \w+:0*[1-9A-F]/.test(line) && line.indexOf(local) < 20,
    );
}
